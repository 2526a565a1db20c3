extension DiagnosticCode {
    static let runCodes: [DiagnosticCode] = []
}
