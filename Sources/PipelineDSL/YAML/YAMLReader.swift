/// Reads one YAML document into a tree in which every value knows its place.
///
/// libyaml parses (YAML 1.1 with most of 1.2); what a spec may not hold is refused here with a
/// diagnostic: duplicate and composite keys, a second document, foreign tags, and whatever exceeds
/// ``Limits``. Plain scalars stay text: what they mean is decided where they are used.
public enum YAMLReader {
    /// Bounds on what a file may ask of the reader.
    public struct Limits: Sendable {
        public var bytes = 8 << 20
        public var depth = 100
        /// Nodes of the tree, those that aliases repeat included.
        public var nodes = 500_000

        public init() {}
    }

    /// The root is `nil` only where nothing could be read. After a syntax error it holds what was
    /// read up to there.
    public static func read(
        _ bytes: [UInt8], file: String, limits: Limits = Limits()
    ) -> (root: YAMLNode?, diagnostics: [Diagnostic]) {
        let lines = SourceLines(file: file, bytes: bytes)
        if let refusal = YAMLEncoding.refusal(of: lines, limits) { return (nil, [refusal]) }
        var builder = YAMLTreeBuilder(lines, limits, isStrict: true)
        let (documents, diagnostics) = builder.build()
        return (documents.first, diagnostics)
    }

    /// Every document of a stream as libyaml has it: any key, merge keys left as they are.
    package static func documents(
        _ bytes: [UInt8], file: String
    ) -> (documents: [YAMLNode], diagnostics: [Diagnostic]) {
        var builder = YAMLTreeBuilder(
            SourceLines(file: file, bytes: bytes), Limits(), isStrict: false)
        return builder.build()
    }
}
