import PipelineDSL
import Planner

/// A test of the spec, checked and ready to run.
package struct SpecTest: Sendable {
    package let name: String
    package let span: SourceSpan
    /// What it computes: the expected nodes and all they read.
    let plan: Plan
    /// What the clock shows at the start.
    let now: Int64
    let given: [Given]
    /// `nil` in a batch run.
    let steps: [Step]?
    let expected: [ExpectedRows]
    let deadLetters: ExpectedLetters?
    let late: Spanned<Int64>?
    let fails: Spanned<DiagnosticCode>?

    package var isStreaming: Bool { steps != nil }

    struct Given: Sendable {
        var node: String
        var content: TestContent
        var partition: String?
    }

    struct Step: Sendable {
        enum Kind: Sendable {
            case advance(Int64)
            case rows([Given])
            case crash(TestStepDeclaration.CrashPoint)
            case restart
            case end
        }
        var kind: Kind
        var span: SourceSpan
    }
}

/// Rows that are expected of a node.
struct ExpectedRows: Sendable {
    struct Cell: Sendable {
        /// Position of the column.
        var column: Int
        var value: ExpectedValue
        var span: SourceSpan
    }
    struct Row: Sendable {
        var cells: [Cell]
        var span: SourceSpan
    }

    var node: String
    var schema: Schema
    var rows: [Row]?
    var allowsMore: Bool
    var isOrdered: Bool
    var count: Spanned<Int64>?
    /// Of the node's name.
    var span: SourceSpan
}

/// Dead letters that are expected.
struct ExpectedLetters: Sendable {
    struct Letter: Sendable {
        /// `rule`, `node`, …, with what they must be.
        var facts: [(name: String, text: String, span: SourceSpan)]
        /// Of the rejected row.
        var columns: [(name: String, type: DataType, value: ExpectedValue, span: SourceSpan)]
        var span: SourceSpan
    }

    var letters: [Letter]?
    var allowsMore: Bool
    var count: Spanned<Int64>?
    var span: SourceSpan
}
