import PipelineDSL
import Planner

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Earlier versions of the objects in an embedded bucket that keeps them.
///
/// They stand in `.pipec/s3/.versions/<bucket>/<key>/<version>`, as second names of the files they
/// were before something took their place; that folder's presence is what makes a bucket keep them.
package enum ObjectVersions {
    private static let root = "/.pipec/s3/"
    private static let folder = ".versions"

    package struct Version: Hashable, Sendable {
        package var key: String
        /// Of an earlier version, newer ones sort later; `nil` for the object as it is.
        package var id: String?
        package var bytes: Int64
        /// Microseconds since 1970.
        package var modified: Int64
        /// Absolute.
        package var path: String
    }

    /// Makes the bucket of a binding keep versions where it says so.
    static func enable(_ binding: BindingPlan, _ project: ProjectDirectory) throws {
        guard binding.connector == "s3", binding.isEmbedded,
            binding.settings["versions"] == .boolean(true),
            case .string(let bucket) = binding.settings["bucket"]
        else { return }
        try Files.makeDirectory(
            project.resolve(".pipec/s3/\(folder)/\(EmbeddedPaths.component(bucket))"))
    }

    /// Keeps what stands at an absolute path, a file or a folder of them, where its bucket keeps
    /// versions; before it is replaced or removed. May be repeated.
    static func keep(_ path: String) throws {
        guard let place = Place(path), Files.isDirectory(place.versions), Files.exists(path) else {
            return
        }
        guard Files.isDirectory(path) else { return try keep(path, place) }
        for name in Files.walk(path) where Files.lastComponent(name) != TableManifest.fileName {
            if let place = Place(path + "/" + name) { try keep(path + "/" + name, place) }
        }
    }

    private static func keep(_ path: String, _ place: Place) throws {
        let folder = "\(place.versions)/\(place.key)"
        try Files.makeDirectory(folder)
        let target = "\(folder)/\(try version(of: path))"
        guard link(path, target) != 0, errno != EEXIST else { return }
        throw Files.failure("\(target), an earlier version of an object, cannot be written")
    }

    /// By when it was written, and which file it is: the same for whoever asks.
    private static func version(of path: String) throws -> String {
        var info = stat()
        guard lstat(path, &info) == 0, let modified = Files.modificationTime(path) else {
            throw Files.failure("\(path) cannot be read")
        }
        let digits = String(max(0, modified))
        return String(repeating: "0", count: max(0, 17 - digits.count)) + digits + "-"
            + String(UInt64(info.st_ino), radix: 16)
    }

    /// Objects below an absolute folder of a bucket, each with its earlier versions, newest first.
    package static func list(_ path: String) -> [Version] {
        guard let place = Place(path + "/.") else { return [] }
        let prefix = place.key == "." ? "" : String(place.key.dropLast(2)) + "/"
        var found = Files.walk(path).filter { Files.lastComponent($0) != TableManifest.fileName }
            .compactMap { stamp(prefix + $0, id: nil, path + "/" + $0) }
        let kept = place.versions + "/" + prefix
        for name in Files.walk(kept) {
            guard let slash = name.lastIndex(of: "/") else { continue }
            if let version = stamp(
                prefix + name[..<slash], id: String(name[name.index(after: slash)...]), kept + name)
            {
                found.append(version)
            }
        }
        return found.sorted { a, b in
            a.key == b.key ? (a.id ?? "~") > (b.id ?? "~") : a.key < b.key
        }
    }

    private static func stamp(_ key: String, id: String?, _ path: String) -> Version? {
        guard let bytes = Files.size(path), let modified = Files.modificationTime(path) else {
            return nil
        }
        return Version(key: key, id: id, bytes: bytes, modified: modified, path: path)
    }

    /// Where an absolute path lies in its bucket.
    private struct Place {
        /// The folder of the bucket's versions, absolute.
        var versions: String
        var key: String

        init?(_ path: String) {
            guard let found = path.firstRange(of: ObjectVersions.root) else { return nil }
            let parts = path[found.upperBound...].split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[0] != ObjectVersions.folder else { return nil }
            versions = path[..<found.upperBound] + "\(ObjectVersions.folder)/\(parts[0])"
            key = String(parts[1])
        }
    }
}
