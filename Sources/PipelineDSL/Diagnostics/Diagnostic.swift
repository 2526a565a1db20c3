/// Something a user should know about what they wrote: stable code, exact place, reason, way out.
///
/// Diagnostics are data. Only a renderer (terminal, JSON, …) turns one into prose, so every format
/// says the same. In the compiler they are collected in a ``DiagnosticBag``, never thrown.
public struct Diagnostic: Hashable, Sendable, Codable {
    public enum Severity: String, Hashable, Sendable, Codable, Comparable {
        case note, warning, error

        private var rank: Int { self == .error ? 2 : self == .warning ? 1 : 0 }
        public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    }

    /// A span with a few words beside it.
    public struct Label: Hashable, Sendable, Codable {
        public var span: SourceSpan
        public var text: String

        public init(_ span: SourceSpan, _ text: String = "") {
            self.span = span
            self.text = text
        }
    }

    /// An edit that would mend the mistake.
    public struct Fix: Hashable, Sendable, Codable {
        public var title: String
        public var span: SourceSpan
        public var replacement: String

        public init(_ title: String, span: SourceSpan, replacement: String) {
            self.title = title
            self.span = span
            self.replacement = replacement
        }
    }

    public var code: DiagnosticCode
    public var severity: Severity
    /// One line, lower case at its start, no full stop, code in `backticks`.
    public var message: String
    /// What is underlined. `nil` only where nothing was written, such as a missing file.
    public var primary: Label?
    /// Other places that explain it: the first of two duplicates, the declaration of a type.
    public var secondary: [Label]
    /// Lines after the excerpt: what is allowed here, what to do.
    public var notes: [String]
    public var fix: Fix?

    public init(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, label: String = "",
        severity: Severity = .error, secondary: [Label] = [], notes: [String] = [], fix: Fix? = nil
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.primary = span.map { Label($0, label) }
        self.secondary = secondary
        self.notes = notes
        self.fix = fix
    }
}

/// Collects diagnostics in the order they are found and keeps each only once.
public struct DiagnosticBag: Sendable {
    public private(set) var all: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []

    public init() {}

    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    public mutating func add(_ diagnostic: Diagnostic) {
        if seen.insert(diagnostic).inserted { all.append(diagnostic) }
    }

    public mutating func add(contentsOf diagnostics: some Sequence<Diagnostic>) {
        for diagnostic in diagnostics { add(diagnostic) }
    }

    /// In order of file and position, as a reader of the file meets them; placeless ones first.
    public var sorted: [Diagnostic] {
        all.enumerated().sorted { a, b in
            let (x, y) = (a.element.primary?.span, b.element.primary?.span)
            let (fileX, fileY) = (x?.file ?? "", y?.file ?? "")
            if fileX != fileY { return fileX < fileY }
            let (offsetX, offsetY) = (x?.start.offset ?? -1, y?.start.offset ?? -1)
            return offsetX != offsetY ? offsetX < offsetY : a.offset < b.offset
        }.map(\.element)
    }
}
