import PipelineDSL

/// Where embedded things live under the project. Names out of a spec or a plan become parts of
/// paths here and nowhere else, and none of them leads out of its folder.
package enum EmbeddedPaths {
    package static func keyValueTable(_ name: String) -> String {
        ".pipec/dynamodb/\(component(name)).sqlite"
    }

    package static func queue(_ name: String) -> String { ".pipec/sqs/\(component(name)).sqlite" }

    package static func warehouse(schema: String, table: String) -> String {
        ".pipec/redshift/\(component(schema))/\(component(table))/"
    }

    package static let cache = ".pipec/redis/cache.sqlite"

    package static func stream(_ name: String) -> String { ".pipec/kinesis/\(component(name))" }

    /// The log behind the listener of an `http` source.
    package static func ingest(_ node: String) -> String { ".pipec/http/\(component(node))" }

    /// What its quotas have counted.
    static func ingestUsage(_ node: String) -> String {
        ".pipec/http/\(component(node)).usage.json"
    }

    package static func bucket(_ name: String) -> String { ".pipec/s3/\(component(name))" }

    /// The file or folder of an object, or the pattern over them: `.pipec/s3/<bucket>/<key>`.
    ///
    /// Throws where the key is no path below its bucket.
    package static func object(bucket: String, key: String) throws -> String {
        if let fault = keyFault(key) {
            throw RunError(
                .unsafeName, "the key `\(printable(key))` \(fault)",
                notes: ["a key is `folder/name`, below its bucket"])
        }
        return self.bucket(bucket) + "/" + key
    }

    /// A path of the spec, which may lie anywhere the user says.
    package static func file(_ path: String) throws -> String {
        guard path.utf8.contains(0) else { return path }
        throw RunError(.unsafeName, "the path `\(printable(path))` holds a NUL character")
    }

    /// What keeps a key from being a path below its bucket; `nil` where nothing does.
    static func keyFault(_ key: String) -> String? {
        if key.utf8.contains(0) { return "holds a NUL character" }
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            // A slash at the end makes it a folder.
            if part.isEmpty && (index < parts.count - 1 || parts.count == 1) {
                return key.isEmpty ? "is empty" : "has an empty part"
            }
            if part == "." || part == ".." { return "has the relative part `\(part)`" }
        }
        return nil
    }

    /// A name as one part of a path: letters, digits, `.`, `_`, `-` and what is not ASCII stand for
    /// themselves, everything else and a dot at the start is percent-encoded (RFC 3986). Different
    /// names stay different, and plain ones as they are.
    package static func component(_ name: String) -> String {
        var result: [UInt8] = []
        for (index, byte) in name.utf8.enumerated() {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x5F || byte >= 0x80
                || (byte == 0x2E && index > 0)
            if isPlain {
                result.append(byte)
            } else {
                result.append(0x25)
                result.append(hexDigits[Int(byte >> 4)])
                result.append(hexDigits[Int(byte & 15)])
            }
        }
        // No other name is encoded so: a `%` always has two digits after it.
        return result.isEmpty ? "%" : String(decoding: result, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    /// For a message.
    private static func printable(_ text: String) -> String {
        String(text.prefix(200).map { $0.isASCII && ($0.asciiValue ?? 0) < 0x20 ? "\u{FFFD}" : $0 })
    }
}
