import PipelineDSL
import Planner

/// How records of a stream or queue become rows.
package struct RecordOptions: Sendable {
    var source: String
    var json: JSONOptions
    var fields: [Field]
    var rename: [String: String] = [:]
    var refusesUnknown = false
    /// Of the columns that say where rows came from, which a slice adds.
    var metadata: [MetadataColumn.Kind] = []

    package init(source: String, json: JSONOptions, fields: [Field]) {
        self.source = source
        self.json = json
        self.fields = fields
    }

    init(_ node: PlanNode, _ scan: ScanPlan, json: JSONOptions) {
        self.init(source: node.name, json: json, fields: scan.fields.fields)
        rename = scan.rename
        refusesUnknown = scan.unknownColumns == "reject"
        metadata = scan.metadata.map(\.kind)
    }

    /// - Parameter object: what dead letters name: a shard, a queue.
    func plan(object: String) -> JSONPlan {
        JSONPlan(
            options: json, fields: fields, rename: rename, object: object, source: source,
            refusesUnknown: refusesUnknown)
    }

    /// How each record is written and read; throws for a format that no record has.
    static func json(_ format: FormatPlan?, _ binding: BindingPlan) throws -> JSONOptions {
        guard let format else { return JSONOptions() }
        guard ["json", "jsonl"].contains(format.name) else {
            throw RunError(
                .embeddedSettings, "a record of `\(binding.connector)` cannot be `\(format.name)`",
                at: binding.span, notes: ["each is one JSON object: `format: json`"])
        }
        guard format.compression == nil || format.compression == Compression.none else {
            throw RunError(
                .embeddedSettings, "records of `\(binding.connector)` are not compressed",
                at: binding.span, notes: ["remove `compression` from the format"])
        }
        return try JSONOptions(format)
    }
}
