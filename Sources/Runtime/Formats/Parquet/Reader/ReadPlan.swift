import PipelineDSL

/// How one wanted column is put together from leaves.
indirect enum ReadPlan: Sendable {
    /// `slot` indexes ``ReadPlans/leaves``.
    case leaf(slot: Int)
    case structure([ReadMember], slot: Int, present: Int)
    case list(ReadMember, slot: Int, present: Int, repeated: RepeatedLevels)
    case map(ReadMember, ReadMember, slot: Int, present: Int, repeated: RepeatedLevels)
    /// The file lacks it.
    case nulls(DataType)
}

struct RepeatedLevels: Sendable {
    /// From this definition level on there is an element.
    let definition: Int
    /// Up to this repetition level an entry starts an element.
    let repetition: Int
}

struct ReadMember: Sendable {
    let field: Field
    let plan: ReadPlan
}

struct LeafRequest: Sendable {
    let node: ParquetNode
    let conversion: LeafConversion
}

/// The plans of all wanted columns and the leaves they need.
struct ReadPlans: Sendable {
    private(set) var columns: [ReadMember] = []
    private(set) var leaves: [LeafRequest] = []

    init(_ file: ParquetFile, _ options: ParquetReadOptions) throws {
        guard let wanted = options.columns else {
            for column in file.columns {
                var field = column.field
                field.name = options.rename[column.name] ?? column.name
                let context = Context(file, options, field.name)
                columns.append(
                    ReadMember(field: field, plan: try plan(field.type, column, context)))
            }
            return
        }
        for field in wanted {
            let context = Context(file, options, field.name)
            columns.append(ReadMember(field: field, plan: try plan(field, context)))
        }
    }

    private struct Context {
        let file: ParquetFile
        let options: ParquetReadOptions
        let path: String

        init(_ file: ParquetFile, _ options: ParquetReadOptions, _ path: String) {
            self.file = file
            self.options = options
            self.path = path
        }

        func member(_ name: String) -> Context { Context(file, options, "\(path).\(name)") }
    }

    private mutating func plan(_ field: Field, _ context: Context) throws -> ReadPlan {
        let (file, options) = (context.file, context.options)
        if let id = options.fieldIDs[field.name] {
            let match = file.columns.first { $0.fieldID == id }
            if let match { return try plan(field.type, match, context) }
            return try missing(field, file.columns.map(\.name), context)
        }
        let names = file.columns.map { options.rename[$0.name] ?? $0.name }
        if let index = find(field.name, names) {
            return try plan(field.type, file.columns[index], context)
        }
        let written = options.rename.first { $0.value == field.name }?.key ?? field.name
        if let diagnostic = file.unreadable[written] { throw RunError(diagnostic) }
        return try missing(field, names, context)
    }

    private func find(_ name: String, _ names: [String]) -> Int? {
        if let exact = names.firstIndex(of: name) { return exact }
        let lowered = name.lowercased()
        return names.firstIndex { $0.lowercased() == lowered }
    }

    private func missing(
        _ field: Field, _ available: [String], _ context: Context
    ) throws -> ReadPlan {
        if field.nullable { return .nulls(field.type) }
        let name = context.path
        var notes = ["the file has: \(available.prefix(20).joined(separator: ", "))"]
        if let near = nearName(field.name, among: available) {
            notes.insert("did you mean `\(near)`?", at: 0)
        }
        notes.append("a column that may be null is read as nulls where a file lacks it")
        throw RunError(
            .parquetMissingColumn,
            "`\(context.file.object)` has no column `\(name)`, which is declared `not null`",
            at: context.options.span, notes: notes)
    }

    private mutating func plan(
        _ type: DataType, _ column: ParquetColumn, _ context: Context
    ) throws -> ReadPlan {
        switch (type, column.shape) {
        case (_, .leaf(let node, let kind)):
            guard kind.fits(type) else { throw mismatch(type, column, context) }
            return .leaf(slot: slot(node, LeafConversion(kind: kind, target: type)))
        case (.structure(let fields), .structure(let node, let members)):
            var plans: [ReadMember] = []
            for field in fields {
                let inner = context.member(field.name)
                let names = members.map(\.name)
                let member =
                    if let index = find(field.name, names) {
                        try plan(field.type, members[index], inner)
                    } else {
                        try missing(field, names, inner)
                    }
                plans.append(ReadMember(field: field, plan: member))
            }
            return .structure(
                plans, slot: try levelSlot(plans, node), present: node.maxDefinition)
        case (.array(let elementType), .list(let element, let present, let repeated)):
            let member = ReadMember(
                field: Field("element", elementType),
                plan: try plan(elementType, element, context.member("element")))
            return .list(
                member, slot: try levelSlot([member], repeated), present: present,
                repeated: repeated.levels)
        case (.map(let keyType, let valueType), .map(let key, let value, let present, let entries)):
            let keys = ReadMember(
                field: Field("key", keyType, nullable: false),
                plan: try plan(keyType, key, context.member("key")))
            let values = ReadMember(
                field: Field("value", valueType),
                plan: try plan(valueType, value, context.member("value")))
            return .map(
                keys, values, slot: try levelSlot([keys, values], entries), present: present,
                repeated: entries.levels)
        default: throw mismatch(type, column, context)
        }
    }

    private mutating func slot(_ node: ParquetNode, _ conversion: LeafConversion) -> Int {
        leaves.append(LeafRequest(node: node, conversion: conversion))
        return leaves.count - 1
    }

    /// A leaf below the node, for its levels; one is added if no member is read.
    private mutating func levelSlot(_ members: [ReadMember], _ node: ParquetNode) throws -> Int {
        if let slot = members.lazy.compactMap(\.plan.levelSlot).first { return slot }
        guard let leaf = node.firstLeafNode else {
            throw ParquetFailure.unsupported("`\(node.name)` is a structure without fields")
        }
        let kind = try LeafKind(leaf.element)
        return slot(leaf, LeafConversion(kind: kind, target: kind.dataType))
    }

    private func mismatch(
        _ type: DataType, _ column: ParquetColumn, _ context: Context
    ) -> RunError {
        RunError(
            .parquetColumnType,
            "`\(context.path)` is declared `\(type)`, and `\(context.file.object)` has "
                + "`\(column.shape.dataType)`",
            at: context.options.span,
            notes: ["declare it as `\(column.shape.dataType)` and `cast` it in the pipeline"])
    }
}

extension ReadPlan {
    fileprivate var levelSlot: Int? {
        switch self {
        case .leaf(let slot), .structure(_, let slot, _), .list(_, let slot, _, _),
            .map(_, _, let slot, _, _):
            slot
        case .nulls: nil
        }
    }
}

extension ParquetNode {
    fileprivate var levels: RepeatedLevels {
        RepeatedLevels(definition: maxDefinition, repetition: maxRepetition)
    }

    fileprivate var firstLeafNode: ParquetNode? {
        leaf != nil ? self : children.lazy.compactMap(\.firstLeafNode).first
    }
}
