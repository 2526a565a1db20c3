import Foundation
import TestSupport
import Testing

/// Colours and progress are for people at a terminal, and for nobody else.
@Suite struct TerminalTests {
    private static let escape = "\u{1B}["

    /// What a command that finds a mistake says on a terminal, and its exit code.
    private func onTerminal(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> (text: String, status: Int32) {
        let pipec = try #require(PipecBinary.path, "pipec is not built")
        var (main, other): (Int32, Int32) = (-1, -1)
        try #require(openpty(&main, &other, nil, nil, nil) == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: pipec)
        process.arguments = arguments
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        process.environment = ["TERM": "xterm", "PATH": "/usr/bin:/bin"]
            .merging(environment, uniquingKeysWith: { $1 })
        let terminal = FileHandle(fileDescriptor: other, closeOnDealloc: true)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = terminal
        process.standardError = terminal
        try process.run()
        try terminal.close()
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            // At its end a terminal that nobody holds gives an error, not 0.
            let count = read(main, &buffer, buffer.count)
            if count <= 0 { break }
            text += buffer[..<count]
        }
        close(main)
        process.waitUntilExit()
        return (String(decoding: text, as: UTF8.self), process.terminationStatus)
    }

    private static let mistake = ["check", "nowhere.yaml"]

    @Test func colouredOnATerminal() throws {
        let result = try onTerminal(Self.mistake)
        #expect(result.text.contains(Self.escape))
        #expect(result.status == 1)
    }

    @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
    func plainWhereTheEnvironmentSays(_ environment: [String: String]) throws {
        #expect(try !onTerminal(Self.mistake, environment).text.contains(Self.escape))
    }

    @Test func emptyNoColorMeansNothing() throws {
        #expect(try onTerminal(Self.mistake, ["NO_COLOR": ""]).text.contains(Self.escape))
    }

    @Test func flagGoesFirst() throws {
        let plain = try onTerminal(Self.mistake + ["--color", "never"])
        #expect(!plain.text.contains(Self.escape))
        let coloured = try PipecBinary.run(
            Self.mistake + ["--color", "always"], in: "/", environment: ["NO_COLOR": "1"])
        #expect(coloured.errors.contains(Self.escape))
        #expect(coloured.output.isEmpty)
    }

    @Test func plainInAPipe() throws {
        let result = try PipecBinary.run(Self.mistake, in: "/", environment: ["TERM": "xterm"])
        #expect(!result.errors.contains(Self.escape))
    }
}
