extension DiagnosticCode {
    public static let yamlSyntax = DiagnosticCode(1, "not YAML", "")
    public static let yamlTab = DiagnosticCode(2, "tab in indentation", "")
    public static let yamlUnclosedQuote = DiagnosticCode(3, "quote never closed", "")
    public static let yamlUnclosedBracket = DiagnosticCode(4, "brackets do not match", "")
    public static let yamlColonInText = DiagnosticCode(5, "colon in unquoted text", "")
    public static let yamlIndentation = DiagnosticCode(6, "lines do not line up", "")
    public static let yamlEscape = DiagnosticCode(7, "unknown escape", "")
    public static let yamlReservedCharacter = DiagnosticCode(8, "text starts with a sign", "")
    public static let yamlMissingColon = DiagnosticCode(9, "key without colon", "")
    public static let yamlNotUTF8 = DiagnosticCode(10, "not UTF-8", "")
    public static let yamlControlCharacter = DiagnosticCode(11, "control character", "")
    public static let yamlTooLarge = DiagnosticCode(12, "file too large", "")
    public static let yamlDuplicateKey = DiagnosticCode(13, "duplicate key", "")
    public static let yamlCompositeKey = DiagnosticCode(14, "key that is not text", "")
    public static let yamlSeveralDocuments = DiagnosticCode(15, "more than one document", "")
    public static let yamlTooDeep = DiagnosticCode(16, "nested too deep", "")
    public static let yamlTooManyNodes = DiagnosticCode(17, "too many values", "")
    public static let yamlUnknownAlias = DiagnosticCode(18, "alias without anchor", "")
    public static let yamlRecursiveAlias = DiagnosticCode(19, "value that holds itself", "")
    public static let yamlBadMerge = DiagnosticCode(20, "merge of something else", "")
    public static let yamlUnknownTag = DiagnosticCode(21, "unknown tag", "")
    public static let yamlBlockHeader = DiagnosticCode(22, "text block header", "")

    static let yamlCodes: [DiagnosticCode] = [
        yamlSyntax, yamlTab, yamlUnclosedQuote, yamlUnclosedBracket, yamlColonInText,
        yamlIndentation, yamlEscape, yamlReservedCharacter, yamlMissingColon, yamlNotUTF8,
        yamlControlCharacter, yamlTooLarge, yamlDuplicateKey, yamlCompositeKey,
        yamlSeveralDocuments, yamlTooDeep, yamlTooManyNodes, yamlUnknownAlias, yamlRecursiveAlias,
        yamlBadMerge, yamlUnknownTag, yamlBlockHeader,
    ]
}
