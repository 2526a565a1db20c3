import PipelineDSL

/// Where a transform is stored.
enum TransformZone {
    case zone(ZoneDeclaration)
    case none
    /// A diagnostic says so.
    case unknown
}

extension ZoneDeclaration {
    /// Parquet where it does not say.
    var storedFormat: FormatDeclaration {
        format ?? FormatDeclaration(name: Spanned("parquet", name.span))
    }
}

extension Checker {
    mutating func zone(of name: Spanned<String>) -> TransformZone {
        guard let dot = name.value.firstIndex(of: ".") else { return .none }
        let zone = String(name.value[..<dot])
        if let declared = spec.zones.first(where: { $0.name.value == zone }) {
            return .zone(declared)
        }
        let known = spec.zones.map(\.name.value)
        let near = nearName(zone, among: known)
        bag.add(
            Diagnostic(
                .unknownZone, "there is no zone `\(zone)`", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: known.isEmpty
                    ? ["declare it: `zones: { \(zone): { path: data/\(zone), format: parquet } }`"]
                    : ["zones: \(quotedNames(known))"],
                fix: near.map {
                    .init(
                        "use `\($0)`", span: name.span, replacement: $0 + String(name.value[dot...])
                    )
                }))
        return .unknown
    }

    /// A relation that is not stored is neither written nor partitioned.
    mutating func checkNotStored(_ transform: TransformDeclaration) {
        let zones = spec.zones.map(\.name.value)
        let notes = [
            "only `zone.table` is stored"
                + (zones.isEmpty ? "" : "; zones: \(quotedNames(zones))")
        ]
        if let write = transform.write {
            bag.add(
                Diagnostic(
                    .writeMode, "`\(transform.name.value)` is not stored, so it is not written",
                    at: write.mode.span, notes: notes))
        }
        if let partition = transform.partitionBy?.first {
            bag.add(
                Diagnostic(
                    .writeMode, "`\(transform.name.value)` is not stored, so it is not partitioned",
                    at: partition.span, notes: notes))
        }
    }

    mutating func tablePlan(
        _ transform: TransformDeclaration, _ zone: ZoneDeclaration, _ schema: Schema,
        _ mode: Plan.Mode
    ) -> TablePlan? {
        let table = transform.name.value.drop { $0 != "." }.dropFirst()
        let format = zoneFormat(zone)
        let path = zonePath(zone)
        let partitions = partitions(
            transform.partitionBy ?? zone.partitionBy, schema, of: transform.name.value)
        let write = transform.write
        let writeMode = write?.mode.value ?? (mode == .streaming ? .append : .overwrite)
        let on = keyPositions(transform, schema)
        let isPossible = checkWriteMode(write, format)
        guard let format, let path, let partitions, let on, isPossible else { return nil }
        return TablePlan(
            zone: zone.name.value, location: "\(path.location)/\(table)",
            path: "\(path.path)/\(table)", format: format, mode: writeMode, on: on,
            partitionBy: partitions, archiveAfter: zone.retain?.duration("archive_after"),
            expireAfter: zone.retain?.duration("expire_after"),
            encryption: zone.encryption.flatMap { encryption in
                encryption.string("mode").map { mode in
                    encryption.text("key").map { "\(mode) \($0)" } ?? mode
                }
            },
            span: write?.mode.span ?? transform.name.span)
    }

    private mutating func zoneFormat(_ zone: ZoneDeclaration) -> FormatPlan? {
        formatPlan(zone.storedFormat, .zone)
    }

    private mutating func checkWriteMode(_ write: WriteDeclaration?, _ format: FormatPlan?) -> Bool
    {
        guard let write, let format, let signature = catalogue.format(format.name) else {
            return true
        }
        if signature.writeModes.contains(write.mode.value) { return true }
        let modes = WriteDeclaration.Mode.allCases.filter { signature.writeModes.contains($0) }
        bag.add(
            Diagnostic(
                .writeMode,
                "a `\(format.name)` table cannot be written with `\(write.mode.value.rawValue)`",
                at: write.mode.span,
                notes: ["it can with \(quotedNames(modes.map(\.rawValue)))"]))
        return false
    }

    private mutating func keyPositions(
        _ transform: TransformDeclaration, _ schema: Schema
    ) -> [Int]? {
        guard let write = transform.write else { return [] }
        var positions: [Int] = []
        var isRight = true
        for key in write.on {
            guard let index = schema.index(of: key.value) else {
                bag.add(
                    .unknownColumn(key, schema, of: "`\(transform.name.value)`"))
                isRight = false
                continue
            }
            positions.append(index)
            if schema.fields[index].nullable, write.mode.value != .append {
                bag.add(
                    Diagnostic(
                        .writeKey, "the key column `\(key.value)` may be null", at: key.span,
                        label: "such rows never match", severity: .warning,
                        notes: ["drop such rows before: `- where: \(key.value) IS NOT NULL`"]))
            }
        }
        let needsKey = write.mode.value == .merge || write.mode.value == .scd2
        // That it has none at all the reader has said.
        return isRight && !(needsKey && positions.isEmpty) ? positions : nil
    }
}
