import Foundation
import Runtime
import Testing

/// Where `pipec test` keeps its files.
@Suite struct ScratchFolderTests {
    @Test func whatNobodyUsesAnyMoreIsRemoved() throws {
        let root =
            FileManager.default.temporaryDirectory.path + "/pipec-scratch-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        func folder(_ name: String, lock: Bool) throws -> String {
            let path = "\(root)/\(name)"
            try FileManager.default.createDirectory(
                atPath: path + "/0/.pipec", withIntermediateDirectories: true)
            if lock {
                _ = FileManager.default.createFile(atPath: path + "/lock", contents: nil)
            }
            return path
        }
        func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
        // A process was killed: nobody holds its lock.
        let killed = try folder("pipec-test-4711-1", lock: true)
        // It may be about to take it.
        let beginning = try folder("pipec-test-4711-2", lock: false)
        let foreign = try folder("something-else", lock: true)
        let first = ScratchFolder(in: root)
        first.make()
        #expect(!exists(killed) && exists(beginning) && exists(foreign) && exists(first.path))
        let second = ScratchFolder(in: root)
        second.make()
        #expect(exists(first.path) && exists(second.path))
        first.remove()
        #expect(!exists(first.path) && exists(second.path))
        second.remove()
        #expect(!exists(second.path))
    }
}
