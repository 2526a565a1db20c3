extension Column {
    /// A value as `CAST(… AS string)` spells it; `NULL` for null. For people, file names and the
    /// edges of the program, never for a row loop.
    package func text(_ row: Int) -> String {
        if isNull(row) { return "NULL" }
        var bytes: [UInt8] = []
        ValueText.append(self, row, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
