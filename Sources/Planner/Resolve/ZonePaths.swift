import PipelineDSL

/// Where a zone lies: as written, and under the profile.
struct ZonePath {
    /// `s3://fleet-lake/bronze`
    var location: String
    /// `.pipec/s3/fleet-lake/bronze`
    var path: String
}

extension Checker {
    mutating func zonePath(_ zone: ZoneDeclaration) -> ZonePath? {
        if let override = profile.bindings.first(where: { $0.node.value == zone.name.value }) {
            return overriddenPath(zone, override.binding)
        }
        // A missing path has been reported by the reader.
        guard let text = filled(zone.path), !text.isEmpty else { return nil }
        return bound(text, at: zone.path.span)
    }

    private mutating func filled(_ source: SourceText) -> String? {
        let (text, problems) = Interpolation.fill(source, values)
        bag.add(contentsOf: problems)
        return problems.isEmpty ? text : nil
    }

    /// `files: { path }` or `s3: { bucket, path }` in a profile.
    private mutating func overriddenPath(_ zone: ZoneDeclaration, _ binding: Binding) -> ZonePath? {
        guard let resolved = resolve(zone.name, binding, nil, .zone) else { return nil }
        let path = resolved.plan.settings["path"]?.string ?? ""
        guard let bucket = resolved.plan.settings["bucket"]?.string else {
            return bound(path, at: binding.settings.span)
        }
        return bound("s3://\(bucket)/\(path)", at: binding.settings.span)
    }

    private mutating func bound(_ text: String, at span: SourceSpan) -> ZonePath? {
        let location = Self.withoutSlashes(text)
        guard let range = text.range(ofScheme: ()) else {
            return ZonePath(location: location, path: location)
        }
        let scheme = text[..<range.lowerBound]
        let key = Self.withoutSlashes(String(text[range.upperBound...]))
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard scheme == "s3" else {
            bag.add(
                Diagnostic(
                    .unknownScheme, "`\(scheme)://` is not a place pipec can bind", at: span,
                    notes: ["write a folder, or `s3://bucket/path`"]))
            return nil
        }
        guard let bucket = parts.first, !bucket.isEmpty else {
            bag.add(
                Diagnostic(
                    .unknownScheme, "`\(text)` names no bucket", at: span,
                    notes: ["write `s3://bucket/path`"]))
            return nil
        }
        guard !parts.contains(where: { $0 == ".." || $0 == "." || $0.isEmpty }) else {
            bag.add(
                Diagnostic(
                    .unknownScheme, "the key in `\(text)` has empty or relative parts", at: span))
            return nil
        }
        return ZonePath(location: location, path: isEmbedded ? ".pipec/s3/\(key)" : location)
    }

    private static func withoutSlashes(_ text: String) -> String {
        var text = text[...]
        while text.count > 1, text.last == "/" { text.removeLast() }
        return String(text)
    }
}

extension String {
    /// Where `://` stands.
    fileprivate func range(ofScheme: Void) -> Range<Index>? {
        guard let colon = firstIndex(of: ":"), self[colon...].hasPrefix("://") else { return nil }
        return colon..<index(colon, offsetBy: 3)
    }
}
