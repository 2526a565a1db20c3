import PipelineDSL

/// Spans in a plan name files relative to the project directory, so that a plan does not depend on
/// where it was made.
enum PlanPlaces {
    /// - Parameter file: the spec, as it was named; its folder is the project directory.
    static func makeRelative(_ plan: inout Plan, to file: String) {
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        // A spec in the working directory already has the names that are wanted.
        guard !folder.isEmpty else { return }
        let isAbsolute = file.hasPrefix("/")
        var known: [String: String] = [:]
        func relative(_ span: SourceSpan?) -> SourceSpan? {
            guard var span else { return nil }
            if let name = known[span.file] {
                span.file = name
                return span
            }
            let name = path(span.file, from: Array(folder), isAbsolute: isAbsolute)
            known[span.file] = name
            span.file = name
            return span
        }
        for index in plan.nodes.indices { plan.nodes[index].mapPlaces(relative) }
    }

    private static func path(
        _ file: String, from folder: [Substring], isAbsolute: Bool
    ) -> String {
        guard file.hasPrefix("/") == isAbsolute else { return file }
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let shared = zip(parts.dropLast(), folder).prefix { $0 == $1 }.count
        // What lies above the folder by `..` cannot be told apart from here.
        guard !folder[shared...].contains("..") else { return file }
        let ups = folder[shared...].filter { $0 != "." && !$0.isEmpty }.map { _ in ".." }
        return (ups + parts[shared...].map(String.init)).joined(separator: "/")
    }
}

extension PlanNode {
    fileprivate mutating func mapPlaces(_ map: (SourceSpan?) -> SourceSpan?) {
        span = map(span)
        places = places.compactMapValues(map)
        if var scan {
            scan.binding.span = map(scan.binding.span)
            for index in scan.rules.indices { scan.rules[index].check.mapPlaces(map) }
            self.scan = scan
        }
        if var sink {
            sink.binding.span = map(sink.binding.span)
            self.sink = sink
        }
        if var table {
            table.span = map(table.span)
            for index in table.partitionBy.indices {
                table.partitionBy[index].expression.mapPlaces(map)
            }
            self.table = table
        }
        for index in definition.indices {
            definition[index].span = map(definition[index].span)
            for setting in definition[index].settings.indices {
                let span = definition[index].settings[setting].span
                definition[index].settings[setting].span = map(span)
            }
        }
        for index in operators.indices { operators[index].mapPlaces(map) }
    }
}

extension PhysicalOperator {
    fileprivate mutating func mapPlaces(_ map: (SourceSpan?) -> SourceSpan?) {
        span = map(span)
        operation = operation.mapExpressions { expression, _ in
            var expression = expression
            expression.mapPlaces(map)
            return expression
        }
        if case .aggregate(var aggregate) = operation {
            for index in aggregate.calls.indices {
                aggregate.calls[index].span = map(aggregate.calls[index].span)
            }
            operation = .aggregate(aggregate)
        }
    }
}

extension TypedExpression {
    fileprivate mutating func mapPlaces(_ map: (SourceSpan?) -> SourceSpan?) {
        self = rewritten { expression in
            var copy = expression
            copy.span = map(expression.span)
            return copy
        }
    }
}
