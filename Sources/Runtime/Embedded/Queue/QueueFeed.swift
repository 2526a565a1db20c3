import PipelineDSL

/// `pipec feed` and `pipec peek` of a queue.
struct QueueFeed {
    let node: String
    let settings: SQSSettings
    let project: ProjectDirectory

    /// Each line that is not blank is a message.
    func put(_ bytes: [UInt8], now: Int64) throws -> String {
        let entries = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return line.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? nil : entry(line)
        }
        let stored = try settings.open(project).send(entries, now: now)
        let duplicates = entries.count - stored
        return "\(node): \(grouped(stored)) messages"
            + (duplicates > 0 ? ", \(grouped(duplicates)) duplicates" : "")
    }

    /// The group and the deduplication id are values of the object, as in a message that a run sends.
    private func entry(_ line: ArraySlice<UInt8>) -> MessageQueue.Entry {
        var entry = MessageQueue.Entry(
            String(decoding: line, as: UTF8.self), delay: settings.delay)
        guard settings.isFIFO, let object = try? JSONValue.parse(Array(line)) else { return entry }
        entry.group = settings.groupBy.flatMap { object[$0]?.keyText }
        entry.deduplicationID = settings.deduplicateBy.flatMap { object[$0]?.keyText }
        return entry
    }

    /// The dead-letter queue's messages go back to the queue.
    func redrive(now: Int64) throws -> String {
        "\(node): \(grouped(try settings.open(project).redrive(now: now))) messages redriven"
    }

    func peek(_ limit: Int, deadLetters: Bool, now: Int64) throws -> ([String], String) {
        let queue = try settings.open(project)
        let dead = try queue.deadLetterCount(now: now)
        if deadLetters {
            return (
                try queue.deadLetters(limit).map(\.body),
                "\(grouped(dead)) messages in "
                    + (queue.attributes.deadLetterQueue ?? "no dead-letter queue")
            )
        }
        let counts = try queue.counts(now: now)
        var summary =
            "\(grouped(counts.visible)) messages visible, \(grouped(counts.inFlight)) in flight"
        if counts.delayed > 0 { summary += ", \(grouped(counts.delayed)) delayed" }
        if dead > 0 {
            summary += ", \(grouped(dead)) in \(queue.attributes.deadLetterQueue ?? "")"
        }
        return (try queue.peek(limit).map(\.body), summary)
    }
}

extension JSONValue {
    /// What a key column's value is as text; `nil` for null, objects and lists.
    var keyText: String? {
        switch self {
        case .string(let text): text
        case .number(let text): text
        case .boolean(let value): String(value)
        default: nil
        }
    }
}
