/// A node of a YAML document, as written, with its place in the file.
public struct YAMLNode: Hashable, Sendable {
    public var kind: Kind
    /// The node without its anchor and tag; for a mapping or sequence, to the end of its last entry.
    public var span: SourceSpan
    /// An explicit tag such as `!!str`; `nil` where none stands.
    public var tag: String?

    public init(_ kind: Kind, span: SourceSpan, tag: String? = nil) {
        self.kind = kind
        self.span = span
        self.tag = tag
    }

    public indirect enum Kind: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        /// In the order written; keys are distinct. Merge keys (`<<`) are already merged in, the
        /// mapping's own keys first.
        case mapping([Entry])
    }

    public struct Entry: Hashable, Sendable {
        public var key: YAMLNode
        public var value: YAMLNode

        public init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    public struct Scalar: Hashable, Sendable {
        public enum Style: Hashable, Sendable {
            case plain, singleQuoted, doubleQuoted, literal, folded
        }
        /// The decoded value with the place of each of its bytes.
        public var source: SourceText
        public var style: Style

        public init(source: SourceText, style: Style) {
            self.source = source
            self.style = style
        }

        public var text: String { source.text }
    }
}

/// A value with the place where it was written.
public struct Spanned<Value: Hashable & Sendable>: Hashable, Sendable {
    public var value: Value
    public var span: SourceSpan

    public init(_ value: Value, _ span: SourceSpan) {
        self.value = value
        self.span = span
    }
}
