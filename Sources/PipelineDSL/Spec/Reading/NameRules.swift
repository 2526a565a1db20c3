/// How a declared thing may be called.
enum NameRule {
    /// `snake_case`
    case snake
    /// `zone.table`, or `snake_case`
    case table
    /// kebab-case
    case pipeline
    /// `local`, `aws-prod`
    case profile

    func allows(_ name: String) -> Bool {
        switch self {
        case .snake: Self.isWord(name, separator: "_")
        case .table:
            Self.parts(name).count <= 2
                && Self.parts(name).allSatisfy { Self.isWord(String($0), separator: "_") }
        case .pipeline: Self.isWord(name, separator: "-")
        case .profile:
            Self.isWord(name, separator: "-") || Self.isWord(name, separator: "_")
        }
    }

    var described: String {
        switch self {
        case .snake: "lower-case letters, digits and `_`, such as `daily_activity`"
        case .table: "`zone.table`, or one name of lower-case letters, digits and `_`"
        case .pipeline: "lower-case letters, digits and `-`, such as `fleet-telemetry`"
        case .profile: "lower-case letters, digits and `-`"
        }
    }

    /// The nearest name that is allowed; `nil` if nothing of it could be kept.
    func mended(_ name: String) -> String? {
        let separator: Character = self == .pipeline || self == .profile ? "-" : "_"
        let parts = self == .table ? Self.parts(name).suffix(2).map(String.init) : [name]
        let mended = parts.map { Self.words(in: $0).joined(separator: String(separator)) }
            .joined(separator: ".")
        return allows(mended) && mended != name ? mended : nil
    }

    private static func parts(_ name: String) -> [Substring] {
        name.split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func isWord(_ name: String, separator: Character) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 128 else { return false }
        let isStart = (0x61...0x7A).contains(first) || (separator == "_" && first == 0x5F)
        return isStart
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
                    || $0 == separator.asciiValue
            }
    }

    /// `VehicleFiles v2` → vehicle, files, v2
    private static func words(in name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previous: Character = " "
        for character in name {
            let startsWord = character.isUppercase && (previous.isLowercase || previous.isNumber)
            if !character.isASCII || !(character.isLetter || character.isNumber) || startsWord {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if character.isASCII, character.isLetter || character.isNumber {
                word += character.lowercased()
            }
            previous = character
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}

/// Names declared so far, by namespace: nodes share one, contracts, stages and so on have theirs.
struct DeclaredNames {
    private var seen: [String: [String: (span: SourceSpan, what: String)]] = [:]

    /// The earlier declaration, if there is one.
    mutating func declare(
        _ name: Spanned<String>, _ what: String, in space: String
    ) -> (span: SourceSpan, what: String)? {
        if let earlier = seen[space]?[name.value] { return earlier }
        seen[space, default: [:]][name.value] = (name.span, what)
        return nil
    }

    func all(in space: String) -> [String] { (seen[space] ?? [:]).keys.sorted() }
}

extension SpecBuilder {
    /// `false`, with a diagnostic, if the name is taken. A name of the wrong shape is reported and
    /// declared all the same, so that references to it do not fail as well.
    mutating func declare(
        _ name: Spanned<String>, _ what: String, _ rule: NameRule = .snake, in space: String? = nil
    ) -> Bool {
        check(name, rule)
        if space == "node", ["input", "dead_letters"].contains(name.value) {
            reader.diagnostics.add(
                Diagnostic(
                    .reservedName, "`\(name.value)` has a meaning of its own", at: name.span,
                    notes: [
                        "`input` is the relation a `sql` step reads, `dead_letters` that of "
                            + "rejected rows"
                    ]))
        }
        guard let earlier = names.declare(name, what, in: space ?? what) else { return true }
        reader.diagnostics.add(
            Diagnostic(
                .duplicateName, "there is already a \(earlier.what) `\(name.value)`", at: name.span,
                label: "\(what) `\(name.value)`",
                secondary: [.init(earlier.span, "declared here first")],
                notes: earlier.what == what
                    ? [] : ["sources, zones, transforms and sinks share one set of names"]))
        return false
    }

    mutating func check(_ name: Spanned<String>, _ rule: NameRule) {
        guard !rule.allows(name.value) else { return }
        let mended = rule.mended(name.value)
        reader.diagnostics.add(
            Diagnostic(
                .badName, "`\(name.value)` cannot be a name here", at: name.span,
                label: mended.map { "write `\($0)`" } ?? "",
                notes: ["names are \(rule.described)"],
                fix: mended.map { .init("write `\($0)`", span: name.span, replacement: $0) }))
    }
}
