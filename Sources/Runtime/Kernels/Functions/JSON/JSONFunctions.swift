import PipelineDSL

extension KernelTable {
    static let jsonKernels: [String: KernelResolver] = [
        "json_get": { request in json(request, step: true) { located($0) } },
        "json_get_text": { request in json(request, step: true) { text($0) } },
        "json_extract": { request in json(request) { located($0) } },
        "json_extract_string": { request in json(request) { text($0) } },
        "json_exists": { request in
            json(request) { finder in
                BoundKernel { call in
                    finder.with(call) { find in
                        call.withStrings(0) { texts in
                            call.bits { row, out in
                                switch find(row, texts) {
                                case .bad: return .fault(.pattern)
                                case .missing: out = false
                                case .found: out = true
                                }
                                return .value
                            }
                        }
                    }
                }
            }
        },
        "json_array_length": { request in json(request) { arrayLength($0) } },
        "json_type": { request in json(request) { kind($0) } },
        "json_keys": { request in json(request) { keys($0) } },
        "json_valid": { _ in
            BoundKernel { call in
                call.withStrings(0) { texts in
                    call.bits { row, out in
                        out = JSONText.isValid(texts.pointer(row), texts.view(row).count)
                        return .value
                    }
                }
            }
        },
        "to_json": { _ in CastTable.toJSON },
        "json_object": { _ in jsonObject },
        "json_array": { _ in jsonArray },
        "json_strip_nulls": { _ in withoutNulls },
    ]

    /// What a row's path leads to.
    enum Located {
        case found(TextSlice)
        case missing
        /// The path is none.
        case bad
    }

    /// Where a row's path comes from.
    struct PathFinder: Sendable {
        fileprivate enum Source: Sendable {
            case constant(JSONPath)
            /// Argument 1 is a path, a member's name, or an element's index.
            case path, name, index
        }
        fileprivate let source: Source

        @inline(__always)
        fileprivate func with<R>(
            _ call: KernelCall, _ body: ((_ row: Int, _ texts: StringAccess) -> Located) -> R
        ) -> R {
            func find(_ path: JSONPath, _ texts: StringAccess, _ row: Int) -> Located {
                JSONSearch.find(path, texts.pointer(row), texts.view(row).count)
                    .map { .found($0) } ?? .missing
            }
            switch source {
            case .constant(let path): return body { row, texts in find(path, texts, row) }
            case .index:
                let indices = call.operand(1, Int64.self)
                return body { row, texts in
                    find(JSONPath(steps: [.element(Int(indices[row]))]), texts, row)
                }
            case .name:
                return call.withStrings(1) { names in
                    body { row, texts in
                        find(JSONPath(steps: [.member(Array(names[row]))]), texts, row)
                    }
                }
            case .path:
                return call.withStrings(1) { paths in
                    body { row, texts in
                        JSONPath(paths[row]).map { find($0, texts, row) } ?? .bad
                    }
                }
            }
        }
    }

    /// - Parameter step: the second argument is a name or an index, not a path.
    private static func json(
        _ request: KernelRequest, step: Bool = false, _ make: (PathFinder) -> BoundKernel
    ) -> BoundKernel? {
        guard request.arguments.first == .json else { return nil }
        if request.arguments.count == 1 {
            return make(PathFinder(source: .constant(JSONPath(steps: []))))
        }
        if request.arguments[1] == .bigint { return make(PathFinder(source: .index)) }
        guard let constant = request.constantText(1) else {
            return make(PathFinder(source: step ? .name : .path))
        }
        if step {
            return make(
                PathFinder(source: .constant(JSONPath(steps: [.member(Array(constant.utf8))]))))
        }
        // A constant that is no path fails row by row: TRY and CASE may keep it from being reached.
        let path = Array(constant.utf8).withUnsafeBytes { JSONPath($0) }
        return make(PathFinder(source: path.map { .constant($0) } ?? .path))
    }

    /// The JSON there, as it is written.
    private static func located(_ finder: PathFinder) -> BoundKernel {
        BoundKernel { call in
            var faults = Faults()
            var result = finder.with(call) { find in
                call.withStrings(0) { texts in
                    call.slices(of: 0) { row, _, _ in
                        switch find(row, texts) {
                        case .found(let slice): return slice
                        case .missing: return nil
                        case .bad:
                            faults.add(row, .pattern)
                            return .empty
                        }
                    }
                }
            }
            result.faults = faults
            return result
        }
    }

    private static func text(_ finder: PathFinder) -> BoundKernel {
        BoundKernel { call in
            finder.with(call) { find in
                call.withStrings(0) { texts in
                    call.texts { row, out in
                        switch find(row, texts) {
                        case .bad: return .fault(.pattern)
                        case .missing: return .null
                        case .found(let slice):
                            return JSONSearch.appendText(slice, texts.pointer(row), to: &out)
                                ? .value : .null
                        }
                    }
                }
            }
        }
    }

    private static func arrayLength(_ finder: PathFinder) -> BoundKernel {
        BoundKernel { call in
            finder.with(call) { find in
                call.withStrings(0) { texts in
                    call.values(of: Int32.self) { row, out in
                        switch find(row, texts) {
                        case .bad: return .fault(.pattern)
                        case .missing: return .null
                        case .found(let slice):
                            var count: Int32 = 0
                            let isArray = JSONSearch.forEachElement(texts.pointer(row), slice) {
                                _ in
                                count &+= 1
                            }
                            out = count
                            return isArray ? .value : .null
                        }
                    }
                }
            }
        }
    }

    private static func kind(_ finder: PathFinder) -> BoundKernel {
        BoundKernel { call in
            finder.with(call) { find in
                call.withStrings(0) { texts in
                    call.texts { row, out in
                        switch find(row, texts) {
                        case .bad: return .fault(.pattern)
                        case .missing: return .null
                        case .found(let slice):
                            let kind = JSONSearch.kind(texts.pointer(row), slice)
                            out.append(contentsOf: "\(kind)".utf8)
                            return .value
                        }
                    }
                }
            }
        }
    }

    private static func keys(_ finder: PathFinder) -> BoundKernel {
        BoundKernel { call in
            finder.with(call) { find in
                call.withStrings(0) { texts in
                    var names = StringsBuilder()
                    var offsets: [Int32] = [0]
                    var collector = RowCollector(count: call.count)
                    for row in 0..<call.count {
                        if call.validity?[row] ?? true {
                            appendKeys(find(row, texts), texts, row, &names, &collector)
                        }
                        offsets.append(Int32(clamping: names.count))
                    }
                    let child = Column(.string, .strings(names.finish()))
                    return collector.result(.list(offsets: offsets, ColumnBox(child)))
                }
            }
        }
    }

    /// Each name once, at its first place.
    private static func appendKeys(
        _ located: Located, _ texts: StringAccess, _ row: Int, _ names: inout StringsBuilder,
        _ collector: inout RowCollector
    ) {
        switch located {
        case .bad: collector.note(.fault(.pattern), row)
        case .missing: collector.setNull(row)
        case .found(let slice):
            var seen: Set<[UInt8]> = []
            let isObject = JSONSearch.forEachMember(texts.pointer(row), slice) { cursor, key, _ in
                var name: [UInt8] = []
                cursor.unescape(key, into: &name)
                if seen.insert(name).inserted { name.withUnsafeBytes { names.append($0) } }
            }
            if !isObject { collector.setNull(row) }
        }
    }
}
