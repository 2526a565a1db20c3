#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Paths that match a pattern, sorted, so that the same folder is read in the same order everywhere.
///
/// `*` and `?` stand for parts of one name, `[a-z]` for one character, `{a,b}` for alternatives and
/// `**` for any number of folders. Names with a leading dot match only a pattern that has one.
/// Links to folders are not followed by `**`, so a cycle of links ends.
package enum Glob {
    package static func isPattern(_ path: String) -> Bool {
        path.contains { "*?[{".contains($0) }
    }

    /// - Parameter base: the folder that a relative pattern starts from.
    /// - Returns: paths as the pattern spells them: relative for a relative pattern.
    package static func expand(_ pattern: String, base: String) -> [String] {
        var found: Set<String> = []
        for alternative in braces(pattern) {
            let isAbsolute = alternative.hasPrefix("/")
            let parts = alternative.split(separator: "/", omittingEmptySubsequences: true).map(
                String.init)
            match(
                ArraySlice(parts), prefix: isAbsolute ? "/" : "", base: isAbsolute ? "" : base,
                &found)
        }
        return found.sorted()
    }

    /// At most this many alternatives, however the braces nest.
    private static let alternativeLimit = 1024

    static func braces(_ pattern: String) -> [String] {
        var done: [String] = []
        var pending = [pattern]
        while let current = pending.popLast() {
            guard done.count + pending.count < alternativeLimit,
                let open = current.firstIndex(of: "{"),
                let close = current[open...].firstIndex(of: "}")
            else {
                done.append(current)
                continue
            }
            let choices = current[current.index(after: open)..<close].split(
                separator: ",", omittingEmptySubsequences: false)
            for choice in choices {
                pending.append(
                    String(current[..<open]) + choice + current[current.index(after: close)...])
            }
        }
        return done
    }

    private static func match(
        _ parts: ArraySlice<String>, prefix: String, base: String, _ found: inout Set<String>
    ) {
        guard let part = parts.first else { return }
        let rest = parts.dropFirst()
        let folder = absolute(prefix, base)
        if part == "**" {
            match(rest.isEmpty ? ["*"] : rest, prefix: prefix, base: base, &found)
            for name in Files.list(folder) where !name.hasPrefix(".") {
                if isRealDirectory(folder + "/" + name) {
                    match(parts, prefix: join(prefix, name), base: base, &found)
                }
            }
            return
        }
        let names = isPattern(part) ? Files.list(folder).filter { matches(part, $0) } : [part]
        for name in names {
            let path = join(prefix, name)
            if rest.isEmpty {
                let full = absolute(path, base)
                if Files.exists(full) && !Files.isDirectory(full) { found.insert(path) }
            } else {
                match(rest, prefix: path, base: base, &found)
            }
        }
    }

    private static func join(_ prefix: String, _ name: String) -> String {
        prefix.isEmpty || prefix.hasSuffix("/") ? prefix + name : prefix + "/" + name
    }

    private static func absolute(_ path: String, _ base: String) -> String {
        if path.hasPrefix("/") { return path }
        return path.isEmpty
            ? (base.isEmpty ? "." : base) : (base.isEmpty ? path : base + "/" + path)
    }

    private static func isRealDirectory(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// POSIX `fnmatch` does one name: it knows character classes and the leading dot.
    static func matches(_ pattern: String, _ name: String) -> Bool {
        fnmatch(pattern, name, FNM_PERIOD | FNM_PATHNAME) == 0
    }
}
