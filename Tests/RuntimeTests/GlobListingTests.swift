import Runtime
import Testing

/// Patterns over a list of paths mean what they mean over folders.
@Suite struct GlobListingTests {
    private static let paths = [
        "a.yaml", "b/c.yaml", "b/d/e.yaml", "b/d/f.yml", "b/.hidden.yaml", ".git/x.yaml",
        "b/[odd].yaml",
    ]

    @Test(arguments: [
        ("a.yaml", ["a.yaml"]),
        ("*.yaml", ["a.yaml"]),
        ("b/*", ["b/[odd].yaml", "b/c.yaml"]),
        ("b/?.yaml", ["b/c.yaml"]),
        ("**/*.yaml", ["a.yaml", "b/[odd].yaml", "b/c.yaml", "b/d/e.yaml"]),
        ("b/**", ["b/[odd].yaml", "b/c.yaml", "b/d/e.yaml", "b/d/f.yml"]),
        ("b/**/d/*.y{a,}ml", ["b/d/e.yaml", "b/d/f.yml"]),
        ("**/**/e.yaml", ["b/d/e.yaml"]),
        ("b/.*.yaml", ["b/.hidden.yaml"]),
        (".git/*", [".git/x.yaml"]),
        ("c.yaml", []),
        ("b", []),
        ("", []),
    ])
    func patternSelects(_ pattern: String, _ expected: [String]) {
        #expect(Glob.select(pattern, from: Self.paths) == expected)
    }

    /// A pattern of many `**` takes no longer for it.
    @Test func manyFoldersAreQuick() {
        let path = String(repeating: "a/", count: 200) + "b"
        let pattern = String(repeating: "**/", count: 200) + "c"
        #expect(Glob.select(pattern, from: [path]).isEmpty)
    }
}
