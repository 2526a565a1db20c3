/// What libyaml 0.2.5 does otherwise than the YAML test suite, counted and with the reason.
///
/// The reader is as strict and as lenient as libyaml. A case that is not here must give exactly the
/// events of the suite; one that is here must deviate in just this way.
enum YAMLDeviations {
    enum Outcome: String, Sendable { case accepted, rejected, otherEvents }

    struct Group: Sendable {
        var reason: String
        var outcome: Outcome
        var cases: [String]
    }

    static let all: [Group] = [
        Group(
            reason: "an absent key (`: value`) is not read in block mappings", outcome: .rejected,
            cases: ["2JQS", "6M2F", "M2N8/00", "NHX8", "NKF9", "S3PD", "SM9W/01", "UKK6/00"]),
        Group(
            reason: "an absent key or value is not read in flow collections", outcome: .rejected,
            cases: ["4ABK", "CFD4", "FRK4"]),
        Group(
            reason: "a flow key and its `:` must be on one line", outcome: .rejected,
            cases: [
                "4MUZ/00", "4MUZ/01", "4MUZ/02", "5MUD", "9SA2", "K3WX", "NJ66", "UT92", "VJP3/01",
            ]),
        Group(
            reason: "a plain scalar that starts with `:` is not read", outcome: .rejected,
            cases: ["58MP", "5T43", "DBG4", "HM87/00"]),
        Group(
            reason: "`?` starts a key in a flow collection even without a blank after it",
            outcome: .otherEvents,
            cases: ["652Z", "HM87/01"]),
        Group(
            reason: "colons and other signs end the name of an anchor", outcome: .rejected,
            cases: ["2SXE", "8XYN", "W5VH"]),
        Group(
            reason: "colons and other signs end the name of an anchor", outcome: .otherEvents,
            cases: ["Y2GN"]),
        Group(
            reason: "reserved directives are errors, not ignored", outcome: .rejected,
            cases: ["2LFX", "6LVF", "MUS6/05", "MUS6/06"]),
        Group(
            reason: "YAML 1.3 is an error, not a warning", outcome: .rejected,
            cases: ["BEC7"]),
        Group(
            reason: "a second or malformed `%YAML` directive is not noticed", outcome: .accepted,
            cases: ["MUS6/00", "MUS6/01"]),
        Group(
            reason: "tabs are not taken as separation", outcome: .rejected,
            cases: [
                "6BCT", "6CA3", "96NN/00", "96NN/01", "A2M4", "DK95/00", "DK95/03", "DK95/04",
                "Q5MG", "R4YG", "Y79Y/01", "Y79Y/10",
            ]),
        Group(
            reason: "tabs are not noticed as indentation inside quotes and flow collections",
            outcome: .accepted,
            cases: ["DK95/01", "Y79Y/03"]),
        Group(
            reason: "a document must start with `---` after another one has ended",
            outcome: .rejected,
            cases: ["7Z25", "DK3J", "FP8R", "M7A3", "W4TN"]),
        Group(
            reason: "`...` without a document is an error", outcome: .rejected,
            cases: ["HWV9", "QT73"]),
        Group(
            reason: "the indentation of flow collections and their ends is not checked",
            outcome: .accepted,
            cases: ["9C9N"]),
        Group(
            reason: "the indentation of quoted scalars is not checked", outcome: .accepted,
            cases: ["QB6E"]),
        Group(
            reason: "a lone `-` in a flow sequence is taken as text", outcome: .accepted,
            cases: ["YJV2", "G5U8"]),
        Group(
            reason: "a directive is accepted without a document end before it", outcome: .accepted,
            cases: ["9HCY", "EB22", "RHX7"]),
        Group(
            reason: "a comment needs no blank before it", outcome: .accepted,
            cases: ["9JBA", "CVW2", "SU5Z", "X4QW"]),
        Group(
            reason: "leading blank lines may be indented deeper than the text", outcome: .accepted,
            cases: ["S98Z"]),
        Group(
            reason: "a last line of blanks without a line end adds nothing", outcome: .otherEvents,
            cases: ["JEF9/02", "L24T/01"]),
    ]

    static func outcome(of id: String) -> Outcome? {
        all.first { $0.cases.contains(id) }?.outcome
    }
}
