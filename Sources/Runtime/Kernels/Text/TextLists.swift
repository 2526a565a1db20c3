import PipelineDSL

extension KernelCall {
    /// A column of arrays of texts that are parts of an argument's texts.
    func textLists(
        of index: Int,
        _ body: (
            _ row: Int, _ text: UnsafePointer<UInt8>, _ count: Int, _ add: (TextSlice) -> Void
        ) -> RowOutcome
    ) -> KernelResult {
        let source = strings(index)
        var collector = RowCollector(count: count)
        var views: [StringView] = []
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(count + 1)
        source.withAccess(constant: arguments[index].isConstant) { access in
            for row in 0..<count {
                if validity?[row] ?? true {
                    let (view, p) = (access.view(row), access.pointer(row))
                    let start = views.count
                    let outcome = body(row, p, view.count) { views.append(view.slice($0, of: p)) }
                    if case .value = outcome, views.count <= Int(Int32.max) {
                    } else {
                        views.removeSubrange(start...)
                        if case .value = outcome {
                            collector.note(.fault(.tooLarge), row)
                        } else {
                            collector.note(outcome, row)
                        }
                    }
                }
                offsets.append(Int32(clamping: views.count))
            }
        }
        let child = Column(.string, .strings(Strings(views: views, blocks: source.blocks)))
        return collector.result(.list(offsets: offsets, ColumnBox(child)))
    }
}

extension KernelTable {
    static let textSplitting: [String: KernelResolver] = [
        "string_to_array": { _ in
            BoundKernel { call in
                call.withStrings(1) { delimiters in
                    call.textLists(of: 0) { row, p, count, add in
                        let delimiter = delimiters[row]
                        if delimiter.isEmpty {
                            characters(p, count, add)
                        } else if count > 0 {
                            parts(delimiter, p, count, add)
                        }
                        return .value
                    }
                }
            }
        }
    ]

    private static func characters(
        _ p: UnsafePointer<UInt8>, _ count: Int, _ add: (TextSlice) -> Void
    ) {
        var i = 0
        while i < count {
            let length = Scalars.length(p + i, count - i)
            add(TextSlice(from: i, count: length))
            i += length
        }
    }

    private static func parts(
        _ delimiter: UnsafeRawBufferPointer, _ p: UnsafePointer<UInt8>, _ count: Int,
        _ add: (TextSlice) -> Void
    ) {
        var from = 0
        while let at = TextSearch.find(delimiter, in: p, count, from: from) {
            add(TextSlice(from: from, count: at - from))
            from = at + delimiter.count
        }
        add(TextSlice(from: from, count: count - from))
    }
}
