extension SourceText {
    /// The same text with its longer runs cut in pieces, so that finding a position costs a
    /// bounded number of steps however long a line is.
    func withShortSegments() -> SourceText {
        let limit = 64
        let count = text.utf8.count
        var cut: [Segment] = []
        var bytes = text.utf8.makeIterator()
        var offset = 0
        for (index, segment) in segments.enumerated() {
            let end = index + 1 < segments.count ? segments[index + 1].decodedOffset : count
            cut.append(segment)
            // What was written otherwise (an escape, a folded line end) has no places inside.
            let isOneToOne = segment.end == nil
            var position = segment.position
            var pieceStart = offset
            while offset < min(end, count), let byte = bytes.next() {
                if byte & 0xC0 != 0x80 {
                    if isOneToOne, offset - pieceStart >= limit {
                        cut.append(Segment(decodedOffset: offset, position: position))
                        pieceStart = offset
                    }
                    position.column += 1
                }
                position.offset += 1
                offset += 1
            }
        }
        return SourceText(text: text, file: file, segments: cut, span: span)
    }
}
