/// A file by the name it has in spans.
public struct SpecFile: Hashable, Sendable {
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// Reads `pipec.yaml` and the files it includes into a ``Spec``.
///
/// It never stops at the first mistake: the spec holds whatever was understood, and the diagnostics
/// hold every mistake, in order of file and position. After a syntax error what is merely missing
/// is not reported, because it may stand in the part that could not be read.
public enum SpecReader {
    /// Finds the files that a pattern of `include:` means.
    ///
    /// - Parameters:
    ///   - pattern: as written, such as `contracts/*.yaml`.
    ///   - including: the name of the file it is written in; the pattern is relative to its folder.
    /// - Returns: the files in a fixed order; empty if there is none.
    public typealias Include = (_ pattern: String, _ including: String) -> [SpecFile]

    /// - Parameters:
    ///   - file: the name for spans, relative to the working directory where possible.
    ///   - values: parameters given from outside, laid over the defaults of `parameters:`, and the
    ///     environment.
    ///   - connectors: names of known connectors, if there are any: they settle which of two
    ///     unknown keys is the connector.
    /// - Returns: no spec only if the file has no mapping to read.
    public static func read(
        file: String, bytes: [UInt8], values: InterpolationValues = InterpolationValues(),
        connectors: Set<String> = [], include: @escaping Include = { _, _ in [] }
    ) -> (Spec?, [Diagnostic]) {
        var loader = SpecLoader(include)
        loader.load(SpecFile(name: file, bytes: bytes))
        var bag = DiagnosticBag()
        guard let main = loader.files.first(where: { $0.isMain }) else {
            bag.add(contentsOf: loader.diagnostics)
            return (nil, bag.sorted)
        }
        var builder = SpecBuilder(main: main, values: values, connectors: connectors)
        builder.build(loader.files)
        let cascades = CascadeFilter(loader)
        bag.add(contentsOf: loader.diagnostics.filter { !cascades.hides($0) })
        bag.add(contentsOf: builder.diagnostics.filter { !cascades.hides($0) })
        return (builder.spec, bag.sorted)
    }
}
