extension DiagnosticCode {
    // MARK: Plan files

    public static let notAPlan = DiagnosticCode(
        400, "the file is not a plan",
        """
        A plan is the JSON document that `pipec plan --out plan.json` writes. The file named is not
        JSON, or is JSON of another kind.
        """)

    public static let planVersion = DiagnosticCode(
        401, "the plan has another format version",
        """
        A plan says in `format_version` which form it has, and pipec reads exactly one: what an
        older or newer form means by a plan cannot be guessed. Make the plan anew from the spec with
        `pipec plan --out plan.json`, or use the version of pipec that made it.
        """)

    public static let brokenPlan = DiagnosticCode(
        402, "the plan contradicts itself",
        """
        Before a plan from a file is executed, everything in it is checked: every column position is
        in range, every input exists and comes first, every type agrees with what is computed from
        the inputs, no number is out of its range. The place named does not hold. A plan is made by
        `pipec plan --out plan.json`; change the spec rather than the plan.
        """)

    static let planCodes: [DiagnosticCode] = [notAPlan, planVersion, brokenPlan]
}
