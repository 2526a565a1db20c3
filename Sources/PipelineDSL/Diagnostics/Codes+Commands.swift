extension DiagnosticCode {
    static let commandCodes: [DiagnosticCode] = []
}
