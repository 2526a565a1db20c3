/// Which mistakes only follow from another one, and are not worth a word.
struct CascadeFilter {
    /// Where files were cut short by a syntax error.
    private var ends: [String: SourcePosition] = [:]
    /// Places of aliases that stand for nothing.
    private var holes: [SourceSpan] = []

    /// What is said of something that is not there.
    private static let absences: Set<DiagnosticCode> = [
        .missingSetting, .emptySetting, .noConnector, .transformBody, .emptySpec,
    ]

    init(_ loader: SpecLoader) {
        for file in loader.files { ends[file.name] = file.truncatedAt }
        holes = loader.diagnostics.filter {
            $0.code == .yamlUnknownAlias || $0.code == .yamlRecursiveAlias
        }.compactMap { $0.primary?.span }
    }

    func hides(_ diagnostic: Diagnostic) -> Bool {
        guard !diagnostic.code.isYAML, let span = diagnostic.primary?.span else { return false }
        let isAbsence = Self.absences.contains(diagnostic.code)
        // What is missing may stand in the part that could not be read, here or in another file.
        if isAbsence, !ends.isEmpty { return true }
        // What goes up to the mistake may have been read together with it.
        if let end = ends[span.file], span.end > end { return true }
        return isAbsence
            && holes.contains {
                $0.file == span.file && $0.start.line <= span.end.line
                    && span.start.line <= $0.end.line
            }
    }
}

extension DiagnosticCode {
    var isYAML: Bool { (1...99).contains(number) }

    /// Whether the rest of the file after it could not be read.
    var isYAMLSyntax: Bool {
        (1...9).contains(number) || self == .yamlBlockHeader || self == .yamlTooDeep
            || self == .yamlTooManyNodes
    }
}
