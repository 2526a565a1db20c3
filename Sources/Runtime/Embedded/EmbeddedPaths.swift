/// Where embedded things live under the project.
package enum EmbeddedPaths {
    /// `s3://bucket/key` → `.pipec/s3/bucket/key`, relative to the project; other paths unchanged.
    package static func folder(for path: String) -> String {
        guard path.hasPrefix("s3://") else { return path }
        return ".pipec/s3/" + path.dropFirst("s3://".count)
    }

    package static func keyValueTable(_ name: String) -> String { ".pipec/dynamodb/\(name).sqlite" }
    package static func queue(_ name: String) -> String { ".pipec/sqs/\(name).sqlite" }
}
