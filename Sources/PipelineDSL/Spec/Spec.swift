/// A pipeline as written: nothing is resolved, nothing is typed, every value has its span.
///
/// Produced by ``SpecReader`` from YAML or by the typed Swift builder. Only the checker turns it
/// into something that can be planned.
public struct Spec: Hashable, Sendable {
    /// The file that was asked for; included files have their own names in their spans.
    public var file: String
    public var pipeline: Spanned<String>
    public var description: String?
    public var owner: String?
    public var parameters: [ParameterDeclaration] = []
    public var contracts: [ContractDeclaration] = []
    public var sources: [SourceDeclaration] = []
    public var zones: [ZoneDeclaration] = []
    public var transforms: [TransformDeclaration] = []
    public var sinks: [SinkDeclaration] = []
    public var stages: [StageDeclaration] = []
    public var alerts: [AlertDeclaration] = []
    public var tests: [TestDeclaration] = []
    public var profiles: [ProfileDeclaration] = []
    public var deadLetters: Settings?
    /// `moved: {old: new}`: nodes that were renamed, so that a plan shows a rename and not a loss.
    public var moved: [Move] = []
    /// Names of all parameters that `${name}` stands for anywhere in the files; `nil` where nobody
    /// has looked.
    public var parameterReferences: Set<String>?

    public struct Move: Hashable, Sendable {
        public var from: Spanned<String>
        public var to: Spanned<String>

        public init(from: Spanned<String>, to: Spanned<String>) {
            self.from = from
            self.to = to
        }
    }

    public init(file: String, pipeline: Spanned<String>) {
        self.file = file
        self.pipeline = pipeline
    }
}
