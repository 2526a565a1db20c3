/// Diagnostics for programs: ranges with line and column (from 1, in Unicode scalars) and byte
/// (from 0), the end exclusive.
public enum JSONRenderer {
    public static func render(_ diagnostics: [Diagnostic]) -> String {
        let counts = JSONText.object(
            [Diagnostic.Severity.error, .warning, .note].map { severity in
                let count = diagnostics.count { $0.severity == severity }
                return .init("\(severity.rawValue)s", .integer(Int64(count)))
            })
        let document = JSONText.object([
            .init("format_version", .integer(1)),
            .init("diagnostics", .array(diagnostics.map(json))),
            .init("summary", counts),
        ])
        return document.pretty() + "\n"
    }

    private static func json(_ diagnostic: Diagnostic) -> JSONText {
        var members: [JSONText.Member] = [
            .init("code", .string(diagnostic.code.description)),
            .init("severity", .string(diagnostic.severity.rawValue)),
            .init("message", .string(diagnostic.message)),
        ]
        if let primary = diagnostic.primary {
            members += place(primary.span)
            members.append(.init("label", .string(primary.text)))
        }
        members.append(
            .init(
                "labels",
                .array(
                    diagnostic.secondary.map {
                        .object(place($0.span) + [.init("label", .string($0.text))])
                    })))
        members.append(.init("notes", .array(diagnostic.notes.map { .string($0) })))
        if let fix = diagnostic.fix {
            members.append(
                .init(
                    "fix",
                    .object(
                        [.init("title", .string(fix.title))] + place(fix.span)
                            + [.init("replacement", .string(fix.replacement))])))
        }
        return .object(members)
    }

    private static func place(_ span: SourceSpan) -> [JSONText.Member] {
        [
            .init("file", .string(span.file)),
            .init(
                "range",
                .object([
                    .init("start", position(span.start)), .init("end", position(span.end)),
                ])),
        ]
    }

    private static func position(_ position: SourcePosition) -> JSONText {
        .object([
            .init("line", .integer(Int64(position.line))),
            .init("column", .integer(Int64(position.column))),
            .init("byte", .integer(Int64(position.offset))),
        ])
    }
}
