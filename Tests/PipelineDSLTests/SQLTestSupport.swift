import Foundation
import PipelineDSL

/// A diagnostic as goldens write it: severity, code, place, message; then what else it says.
func rendered(_ diagnostic: Diagnostic) -> [String] {
    var first = "\(diagnostic.severity.rawValue) \(diagnostic.code)"
    if let label = diagnostic.primary { first += " \(place(label.span))" }
    first += " \(diagnostic.message)"
    if let text = diagnostic.primary?.text, !text.isEmpty { first += " | \(text)" }
    var lines = [first]
    for label in diagnostic.secondary { lines.append("  at \(place(label.span)) \(label.text)") }
    for note in diagnostic.notes { lines.append("  = \(note)") }
    if let fix = diagnostic.fix {
        lines.append("  fix \(place(fix.span)) `\(fix.replacement)` (\(fix.title))")
    }
    return lines.map { $0.last == " " ? String($0.dropLast()) : $0 }
}

/// `1:3-1:5`
func place(_ span: SourceSpan) -> String {
    "\(span.start.line):\(span.start.column)-\(span.end.line):\(span.end.column)"
}

/// A tree written out node by node without spans, so that two trees can be compared up to those.
/// Whether a name was quoted is left out as well: it does not change what the name means.
func structure(_ value: Any) -> String {
    if value is SourceSpan { return "" }
    let mirror = Mirror(reflecting: value)
    if let name = value as? Identifier { return "`\(name.text)`" }
    if let type = value as? TypeName { return type.type?.description ?? "?" }
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { structure($0.value) } ?? "nil"
    case nil: return "\(value)"
    case .enum where mirror.children.isEmpty: return "\(value)"
    case .enum:
        let child = mirror.children.first
        return "\(child?.label ?? "")(\(child.map { structure($0.value) } ?? ""))"
    case .collection:
        return "[\(mirror.children.map { structure($0.value) }.joined(separator: " "))]"
    default:
        return "{\(mirror.children.map { structure($0.value) }.joined(separator: " "))}"
    }
}

/// The processor time the calling thread takes for `work`: what else runs on the machine, other
/// tests included, does not count.
func processorTime(_ work: () throws -> Void) rethrows -> Duration {
    func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
    let start = now()
    try work()
    return now() - start
}

extension SourceText {
    init(sql text: String) { self.init(text: text, file: "test.sql") }
}
