extension Glob {
    /// What `expand` would find if `paths` were the files there are: for a tree that is in no folder.
    ///
    /// - Parameters:
    ///   - pattern: relative to where `paths` are.
    ///   - paths: of files, without `.`, `..` or a leading slash.
    package static func select(_ pattern: String, from paths: [String]) -> [String] {
        let patterns = braces(pattern).map { pattern in
            let parts = pattern.split(separator: "/").map(String.init)
            // At the end it stands for files at any depth.
            return parts.last == "**" ? parts + ["*"] : parts
        }
        return paths.filter { path in
            let names = path.split(separator: "/").map(String.init)
            return patterns.contains { matches($0, names) }
        }.sorted()
    }

    /// Whether the names of a path follow the parts of a pattern.
    ///
    /// `reached[n]` says that the parts so far may stand for the first `n` names, so the work is the
    /// product of both lengths, however many `**` there are.
    private static func matches(_ parts: [String], _ names: [String]) -> Bool {
        var reached = [Bool](repeating: false, count: names.count + 1)
        reached[0] = true
        for part in parts {
            var next = [Bool](repeating: false, count: names.count + 1)
            if part == "**" {
                var open = false
                for n in 0...names.count {
                    open = open || reached[n]
                    next[n] = open
                    if n < names.count, names[n].hasPrefix(".") { open = false }
                }
            } else {
                for n in names.indices where reached[n] {
                    next[n + 1] = isPattern(part) ? matches(part, names[n]) : part == names[n]
                }
            }
            reached = next
        }
        return reached[names.count]
    }
}
