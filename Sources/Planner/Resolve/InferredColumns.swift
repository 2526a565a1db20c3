import PipelineDSL

/// A source whose columns are in its data and not in the spec.
public struct SchemaQuestion: Sendable {
    public let pipeline: String
    public let source: SourceDeclaration
    /// Where its data is under the profile.
    public let binding: BindingPlan
    public let format: FormatPlan?
}

/// The columns that were found in the data of a source, or are pinned from an earlier run.
public struct InferredColumns: Hashable, Sendable {
    public var fields: Schema
    /// Names in the data to those of `fields`, where they differ.
    public var rename: [String: String]

    public init(fields: Schema, rename: [String: String] = [:]) {
        self.fields = fields
        self.rename = rename
    }
}

/// Answers a ``SchemaQuestion``; `nil` where the columns are not known, or cannot be for the
/// reasons given.
public typealias SchemaInference = (SchemaQuestion) -> (InferredColumns?, [Diagnostic])

extension Checker {
    /// The columns of a source and the names they have in its data.
    mutating func columns(
        of source: SourceDeclaration, _ contract: CheckedContract?, _ resolved: ResolvedBinding?
    ) -> InferredColumns? {
        if source.contract != nil {
            guard let contract else { return nil }
            let keeps = contract.declaration.unknownColumns == .keep
            return keeps
                ? withUnknownColumns(source, contract, resolved)
                : InferredColumns(fields: contract.schema)
        }
        if let columns = source.columns {
            guard columns.isEmpty else {
                return InferredColumns(fields: Schema(columns.map(\.field)))
            }
            bag.add(
                Diagnostic(
                    .noColumns, "source `\(source.name.value)` has no columns",
                    at: source.name.span))
            return nil
        }
        return inferred(source, resolved, label: "neither `contract` nor `columns`")
    }

    /// The columns of the contract, then those the data has beside them.
    private mutating func withUnknownColumns(
        _ source: SourceDeclaration, _ contract: CheckedContract, _ resolved: ResolvedBinding?
    ) -> InferredColumns? {
        guard
            var found = inferred(
                source, resolved, label: "its contract keeps columns that it does not name")
        else { return nil }
        let unknown = found.fields.fields.filter { contract.schema[$0.name] == nil }
        found.fields = Schema(contract.schema.fields + unknown)
        let names = Set(unknown.map(\.name))
        found.rename = found.rename.filter { names.contains($0.value) }
        return found
    }

    private mutating func inferred(
        _ source: SourceDeclaration, _ resolved: ResolvedBinding?, label: String
    ) -> InferredColumns? {
        // Where it is not known what it is bound to, that has been said.
        guard let resolved else { return nil }
        let (columns, problems) = inference(
            SchemaQuestion(
                pipeline: spec.pipeline.value, source: source, binding: resolved.plan,
                format: resolved.format))
        bag.add(contentsOf: problems)
        if let columns { return columns }
        guard !problems.contains(where: { $0.severity == .error }) else { return nil }
        bag.add(
            Diagnostic(
                .schemaUnknown, "the columns of source `\(source.name.value)` are not known",
                at: source.name.span, label: label,
                notes: [
                    "declare them: `columns: { id: string not null, … }`",
                    "or let `pipec run` take them from the data and pin them in pipec.lock",
                ]))
        return nil
    }
}
