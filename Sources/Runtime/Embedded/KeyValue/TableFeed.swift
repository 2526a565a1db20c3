import PipelineDSL

/// `pipec feed` and `pipec peek` of a key-value table or cache.
struct TableFeed {
    let node: String
    /// Before the keys that are the node's own; `nil` where all are.
    var prefix: String?
    /// `nil` where the columns do not say what an item is.
    var items: Items?
    let open: () throws -> KeyValueTable

    func peek(
        _ limit: Int, _ options: Feed.PeekOptions, now: Int64
    ) throws -> ([String], String) {
        let table = try open()
        try table.removeExpired(now: now)
        if let prefix {
            if let index = options.index { throw noIndex(index) }
            return try cache(table, prefix, limit, options.key, now)
        }
        if let index = options.index {
            let items = try table.items(
                index: index, partition: options.key, limit: limit, now: now)
            return (items, "\(grouped(items.count)) items of the index \(index)")
        }
        if let key = options.key {
            let items = try table.items(partition: key, limit: limit, now: now)
            return (items, "\(grouped(items.count)) items of the partition \(key)")
        }
        return (
            try table.items(limit: limit, now: now), "\(grouped(try table.count(now: now))) items"
        )
    }

    private func noIndex(_ index: String) -> RunError {
        RunError(.cannotRun, "`\(node)` is a cache, which has no index `\(index)`")
    }

    /// Entries with their key and the seconds they have left.
    private func cache(
        _ table: KeyValueTable, _ prefix: String, _ limit: Int, _ key: String?, _ now: Int64
    ) throws -> ([String], String) {
        var (lines, count) = ([String](), 0)
        var last: KeyValueTable.Item?
        while true {
            let page = try table.page(after: last, limit: 1024, now: now)
            for item in page {
                guard case .string(let name) = item.pk.storage, name.hasPrefix(prefix),
                    key.map({ name == prefix + $0 }) ?? true
                else { continue }
                count += 1
                guard lines.count < limit else { continue }
                let left = item.expires.map { "  \(($0 &- now) / 1_000_000) s left" } ?? ""
                lines.append("\(name)\(left)  \(item.text)")
            }
            guard let end = page.last else { break }
            last = end
        }
        return (lines, "\(grouped(count)) entries")
    }
}
