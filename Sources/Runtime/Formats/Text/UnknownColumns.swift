import PipelineDSL

/// `unknown_columns: reject` for files that say their columns themselves: the whole file is then
/// not what the contract promises, as where a column is missing.
enum UnknownColumns {
    static func refuse(_ unknown: [String], in object: String, known: [String]) throws {
        guard let first = unknown.first else { return }
        var notes = ["columns of the contract: \(known.prefix(24).joined(separator: ", "))"]
        if let near = nearName(first, among: known) {
            notes.append("is it `\(near)`? map it: `rename: { \(first): \(near) }`")
        }
        notes.append("`unknown_columns: drop` leaves such columns out")
        let names = unknown.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
        throw RunError(
            .unknownInputColumn,
            "`\(object)` has columns that the contract does not know: \(names)", notes: notes)
    }
}
