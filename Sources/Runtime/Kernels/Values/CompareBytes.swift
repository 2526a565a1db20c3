#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@inline(__always)
func compareBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Int {
    Int(memcmp(a, b, count))
}
