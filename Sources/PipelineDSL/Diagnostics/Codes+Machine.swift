// What the machine refuses: 0690–0699.
extension DiagnosticCode {
    public static let diskFull = DiagnosticCode(
        690, "no room is left",
        """
        A file could not be written because its file system is full, the user's quota is used up, or
        the file would be larger than the process may write (`ulimit -f`). The message says which file.

        Nothing is half done. An epoch or run that was not decided yet is undone, and what it had
        staged is removed; one that was decided is completed by the next start. Make room (`df` shows
        what is full), then start the same command again: it goes on from its last commit, and the
        result is that of a run that was never disturbed.
        """)

    static let machineCodes: [DiagnosticCode] = [diskFull]
}
