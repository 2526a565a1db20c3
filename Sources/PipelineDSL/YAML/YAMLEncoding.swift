/// Whether the bytes of a file are text that libyaml should see.
enum YAMLEncoding {
    static func refusal(of lines: SourceLines, _ limits: YAMLReader.Limits) -> Diagnostic? {
        let bytes = lines.bytes
        guard bytes.count <= limits.bytes else { return tooLarge(lines, limits) }
        if let name = utf16Name(bytes) { return notUTF8(lines, name) }
        var at = lines.markLength
        while at < bytes.count {
            if bytes[at] >= 0x20, bytes[at] < 0x7F {
                at += 1
                continue
            }
            guard let scalar = scalar(bytes, at) else { return invalidByte(lines, at) }
            if !isPrintable(scalar) { return control(lines, at, scalar) }
            at += UTF8.width(scalar)
        }
        return nil
    }

    private static func utf16Name(_ bytes: [UInt8]) -> String? {
        switch (bytes.first, bytes.dropFirst().first) {
        case (0xFF, 0xFE): "UTF-16 (little endian)"
        case (0xFE, 0xFF): "UTF-16 (big endian)"
        case (.some(let first), 0) where first > 0: "UTF-16 (little endian)"
        case (0, .some(let second)) where second > 0: "UTF-16 (big endian)"
        default: nil
        }
    }

    /// The well-formed scalar at an offset (Unicode 16, table 3-7).
    private static func scalar(_ bytes: [UInt8], _ at: Int) -> Unicode.Scalar? {
        var decoder = UTF8()
        var rest = bytes[at..<min(at + 4, bytes.count)].makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&rest) { return scalar }
        return nil
    }

    /// YAML 1.2.2 § 5.1; a byte order mark inside the file is left to libyaml.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }

    private static func tooLarge(_ lines: SourceLines, _ limits: YAMLReader.Limits) -> Diagnostic {
        Diagnostic(
            .yamlTooLarge,
            "\(lines.file) is \(lines.bytes.count) bytes long, more than the \(limits.bytes) allowed",
            at: .file(lines.file),
            notes: ["data belongs in a file that a source reads; large specs can use `include:`"])
    }

    private static func notUTF8(_ lines: SourceLines, _ name: String) -> Diagnostic {
        Diagnostic(
            .yamlNotUTF8, "\(lines.file) is \(name), not UTF-8", at: .file(lines.file),
            notes: ["save the file as UTF-8, for instance with `iconv -f UTF-16 -t UTF-8`"])
    }

    private static func invalidByte(_ lines: SourceLines, _ at: Int) -> Diagnostic {
        let hex = String(lines.bytes[at], radix: 16, uppercase: true)
        return Diagnostic(
            .yamlNotUTF8, "the byte 0x\(hex) is not UTF-8", at: lines.span(at, at + 1),
            notes: ["save the file as UTF-8; it may be Latin-1 or Windows-1252 now"])
    }

    private static func control(
        _ lines: SourceLines, _ at: Int, _ scalar: Unicode.Scalar
    ) -> Diagnostic {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let hex = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return Diagnostic(
            .yamlControlCharacter, "the control character U+\(hex) is not allowed in YAML",
            at: lines.span(at, at + UTF8.width(scalar)),
            notes: ["in a double-quoted string write it as \"\\u\(hex)\""])
    }
}
