/// A place in a source file.
///
/// Lines and columns start at 1; a column counts Unicode scalars, as editors do. `offset` counts
/// UTF-8 bytes from the start of the file and starts at 0.
public struct SourcePosition: Hashable, Sendable, Codable, Comparable {
    public var line: Int
    public var column: Int
    public var offset: Int

    public init(line: Int, column: Int, offset: Int) {
        self.line = line
        self.column = column
        self.offset = offset
    }

    public static let start = SourcePosition(line: 1, column: 1, offset: 0)

    public static func < (a: SourcePosition, b: SourcePosition) -> Bool { a.offset < b.offset }
}

/// A half-open range of a source file: `end` is the position after the last character.
public struct SourceSpan: Hashable, Sendable, Codable {
    /// The path as the user would write it, relative to the working directory where possible.
    public var file: String
    public var start: SourcePosition
    public var end: SourcePosition

    public init(file: String, start: SourcePosition, end: SourcePosition) {
        self.file = file
        self.start = start
        self.end = end
    }

    /// From the start of this span to the end of `other`, which must be in the same file.
    public func through(_ other: SourceSpan) -> SourceSpan {
        guard other.file == file, other.end.offset >= start.offset else { return self }
        return SourceSpan(file: file, start: start, end: other.end)
    }

    /// An empty span at the start of `file`, for what has no place of its own.
    public static func file(_ file: String) -> SourceSpan {
        SourceSpan(file: file, start: .start, end: .start)
    }
}
