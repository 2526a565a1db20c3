import CLibYAML

/// The event level: libyaml's own events, nothing added and nothing refused.
package enum YAMLEvents {
    /// Calls `visit` for each event until it returns `false` or the stream ends.
    ///
    /// The bytes must be UTF-8. `nil` if libyaml accepts them as far as they were visited.
    package static func visit(
        _ lines: SourceLines, _ visit: (YAMLEvent) -> Bool
    ) -> YAMLFailure? {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else { return .outOfMemory }
        defer { yaml_parser_delete(parser) }
        return lines.bytes.withUnsafeBufferPointer { bytes in
            let text = UnsafeBufferPointer(rebasing: bytes[lines.markLength...])
            var nothing: UInt8 = 0
            return withUnsafePointer(to: &nothing) { nothing in
                yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
                // An empty array has no base address, and libyaml asserts that there is one.
                yaml_parser_set_input_string(parser, text.baseAddress ?? nothing, text.count)
                return pump(parser, lines, visit)
            }
        }
    }

    /// Every event of a small file, for tests.
    package static func all(_ bytes: [UInt8]) -> (events: [YAMLEvent], failure: YAMLFailure?) {
        var events: [YAMLEvent] = []
        let failure = visit(SourceLines(file: "", bytes: bytes)) {
            events.append($0)
            return true
        }
        return (events, failure)
    }

    private static func pump(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ lines: SourceLines,
        _ visit: (YAMLEvent) -> Bool
    ) -> YAMLFailure? {
        let raw = UnsafeMutablePointer<yaml_event_t>.allocate(capacity: 1)
        defer { raw.deallocate() }
        while true {
            guard yaml_parser_parse(parser, raw) == 1 else {
                return YAMLFailure(parser.pointee, lines)
            }
            defer { yaml_event_delete(raw) }
            guard let event = YAMLEvent(raw.pointee, lines) else { return nil }
            guard visit(event), event.kind != .streamEnd else { return nil }
        }
    }
}

extension YAMLEvent {
    /// `nil` for libyaml's empty event, which follows the end of the stream.
    fileprivate init?(_ raw: yaml_event_t, _ lines: SourceLines) {
        let data = raw.data
        switch raw.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT:
            kind = .documentStart(isExplicit: data.document_start.implicit == 0)
        case YAML_DOCUMENT_END_EVENT:
            kind = .documentEnd(isExplicit: data.document_end.implicit == 0)
        case YAML_ALIAS_EVENT: kind = .alias(text(data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let value = UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length)
            kind = .scalar(String(decoding: value, as: UTF8.self), .init(data.scalar.style))
            anchor = text(data.scalar.anchor)
            tag = text(data.scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart(isFlow: data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
            anchor = text(data.sequence_start.anchor)
            tag = text(data.sequence_start.tag)
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart(isFlow: data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
            anchor = text(data.mapping_start.anchor)
            tag = text(data.mapping_start.tag)
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: return nil
        }
        let start = lines.offset(ofScalar: raw.start_mark.index)
        let end =
            raw.end_mark.index == raw.start_mark.index
            ? start : lines.offset(ofScalar: raw.end_mark.index)
        marked = start..<max(start, end)
    }
}

extension YAMLNode.Scalar.Style {
    fileprivate init(_ style: yaml_scalar_style_t) {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: self = .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: self = .literal
        case YAML_FOLDED_SCALAR_STYLE: self = .folded
        default: self = .plain
        }
    }
}

extension YAMLFailure {
    fileprivate static let outOfMemory = YAMLFailure(
        problem: "out of memory", context: "", problemOffset: 0, contextOffset: nil)

    fileprivate init(_ parser: yaml_parser_t, _ lines: SourceLines) {
        problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
        context = parser.context.map { String(cString: $0) } ?? ""
        if parser.error == YAML_READER_ERROR {
            problemOffset = min(lines.markLength + parser.problem_offset, lines.bytes.count)
            contextOffset = nil
        } else {
            problemOffset = lines.offset(ofScalar: parser.problem_mark.index)
            contextOffset =
                parser.context == nil ? nil : lines.offset(ofScalar: parser.context_mark.index)
        }
    }
}

private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
}
