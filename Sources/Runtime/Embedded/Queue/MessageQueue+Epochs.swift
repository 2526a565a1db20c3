import GRDB
import PipelineDSL

/// Sending what a run wrote, once.
extension MessageQueue {
    /// Removes messages of an epoch that was never completed.
    func discardUncommitted() throws {
        try store.write { db in
            // The ids too: what was never sent must not make a later message a duplicate.
            for table in ["messages", "deduplication"] {
                try db.execute(
                    sql: """
                        DELETE FROM \(table) WHERE epoch IS NOT NULL
                            AND epoch NOT IN (SELECT token FROM epochs)
                        """)
            }
        }
    }

    /// One row makes all messages of the epoch visible.
    func commit(_ token: String, now: Int64) throws {
        if try store.isCommitted(token) { return }
        try store.write { db in
            try EmbeddedStore.record(
                token, now: now, in: db,
                unless: """
                    token IN (SELECT epoch FROM messages WHERE epoch IS NOT NULL
                        UNION SELECT epoch FROM deduplication WHERE epoch IS NOT NULL)
                    """)
        }
        // Before the commit record goes: after a power cut one of the two must still be there.
        try store.synchronise()
    }
}
