import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A stream on a disk without room says so, leaves nothing half done, and goes on with the same
/// command once there is room.
@Suite(.serialized) struct FullDiskTests {
    /// Disks can only be made by who may mount.
    static let mayMount: Bool = (try? SmallDisk.with(kilobytes: 64) { _ in }) != nil

    private static let run = ["run", "--mode", "streaming", "--until-idle", "--quiet"]

    /// The room that is left grows from run to run, so each finds the disk full at another place:
    /// while it opens its stores, in the epoch, before its commit is decided and after.
    @Test(
        .enabled(if: mayMount, "needs leave to mount a file system"),
        arguments: [KillVariant.files, .log, .queue])
    func aFullDiskStopsAndLosesNothing(_ variant: KillVariant) throws {
        try SmallDisk.with(kilobytes: 16 << 10) { try aFullDisk($0, variant) }
    }

    private func aFullDisk(_ disk: SmallDisk, _ variant: KillVariant) throws {
        let (full, whole) = (try KillScene(variant, in: disk.folder), try KillScene(variant))
        let feed = KillFeed(full, whole, seed: 1)
        var (stopped, decided, done) = (0, 0, 0)
        for step in 0..<24 {
            try feed.complete()
            // Sometimes there is enough.
            try disk.fill(leaving: step * 7 % 24 * 20)
            let result = try PipecBinary.run(Self.run, in: full.root)
            if result.status == 0 {
                done += 1
            } else {
                stopped += 1
                decided += full.hasRecord ? 1 : 0
                #expect(result.status == 1, "ended with \(result.status)")
                #expect(result.errors.contains("PIPE0690"), "\(result.errors)")
                #expect(result.errors.contains("make room"), "\(result.errors)")
            }
            try disk.free()
        }
        let found = try full.results()
        try feed.copy()
        for (what, text) in try whole.results() {
            let isSame = found[what] == text
            #expect(isSame, "\(what) differs after \(stopped) full disks")
        }
        #expect(full.leftovers == [])
        #expect(stopped >= 4 && done >= 1, "\(stopped) stopped, \(done) did not")
        print(
            "full disk, \(variant.name): \(stopped) runs stopped, \(decided) of them decided; \(done) found room"
        )
    }

    @Test(.enabled(if: mayMount, "needs leave to mount a file system"))
    func whatFeedsItIsToldToo() throws {
        try SmallDisk.with(kilobytes: 2 << 10, whatFeedsIt)
    }

    private func whatFeedsIt(_ disk: SmallDisk) throws {
        let scene = try KillScene(.queue, in: disk.folder)
        let text = (0..<4000).map { "{\"mid\":\"\($0)\",\"id\":\($0)}\n" }.joined()
        try text.write(toFile: scene.root + "/fed/all", atomically: false, encoding: .utf8)
        try disk.fill(leaving: 100)
        let fed = try PipecBinary.run(["feed", "events", "fed/all"], in: scene.root)
        #expect(fed.status == 1 && fed.errors.contains("PIPE0690"), "\(fed.errors)")
        try disk.free()
        // All of it or nothing.
        #expect(try scene.pipec(["peek", "events"]).isEmpty)
        #expect(
            try scene.pipec(["feed", "events", "fed/all"]).contains("4,000 messages"))
    }

    /// Needs nobody's leave: no file may grow beyond a size.
    @Test(arguments: [KillVariant.files, .log])
    func aLimitOfTheFileSizeIsSaidAndNotFatal(_ variant: KillVariant) throws {
        let (limited, whole) = (try KillScene(variant), try KillScene(variant))
        let feed = KillFeed(limited, whole, seed: 1)
        for _ in 0..<3 { try feed.complete() }
        let path = try #require(PipecBinary.path, "pipec is not built")
        for kilobytes in [0, 1, 2, 4, 8, 16, 64] {
            // In units of 512 bytes (POSIX).
            let command = "ulimit -f \(kilobytes * 2); exec \"$0\" \"$@\""
            let result = try PipecBinary.execute(
                "/bin/sh", ["-c", command, path] + Self.run, in: limited.root)
            // What the test catches the output in is a file, too: without room it is cut.
            #expect(
                result.status == 0 || kilobytes < 2 || result.errors.contains("PIPE0690"),
                "\(kilobytes) KiB: \(result.status) \(result.errors)")
            #expect([0, 1].contains(result.status), "\(kilobytes) KiB: \(result.status)")
        }
        let found = try limited.results()
        try feed.copy()
        for (what, text) in try whole.results() {
            let isSame = found[what] == text
            #expect(isSame, "\(what) differs")
        }
    }
}

private struct CannotMount: Error {}

/// A file system of its own, in memory, that can be filled up.
private final class SmallDisk {
    let folder: String

    private init(kilobytes: Int) throws {
        folder = FileManager.default.temporaryDirectory.path + "/pipec-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let mounted = try? PipecBinary.execute(
            "/usr/bin/env",
            ["mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder], in: "/")
        guard mounted?.status == 0 else {
            rmdir(folder)
            throw CannotMount()
        }
    }

    /// Makes one for as long as `body` takes.
    static func with(kilobytes: Int, _ body: (SmallDisk) throws -> Void) throws {
        let disk = try SmallDisk(kilobytes: kilobytes)
        defer {
            _ = try? PipecBinary.execute("/usr/bin/env", ["umount", "-l", disk.folder], in: "/")
            rmdir(disk.folder)
        }
        try body(disk)
    }

    private var ballast: String { folder + "/ballast" }

    /// Leaves about so much room, in units of 1024 bytes.
    func fill(leaving kilobytes: Int) throws {
        var info = statvfs()
        guard statvfs(folder, &info) == 0 else { return }
        let free = Int(info.f_bavail) * Int(info.f_frsize)
        let bytes = [UInt8](repeating: 1, count: max(0, free - kilobytes << 10))
        _ = FileManager.default.createFile(atPath: ballast, contents: Data(bytes))
    }

    func free() throws { try FileManager.default.removeItem(atPath: ballast) }
}
