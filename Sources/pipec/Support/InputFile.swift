import Foundation
import PipelineDSL
import Runtime

/// Files that the command line names.
enum InputFile {
    /// - Throws: a ``RunError`` with the system's reason.
    static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        let reason = String(cString: strerror(errno))
        guard descriptor >= 0 else {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw failure(path, isThere ? [reason] : ["there is no such file"] + near(path))
        }
        defer { close(descriptor) }
        if isFolder(path) { throw failure(path, ["it is a folder"]) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do { return [UInt8](try file.readToEnd() ?? Data()) } catch {
            throw failure(path, [String(cString: strerror(errno))])
        }
    }

    private static func failure(_ path: String, _ notes: [String]) -> RunError {
        RunError(.unreadableFile, "\(path) cannot be read", notes: notes)
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// A file of nearly that name, as a note.
    static func near(_ path: String) -> [String] {
        let folder = (path as NSString).deletingLastPathComponent
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder))
            ?? []
        guard let near = nearName((path as NSString).lastPathComponent, among: names.sorted())
        else { return [] }
        return ["did you mean `\(folder.isEmpty ? near : folder + "/" + near)`?"]
    }
}
