#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A mutex with a condition, for the few places where a worker waits. Everything they protect is
/// touched once a batch.
package final class Monitor: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        condition.deallocate()
    }

    @inline(__always)
    package func locked<R>(_ body: () throws -> R) rethrows -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Only inside `locked`.
    package func wait() { pthread_cond_wait(condition, mutex) }
    package func signalAll() { pthread_cond_broadcast(condition) }
    package func signalOne() { pthread_cond_signal(condition) }
}
