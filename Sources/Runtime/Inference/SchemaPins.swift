import PipelineDSL
import Planner

/// Answers for sources that do not declare their columns: with what `pipec.lock` says, or with what
/// a sample of the data shows.
package final class SchemaPins {
    package enum Use: Sendable {
        /// Only what is pinned: needs no data, as `check` and `plan`.
        case pinned
        /// What is not pinned is inferred and forgotten: writes nothing, as `query`.
        case inferred
        /// What is not pinned is inferred and pinned, what is pinned is compared with the data:
        /// `run`.
        case pinning
    }

    private let project: ProjectDirectory
    private let use: Use
    /// Read when it is first asked for: most pipelines declare everything.
    private var loaded: Result<SchemaLock, RunError>?
    private var pipeline = ""
    private var answered: [String: SchemaLock.Source] = [:]

    package init(_ project: ProjectDirectory, use: Use) {
        self.project = project
        self.use = use
    }

    /// - Parameter lock: the bytes of a lock that is not, or no longer, beside the spec; empty where
    ///   there was none.
    package init(_ project: ProjectDirectory, use: Use, lock: [UInt8]) {
        self.project = project
        self.use = use
        do { loaded = .success(try SchemaLock(lock)) } catch let error as RunError {
            loaded = .failure(error)
        } catch {}
    }

    /// As ``SchemaInference``.
    package func answer(_ question: SchemaQuestion) -> (InferredColumns?, [Diagnostic]) {
        let name = question.source.name
        pipeline = question.pipeline
        do {
            let lock = try lock()
            if let pinned = lock.pipelines[pipeline]?.sources[name.value] {
                answered[name.value] = pinned
                let drift = use == .pinning ? drift(question, pinned) : []
                return (InferredColumns(pinned), drift)
            }
            guard use != .pinned else { return (nil, []) }
            let found = pin(try sample(question), question.source)
            answered[name.value] = found
            return (InferredColumns(found), [])
        } catch let error as RunError {
            var diagnostic = error.diagnostic
            if diagnostic.primary == nil { diagnostic.primary = .init(name.span) }
            return (nil, [diagnostic])
        } catch {
            return (nil, [Diagnostic(.nothingToInfer, "\(error)", at: name.span)])
        }
    }

    /// Writes the lock where it has changed: of this pipeline what was answered, and nothing else.
    package func save() throws {
        guard use == .pinning else { return }
        // A pipeline that asks for nothing has nothing pinned; what it once had does no harm.
        guard !answered.isEmpty else { return }
        var lock = try lock()
        guard answered != lock.pipelines[pipeline]?.sources else { return }
        lock.pipelines[pipeline] = SchemaLock.Pipeline(sources: answered)
        try lock.save(project)
    }

    private func lock() throws -> SchemaLock {
        if let loaded { return try loaded.get() }
        do {
            let lock = try SchemaLock.load(project)
            loaded = .success(lock)
            return lock
        } catch let error as RunError {
            loaded = .failure(error)
            throw error
        }
    }

    private func sample(_ question: SchemaQuestion) throws -> [SchemaSample.Found] {
        guard let format = question.format else {
            throw RunError(
                .nothingToInfer,
                "`\(question.binding.connector)` does not say what columns its rows have",
                at: question.source.name.span,
                notes: ["declare them: `columns: { id: string not null, … }`"])
        }
        return try SchemaSample(
            project: project, source: question.source.name.value, binding: question.binding,
            format: format
        ).columns()
    }

    /// The columns as they will be called from now on.
    private func pin(
        _ found: [SchemaSample.Found], _ source: SourceDeclaration
    ) -> SchemaLock.Source {
        let declared = Dictionary(
            source.rename.map { ($0.from.value, $0.to.value) }, uniquingKeysWith: { $1 })
        let names = InferredName.names(found.map { declared[$0.name] ?? $0.name })
        var columns: [Field] = []
        var rename: [String: String] = [:]
        for (column, name) in zip(found, names) {
            guard let name else { continue }
            columns.append(Field(name, column.type, nullable: column.isNullable))
            if name != column.name { rename[column.name] = name }
        }
        return SchemaLock.Source(columns: columns, rename: rename.isEmpty ? nil : rename)
    }

    // MARK: - Drift

    /// How the data differ from what is pinned. What cannot be read at all, reading says.
    private func drift(_ question: SchemaQuestion, _ pinned: SchemaLock.Source) -> [Diagnostic] {
        guard let found = try? sample(question) else { return [] }
        let now = Dictionary(
            found.map { (pinned.rename?[$0.name] ?? $0.name, $0) }, uniquingKeysWith: { a, _ in a })
        var notes: [String] = []
        for field in pinned.columns {
            guard let column = now[field.name] else {
                notes.append("`\(field.name)` is no longer in the data")
                continue
            }
            if column.isCertain, !SchemaPins.fits(column.type, field.type, question.format) {
                notes.append(
                    "`\(field.name)` is pinned as \(field.type) and looks like \(column.type): "
                        + "rows that do not fit go to the dead letters")
            }
        }
        let known = Set(pinned.columns.map(\.name))
        for column in found where !known.contains(pinned.rename?[column.name] ?? column.name) {
            notes.append("`\(column.name)` (\(column.type)) is new: it is left out")
        }
        guard !notes.isEmpty else { return [] }
        let name = question.source.name
        return [
            Diagnostic(
                .schemaDrift,
                "the data of source `\(name.value)` differ from \(SchemaLock.fileName)",
                at: name.span, severity: .warning,
                notes: notes + [
                    "to take the columns anew, remove `\(name.value)` from \(SchemaLock.fileName)"
                ])
        ]
    }

    /// Whether values that look like `found` can be read as `pinned`.
    private static func fits(
        _ found: DataType, _ pinned: DataType, _ format: FormatPlan?
    ) -> Bool {
        if found == pinned { return true }
        switch (found, pinned) {
        case (.bigint, .double), (.date, .timestamp), (_, .json): return true
        case (.date, .string), (.timestamp, .string): return format?.name != "parquet"
        // A number of CSV is text, too; one of JSON is not.
        case (_, .string): return format?.name == "csv"
        default: return false
        }
    }
}

extension InferredColumns {
    fileprivate init(_ source: SchemaLock.Source) {
        self.init(fields: Schema(source.columns), rename: source.rename ?? [:])
    }
}
