/// What libyaml reports of a document, with places as byte offsets into the file.
package struct YAMLEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case streamStart, streamEnd
        /// Explicit with `---`.
        case documentStart(isExplicit: Bool)
        /// Explicit with `...`.
        case documentEnd(isExplicit: Bool)
        case alias(String)
        case scalar(String, YAMLNode.Scalar.Style)
        case sequenceStart(isFlow: Bool)
        case sequenceEnd
        case mappingStart(isFlow: Bool)
        case mappingEnd
    }

    package var kind: Kind
    package var anchor: String?
    /// Resolved: `tag:yaml.org,2002:str` for `!!str`.
    package var tag: String?
    /// As libyaml marks it: properties (anchor, tag) included, a block scalar's end past its text.
    package var marked: Range<Int>
}

/// Why libyaml stopped.
package struct YAMLFailure: Hashable, Sendable {
    /// `did not find expected key`
    package var problem: String
    /// `while parsing a block mapping`
    package var context: String
    /// Byte offsets of both.
    package var problemOffset: Int
    package var contextOffset: Int?
}
