import PipelineDSL
import Testing

/// What must hold of every span the reader makes.
enum SpanChecks {
    static func check(
        _ node: YAMLNode, _ bytes: [UInt8], exact: Bool = false, _ comment: Comment
    ) {
        isInside(node.span, bytes, comment)
        switch node.kind {
        case .scalar(let scalar): check(scalar.source, bytes, exact: exact, comment)
        case .sequence(let items):
            for item in items { check(item, bytes, exact: exact, comment) }
        case .mapping(let entries):
            for entry in entries {
                check(entry.key, bytes, exact: exact, comment)
                check(entry.value, bytes, exact: exact, comment)
            }
        }
    }

    /// In the file, in order, on the line and in the column that its offset has.
    static func isInside(_ span: SourceSpan, _ bytes: [UInt8], _ comment: Comment) {
        #expect(span.start.offset >= 0 && span.start.offset <= span.end.offset, comment)
        #expect(span.end.offset <= bytes.count, comment)
        #expect(span.start.line >= 1 && span.start.column >= 1, comment)
        let lines = SourceLines(file: span.file, bytes: bytes)
        #expect(lines.position(span.start.offset) == span.start, comment)
        #expect(lines.position(span.end.offset) == span.end, comment)
    }

    private static func check(
        _ source: SourceText, _ bytes: [UInt8], exact: Bool, _ comment: Comment
    ) {
        let decoded = Array(source.text.utf8)
        #expect(source.segments.first?.decodedOffset == 0, comment)
        for (index, segment) in source.segments.enumerated() {
            let end =
                index + 1 < source.segments.count
                ? source.segments[index + 1].decodedOffset : decoded.count
            #expect(segment.decodedOffset < end || decoded.isEmpty, comment)
            guard segment.end == nil, segment.decodedOffset < end else { continue }
            let length = end - segment.decodedOffset
            let start = segment.position.offset
            guard start + length <= bytes.count else {
                Issue.record("a segment outside of the file: \(comment)")
                continue
            }
            #expect(
                bytes[start..<(start + length)].elementsEqual(decoded[segment.decodedOffset..<end]),
                comment)
        }
        guard exact, let only = source.segments.first, source.segments.count == 1 else { return }
        // One segment for all of a longer text is what the fallback looks like.
        #expect(only.end == nil || decoded.count <= 4, comment)
    }
}
