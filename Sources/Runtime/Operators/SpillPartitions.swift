import PipelineDSL

/// Rows on disk in sixteen files by four bits of their hash, so that each can be worked off alone.
///
/// Level 0 looks at the lowest bits, level 1 at the next: the rows of one partition that is still
/// too large spread again. (A ``GroupTable`` chooses slots by the highest.)
final class SpillPartitions: @unchecked Sendable {
    static let levels = 6
    private static let count = 16

    let level: Int
    private(set) var files: [SpillFile]

    init(directory: String, types: [DataType], level: Int) throws {
        self.level = level
        try Files.makeDirectory(directory)
        files = try (0..<SpillPartitions.count).map { _ in
            try SpillFile(directory: directory, types: types)
        }
    }

    func append(_ batch: Batch, rows: [UInt32], hashes: [UInt64]) throws {
        guard !rows.isEmpty else { return }
        var parts = [[UInt32]](repeating: [], count: SpillPartitions.count)
        let shift = UInt64(4 * level)
        for row in rows { parts[Int(hashes[Int(row)] >> shift & 15)].append(row) }
        for (index, part) in parts.enumerated() where !part.isEmpty {
            try files[index].append(batch.gathered(part))
        }
    }
}
