import PipelineDSL

/// Encodes rows into files of one format, in two halves: encoding is pure and runs in parallel,
/// appending is serial and only moves bytes.
package protocol FileEncoder: Sendable {
    /// With the point: `.parquet`.
    var fileExtension: String { get }
    /// Rows that one encoded piece should have.
    var groupRows: Int { get }
    func encode(_ batches: [Batch]) throws -> any Sendable
    func makeFile(_ path: String) throws -> any EncodedFile
}

/// A file that encoded pieces are appended to.
package protocol EncodedFile: AnyObject {
    func append(_ piece: any Sendable) throws
    /// Completes and synchronises the file; its bytes.
    func finish() throws -> Int
}
