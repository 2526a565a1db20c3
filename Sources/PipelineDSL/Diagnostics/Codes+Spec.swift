extension DiagnosticCode {
    public static let unknownKey = DiagnosticCode(100, "unknown key", "")
    public static let missingSetting = DiagnosticCode(101, "missing setting", "")
    public static let wrongType = DiagnosticCode(102, "wrong type", "")
    public static let outOfRange = DiagnosticCode(103, "out of range", "")
    public static let badChoice = DiagnosticCode(104, "not one of the choices", "")
    public static let badQuantity = DiagnosticCode(105, "bad duration, size, rate or fraction", "")
    public static let notABoolean = DiagnosticCode(106, "not a boolean", "")
    public static let oneKeyExpected = DiagnosticCode(107, "exactly one key expected", "")
    public static let emptySetting = DiagnosticCode(108, "key without a value", "")
    public static let listedTwice = DiagnosticCode(109, "listed twice", "")
    public static let splitType = DiagnosticCode(111, "type cut in two", "")
    public static let unknownParameter = DiagnosticCode(113, "unknown parameter", "")
    public static let missingVariable = DiagnosticCode(114, "environment variable not set", "")
    public static let secretInText = DiagnosticCode(115, "secret where it would be shown", "")
    public static let emptySpec = DiagnosticCode(116, "empty spec", "")
    public static let unsupportedVersion = DiagnosticCode(
        117, "unknown version of the language", "")
    public static let badName = DiagnosticCode(118, "not a name", "")
    public static let duplicateName = DiagnosticCode(119, "name used twice", "")
    public static let reservedName = DiagnosticCode(120, "reserved name", "")
    public static let noConnector = DiagnosticCode(121, "no connector", "")
    public static let severalConnectors = DiagnosticCode(122, "more than one connector", "")
    public static let transformBody = DiagnosticCode(123, "transform without a body", "")
    public static let badStep = DiagnosticCode(124, "malformed step", "")
    public static let conflictingSettings = DiagnosticCode(
        125, "settings that exclude each other", "")
    public static let expressionWithoutName = DiagnosticCode(126, "expression without a name", "")
    public static let badCron = DiagnosticCode(127, "not a cron expression", "")
    public static let unknownProfileNode = DiagnosticCode(128, "profile for an unknown node", "")
    public static let includeNotFound = DiagnosticCode(129, "nothing to include", "")
    public static let includeCycle = DiagnosticCode(130, "files that include each other", "")
    public static let notInIncludedFile = DiagnosticCode(131, "key of the main file", "")
    public static let notSupportedYet = DiagnosticCode(132, "not supported yet", "")

    static let specCodes: [DiagnosticCode] = [
        unknownKey, missingSetting, wrongType, outOfRange, badChoice, badQuantity, notABoolean,
        oneKeyExpected, emptySetting, listedTwice, splitType,
        unknownParameter, missingVariable, secretInText, emptySpec, unsupportedVersion, badName,
        duplicateName, reservedName, noConnector, severalConnectors, transformBody, badStep,
        conflictingSettings, expressionWithoutName, badCron, unknownProfileNode, includeNotFound,
        includeCycle, notInIncludedFile, notSupportedYet,
    ]
}
