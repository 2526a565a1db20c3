import PipelineDSL

/// `late:`, a relation of the rows that come too late for a transform.
extension Checker {
    func checkLate(_ transform: TransformDeclaration) -> CheckedNode? {
        guard let late = transform.late, let schema = nodes[transform.name.value]?.body?.lateSchema
        else { return nil }
        let body = LogicalNode(
            .late(Late(node: transform.name.value)), schema: schema, span: late.span)
        return CheckedNode(
            name: late.value, kind: .relation,
            description: "What comes too late for \(transform.name.value)", schema: schema,
            body: body, span: late.span)
    }

    /// The body with the operation marked that finds rows late.
    mutating func marked(
        _ body: LogicalNode, _ late: Spanned<String>, of name: String
    ) -> LogicalNode? {
        switch body.findingLateRows {
        case 1: return body.marked(late: late.value)
        case 0:
            bag.add(
                Diagnostic(
                    .lateOutput, "no row can come too late for `\(name)`", at: late.span,
                    notes: [
                        "a window, or `dedupe` and `latest` with `within`, find rows late; late "
                            + "rows of a join go to the dead letters"
                    ]))
        case let count:
            bag.add(
                Diagnostic(
                    .lateOutput,
                    "\(count) operations of `\(name)` find rows late, each with columns of its own",
                    at: late.span,
                    notes: ["put all but one of them into a transform of their own"]))
        }
        return nil
    }
}
