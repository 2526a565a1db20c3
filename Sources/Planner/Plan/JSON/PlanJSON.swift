import PipelineDSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A plan as a file.
public enum PlanJSON {
    /// The same plan always gives the same bytes: keys are sorted, nothing says when or where.
    ///
    /// - Parameter places: whether to write where in the spec things stand, which dead letters and
    ///   messages show. Without them, every form of a pipeline (YAML or Swift, however laid out)
    ///   gives the same bytes.
    public static func text(_ plan: Plan, places: Bool = true) -> String {
        text(of: plan, places: places)
    }

    /// Any document of this module, written in the same manner.
    static func text(of document: some Encodable, places: Bool = true) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let key = CodingUserInfoKey.omitsPlaces { encoder.userInfo[key] = !places }
        // Every value that JSON cannot hold is written as a string, so encoding cannot fail.
        guard let bytes = try? encoder.encode(document) else { return "{}\n" }
        return JSONLayout.lines([UInt8](bytes))
    }

    /// Reads a plan and checks everything about it: what it returns can be executed safely.
    public static func read(_ source: SourceText) -> (Plan?, [Diagnostic]) {
        let bytes = Data(source.text.utf8)
        let places = JSONPlaces(source)
        do {
            let header = try JSONDecoder().decode(Header.self, from: bytes)
            if let refusal = header.refusal(places) { return (nil, [refusal]) }
            let plan = try JSONDecoder().decode(Plan.self, from: bytes)
            let problems = PlanValidator.problems(of: plan)
            let diagnostics = problems.map { $0.diagnostic(places) }
            return (diagnostics.isEmpty ? plan : nil, diagnostics)
        } catch let error as DecodingError {
            return (nil, [diagnostic(error, places)])
        } catch {
            return (nil, [Diagnostic(.notAPlan, "this is not a plan: \(error)", at: places.span([]))])
        }
    }

    /// What stands in every version of the format.
    private struct Header: Decodable {
        var formatVersion: Int

        enum CodingKeys: String, CodingKey { case formatVersion = "format_version" }

        func refusal(_ places: JSONPlaces) -> Diagnostic? {
            let current = Plan.currentFormatVersion
            guard formatVersion != current else { return nil }
            let isNewer = formatVersion > current
            return Diagnostic(
                .planVersion,
                "this plan has format version \(formatVersion); this pipec reads \(current)",
                at: places.span(["format_version"]),
                label: isNewer ? "written by a newer pipec" : "written by an older pipec",
                notes: [
                    isNewer
                        ? "use the version of pipec that made it"
                        : "make it anew from the spec: `pipec plan --out plan.json`"
                ])
        }
    }

    private static func diagnostic(_ error: DecodingError, _ places: JSONPlaces) -> Diagnostic {
        func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> [String] {
            (context.codingPath + [key].compactMap(\.self)).map { key in
                key.intValue.map(String.init) ?? key.stringValue
            }
        }
        func broken(_ path: [String], _ reason: String) -> Diagnostic {
            let place = path.isEmpty ? "" : "`\(path.joined(separator: "/"))`: "
            return Diagnostic(
                path.isEmpty ? .notAPlan : .brokenPlan, place + reason, at: places.span(path),
                notes: ["make the plan anew from the spec: `pipec plan --out plan.json`"])
        }
        switch error {
        case .keyNotFound(let key, let context):
            return broken(path(context), "`\(key.stringValue)` is missing")
        case .typeMismatch(let type, let context):
            return broken(path(context), "something else stands here than \(described(type))")
        case .valueNotFound(let type, let context):
            return broken(path(context), "null stands here instead of \(described(type))")
        case .dataCorrupted(let context):
            let inner = context.underlyingError.map { "\($0)" }
            return broken(path(context), inner ?? context.debugDescription)
        @unknown default:
            return broken([], "this is not a plan")
        }
    }

    private static func described(_ type: Any.Type) -> String {
        switch type {
        case is Int.Type, is Int64.Type, is Int32.Type: "a whole number"
        case is Double.Type: "a number"
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is [Any].Type: "a list"
        default: "what a plan has there"
        }
    }
}
