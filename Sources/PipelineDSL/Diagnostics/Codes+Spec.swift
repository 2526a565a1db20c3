extension DiagnosticCode {
    static let specCodes: [DiagnosticCode] = []
}
