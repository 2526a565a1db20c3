import PipelineDSL
import Planner

/// Checks the rules of a contract. A row that breaks one of severity `reject` goes to the dead
/// letters under the first it breaks; a rule that is unknown for a row is not broken.
struct ValidateOperator: RowOperator {
    private struct Rule {
        var rule: Validate.Rule
        var check: Predicate
        /// The columns the rule looks at, for messages.
        var columns: [Int]
    }

    private let rules: [Rule]
    private let contract: String
    private let schema: Schema

    init(_ validate: Validate, input: Schema, run: RunConstants) throws {
        contract = validate.contract
        schema = input
        rules = try validate.rules.map {
            Rule(
                rule: $0, check: try Predicate($0.check, input: input, run: run),
                columns: $0.check.columns)
        }
    }

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        var remaining = batch
        for rule in rules where remaining.count > 0 {
            let outcome = rule.check.evaluate(remaining, wantsFailing: true)
            remaining = Rejection.errors(
                outcome.errors, in: remaining, schema: schema, into: &output)
            guard !outcome.failing.isEmpty else { continue }
            switch rule.rule.severity {
            case .warn: context.metrics.warned.add(outcome.failing.count)
            case .fail: throw failure(rule, remaining, Int(outcome.failing[0]))
            case .reject:
                var kept = Bitmap(repeating: true, count: remaining.physicalCount)
                for row in outcome.failing {
                    kept[Int(row)] = false
                    output.rejected.append(rejection(rule, remaining, Int(row)))
                }
                remaining = remaining.selecting(remaining.rows(in: kept))
            }
        }
        output.batches.append(remaining)
    }

    private func rejection(_ rule: Rule, _ batch: Batch, _ row: Int) -> RejectedRow {
        Rejection.row(
            row, of: batch, schema: schema, rule: rule.rule.name, code: .rowRejected,
            message: "\(values(rule, batch, row)) breaks `\(rule.rule.name)`: \(rule.rule.text)",
            column: rule.columns.count == 1 ? schema.fields[rule.columns[0]].name : nil,
            span: rule.rule.check.span)
    }

    /// The values the rule looked at: `speed_kmh = 412.0`; personal data only by name.
    private func values(_ rule: Rule, _ batch: Batch, _ row: Int) -> String {
        let shown = rule.columns.prefix(4).map { index -> String in
            let field = schema.fields[index]
            if field.pii != nil { return field.name }
            return "\(field.name) = \(batch.columns[index].text(row).prefix(80))"
        }
        return shown.isEmpty ? "the row" : shown.joined(separator: ", ")
    }

    private func failure(_ rule: Rule, _ batch: Batch, _ row: Int) -> RunError {
        let rejected = rejection(rule, batch, row)
        let line = rejected.line.map { ":\($0)" } ?? ""
        return RunError(
            .ruleFailed, rejected.message, at: rejected.span,
            notes: [
                "first such row: \(rejected.object)\(line)",
                "`severity: fail` stops the run; nothing was committed",
            ])
    }
}
