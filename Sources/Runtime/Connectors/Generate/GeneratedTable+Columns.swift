import PipelineDSL

/// How single columns are made.
extension GeneratedTable {
    /// - Parameters:
    ///   - kinds: of each row its kind, where there is a mix.
    ///   - others: the columns of the schema, of which those that walks go by are made.
    func make(
        _ column: MadeColumn, _ rows: [Int64], _ kinds: [UInt32]?, _ others: [Column]
    ) -> Column {
        let type = schema.fields[column.index].type
        var made = make(column, type, rows, others, at: nil)
        guard let kinds else { return made }
        if let own = column.kinds {
            let has = Bitmap(count: rows.count) { own[Int(kinds[$0])] }
            made = made.withValidity(Bitmap.both(made.validity, has))
        }
        for branch in column.branches {
            let places = kinds.indices.filter { kinds[$0] == branch.kind }.map { UInt32($0) }
            guard !places.isEmpty else { continue }
            let part = make(
                branch.column, type, gatherValues(rows, places), others, at: places)
            made = made.placing(part, at: places)
        }
        return made
    }

    /// - Parameter places: where in `others` the rows are, if they are not all of them.
    private func make(
        _ column: MadeColumn, _ type: DataType, _ rows: [Int64], _ others: [Column],
        at places: [UInt32]?
    ) -> Column {
        var validity: Bitmap?
        if column.nulls > 0 {
            validity = Bitmap(count: rows.count) {
                column.nullStream.unit(rows[$0]) >= column.nulls
            }
        }
        if case .object(let members) = column.maker {
            let columns = members.map { make($0.column, $0.type, rows, others, at: places) }
            let texts = Self.objects(members.map(\.key), columns, count: rows.count)
            return Column(type, .strings(texts), validity: validity)
        }
        var keys: [Int64]?
        if case .walk(let walk) = column.maker, let by = walk.by {
            let all = others[by].walkKeys
            keys = places.map { places in all.map { gatherValues($0, places) } } ?? all
        }
        let values = column.maker.values(rows, type, column.pattern, column.random, keys: keys)
        return Column(type, values, validity: validity)
    }

    private static func objects(_ keys: [[UInt8]], _ columns: [Column], count: Int) -> Strings {
        var builder = StringsBuilder(capacity: count)
        var text: [UInt8] = []
        for row in 0..<count {
            text.removeAll(keepingCapacity: true)
            JSONWriter.appendObject(keys, columns, row, to: &text)
            text.withUnsafeBytes { builder.append($0) }
        }
        return builder.finish()
    }
}

extension Column {
    /// The same with the rows of `part` at `places`, which ascend.
    func placing(_ part: Column, at places: [UInt32]) -> Column {
        var rows = (0..<UInt32(count)).map { $0 }
        for (i, place) in places.enumerated() {
            rows[Int(place)] = UInt32(truncatingIfNeeded: count + i)
        }
        return Column.concatenated([self, part], type: type).gather(rows)
    }

    /// The values of a column by which others walk.
    fileprivate var walkKeys: [Int64]? {
        switch values {
        case .int32(let v): v.map { Int64($0) }
        case .int64(let v): v
        case .strings(let v):
            v.views.map { view in
                view.withBytes(v.blocks) { bytes in
                    Int64(
                        bitPattern: bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
                            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
                        })
                }
            }
        default: nil
        }
    }
}
