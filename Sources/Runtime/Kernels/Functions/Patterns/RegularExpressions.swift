import PipelineDSL

extension KernelTable {
    static let patternKernels: [String: KernelResolver] = [
        "regexp_matches": { try pattern($0, optionsAt: 2) { matches($0) } },
        "regexp_replace": { try pattern($0, optionsAt: 3) { replace($0) } },
        "regexp_extract": { try pattern($0, optionsAt: nil) { extract($0) } },
        "regexp_extract_all": { try pattern($0, optionsAt: 2) { extractAll($0) } },
        "regexp_count": { try pattern($0, optionsAt: 2) { count($0) } },
        "regexp_split_to_array": { try pattern($0, optionsAt: 2) { split($0) } },
    ]

    /// Where a row's pattern comes from.
    struct PatternSource: Sendable {
        fileprivate let constant: RegularExpression?
        fileprivate let options: String

        /// Calls `body` with what finds the pattern of each row; `nil` where it is malformed.
        @inline(__always)
        fileprivate func withMatchers<R>(
            _ call: KernelCall, _ body: ((_ row: Int) -> RegexMatcher?) -> R
        ) -> R {
            if let constant {
                let matcher = RegexMatcher(constant)
                return body { _ in matcher }
            }
            return call.withStrings(1) { patterns in
                var known: [[UInt8]: RegexMatcher?] = [:]
                return body { row in
                    let key = Array(patterns[row])
                    if let matcher = known[key] { return matcher }
                    if known.count >= 256 { known.removeAll() }
                    let matcher =
                        (try? RegularExpression(
                            String(decoding: key, as: UTF8.self), options: options))
                        .map { RegexMatcher($0) }
                    known[key] = .some(matcher)
                    return matcher
                }
            }
        }
    }

    /// A constant pattern is compiled once; a bad one is refused here rather than row by row.
    private static func pattern(
        _ request: KernelRequest, optionsAt: Int?, _ make: (PatternSource) -> BoundKernel
    ) throws -> BoundKernel? {
        let options = optionsAt.flatMap { request.constantText($0) } ?? ""
        do throws(RegexProblem) { _ = try RegexOptions(options) } catch {
            throw RunError(.badPattern, error.reason, at: request.span)
        }
        guard let text = request.constantText(1) else {
            return make(PatternSource(constant: nil, options: options))
        }
        do throws(RegexProblem) {
            let constant = try RegularExpression(text, options: options)
            return make(PatternSource(constant: constant, options: options))
        } catch {
            throw RunError(
                .badPattern, "`\(text)` is not a regular expression: \(error.reason)",
                at: request.span,
                notes: ["it goes wrong at character \(error.offset + 1) of the pattern"])
        }
    }

    private static func matches(_ source: PatternSource) -> BoundKernel {
        BoundKernel { call in
            source.withMatchers(call) { matcher in
                call.withStrings(0) { texts in
                    call.bits { row, out in
                        guard let matcher = matcher(row) else { return .fault(.pattern) }
                        out = matcher.matches(texts.pointer(row), texts.view(row).count)
                        return .value
                    }
                }
            }
        }
    }

    private static func replace(_ source: PatternSource) -> BoundKernel {
        BoundKernel { call in
            source.withMatchers(call) { matcher in
                call.withStrings(0, 2) { texts, replacements in
                    call.texts { row, out in
                        guard let matcher = matcher(row) else { return .fault(.pattern) }
                        let (p, count) = (texts.pointer(row), texts.view(row).count)
                        var copied = 0
                        var isTooLarge = false
                        matcher.forEachMatch(p, count) { slots in
                            out.append(
                                contentsOf: UnsafeBufferPointer(
                                    start: p + copied, count: slots[0] - copied))
                            substitute(replacements[row], slots, p, &out)
                            copied = slots[1]
                            isTooLarge = out.count > TextLimits.callBytes
                            return matcher.expression.options.isGlobal && !isTooLarge
                        }
                        if isTooLarge { return .fault(.tooLarge) }
                        out.append(
                            contentsOf: UnsafeBufferPointer(
                                start: p + copied, count: count - copied))
                        return .value
                    }
                }
            }
        }
    }

    /// `\1` to `\9` are groups, `\&` and `\0` the match, `\\` a backslash.
    private static func substitute(
        _ replacement: UnsafeRawBufferPointer, _ slots: [Int], _ p: UnsafePointer<UInt8>,
        _ out: inout [UInt8]
    ) {
        var i = 0
        while i < replacement.count {
            let byte = replacement[i]
            guard byte == 0x5C, i + 1 < replacement.count else {
                out.append(byte)
                i += 1
                continue
            }
            let next = replacement[i + 1]
            let group = next == UInt8(ascii: "&") ? 0 : Int(next) - 0x30
            if next == 0x5C {
                out.append(next)
            } else if (0...9).contains(group) {
                if 2 * group + 1 < slots.count, slots[2 * group] >= 0 {
                    let (from, to) = (slots[2 * group], slots[2 * group + 1])
                    out.append(contentsOf: UnsafeBufferPointer(start: p + from, count: to - from))
                }
            } else {
                out += [byte, next]
            }
            i += 2
        }
    }

    private static func extract(_ source: PatternSource) -> BoundKernel {
        BoundKernel { call in
            let groups = call.arguments.count > 2 ? call.operand(2, Int64.self) : nil
            var faults = Faults()
            var result = source.withMatchers(call) { matcher in
                call.slices(of: 0) { row, p, count in
                    guard let matcher = matcher(row) else {
                        faults.add(row, .pattern)
                        return .empty
                    }
                    let group = groups.map { $0[row] } ?? 0
                    guard group >= 0, group <= Int64(matcher.expression.groupCount) else {
                        faults.add(row, .argument)
                        return .empty
                    }
                    guard let slots = matcher.firstMatch(p, count), slots[2 * Int(group)] >= 0
                    else {
                        return .empty
                    }
                    let (from, to) = (slots[2 * Int(group)], slots[2 * Int(group) + 1])
                    return TextSlice(from: from, count: to - from)
                }
            }
            result.faults = faults
            return result
        }
    }

    private static func extractAll(_ source: PatternSource) -> BoundKernel {
        BoundKernel { call in
            source.withMatchers(call) { matcher in
                call.textLists(of: 0) { row, p, count, add in
                    guard let matcher = matcher(row) else { return .fault(.pattern) }
                    matcher.forEachMatch(p, count) { slots in
                        add(TextSlice(from: slots[0], count: slots[1] - slots[0]))
                        return true
                    }
                    return .value
                }
            }
        }
    }

    private static func count(_ source: PatternSource) -> BoundKernel {
        BoundKernel { call in
            source.withMatchers(call) { matcher in
                call.withStrings(0) { texts in
                    call.values(of: Int32.self) { row, out in
                        guard let matcher = matcher(row) else { return .fault(.pattern) }
                        var found: Int32 = 0
                        matcher.forEachMatch(texts.pointer(row), texts.view(row).count) { _ in
                            found &+= 1
                            return true
                        }
                        out = found
                        return .value
                    }
                }
            }
        }
    }

    private static func split(_ source: PatternSource) -> BoundKernel {
        BoundKernel { call in
            source.withMatchers(call) { matcher in
                call.textLists(of: 0) { row, p, count, add in
                    guard let matcher = matcher(row) else { return .fault(.pattern) }
                    var from = 0
                    matcher.forEachMatch(p, count) { slots in
                        // An empty match at either end, or right after a match, splits nothing off.
                        if slots[1] == slots[0], slots[0] == from || slots[0] == count {
                            return true
                        }
                        add(TextSlice(from: from, count: slots[0] - from))
                        from = slots[1]
                        return true
                    }
                    add(TextSlice(from: from, count: count - from))
                    return .value
                }
            }
        }
    }
}

/// A regular expression with the memory that matching needs; for one thread.
package final class RegexMatcher {
    let expression: RegularExpression
    private var automaton: RegexAutomaton
    private var machine: RegexMachine?

    package init(_ expression: RegularExpression) {
        self.expression = expression
        automaton = expression.automaton()
    }

    package func matches(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        automaton.matches(p, count)
    }

    /// Bounds of the match and of the groups.
    package func firstMatch(_ p: UnsafePointer<UInt8>, _ count: Int, from: Int = 0) -> [Int]? {
        // The automaton is many times faster; most texts of a filter do not match.
        if from == 0, !automaton.matches(p, count) { return nil }
        if machine == nil { machine = expression.machine() }
        return machine?.match(p, count, from: from)
    }

    /// Matches from left to right, none overlapping another, while `body` returns true.
    package func forEachMatch(_ p: UnsafePointer<UInt8>, _ count: Int, _ body: ([Int]) -> Bool) {
        var from = 0
        while from <= count, let slots = firstMatch(p, count, from: from) {
            guard body(slots) else { return }
            from = slots[1]
            // After an empty match, one character on.
            if slots[1] == slots[0] {
                from += from < count ? Scalars.length(p + from, count - from) : 1
            }
        }
    }
}
