import Foundation
import PipelineDSL
import Runtime

/// The files of a repository as they were at a revision, read without a checkout.
struct GitRevision {
    /// As the user wrote it: `origin/main`, `HEAD~3`, `v1.2`.
    let name: String
    private let git: Git
    private let commit: String
    /// The project's folder in the repository, with a slash at its end; empty at the root.
    private let prefix: String
    /// Every file of the revision, from the root of the repository.
    private let paths: [String]

    /// - Parameter folder: absolute, inside the repository.
    /// - Throws: a ``RunError`` that says what is not there and what to do.
    init(_ name: String, folder: String) throws {
        self.name = name
        guard !name.isEmpty, !name.hasPrefix("-"), !name.utf8.contains(0) else {
            throw RunError(
                .noSuchRevision, "`\(name)` is no git revision",
                notes: ["`--against` takes a revision such as `origin/main`, or a file"])
        }
        git = Git(folder: folder)
        guard let place = git.ask(["rev-parse", "--show-prefix"]) else {
            throw RunError(
                .noRepository, "`git` is not installed, so `\(name)` cannot be read",
                notes: [Self.withoutGit])
        }
        guard place.status == 0 else {
            throw RunError(
                .noRepository,
                "there is no file `\(name)`, and git cannot be asked for a revision",
                notes: ["git says: \(place.reason)", Self.withoutGit])
        }
        prefix = String(decoding: place.bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let found = git.ask(["rev-parse", "--verify", "--quiet", name + "^{commit}"])
        guard let found, found.status == 0, !found.text.isEmpty else {
            throw RunError(
                .noSuchRevision, "`\(name)` is neither a file nor a revision of this repository",
                notes: Self.unknown(name, git))
        }
        commit = found.text
        guard let list = git.ask(["ls-tree", "-r", "-z", "--full-tree", "--name-only", commit]),
            list.status == 0
        else {
            throw RunError(.noSuchRevision, "the files of `\(name)` cannot be listed")
        }
        paths = list.bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private static let withoutGit =
        "`pipec plan --out before.json` keeps a plan that `--against before.json` compares with"

    /// The revisions there are, or one that is nearly the same.
    private static func unknown(_ name: String, _ git: Git) -> [String] {
        let known =
            git.ask([
                "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes",
                "refs/tags",
            ])?.text.split(separator: "\n").map(String.init) ?? []
        if let near = nearName(name, among: known) { return ["did you mean `\(near)`?"] }
        guard !known.isEmpty else { return ["this repository has no commit yet"] }
        let more = known.count > 8 ? ", …" : ""
        return [
            "branches and tags: " + known.prefix(8).joined(separator: ", ") + more,
            "what is only elsewhere comes with `git fetch`",
        ]
    }

    /// - Parameter path: relative to the project.
    /// - Throws: where it was not there then.
    func file(_ path: String) throws -> SpecFile {
        let full = Self.normalized(prefix + path)
        guard let full, paths.contains(full), let bytes = read(full) else {
            let specs = paths.filter {
                $0.hasSuffix("/pipec.yaml") || $0 == "pipec.yaml" || $0.hasSuffix("/pipec.yml")
            }
            throw RunError(
                .noSuchRevision, "\(full ?? path) is not there at `\(name)`",
                notes: [
                    specs.isEmpty
                        ? "there is no pipec.yaml at all at that revision"
                        : "specs at that revision: \(specs.prefix(8).joined(separator: ", "))",
                    "a spec that was moved can be compared with its old form as a file: "
                        + "`git show \(name):OLD/PATH > before.yaml`, then `--against before.yaml`",
                ])
        }
        return SpecFile(name: label(full), bytes: bytes)
    }

    /// - Parameter path: relative to the project.
    /// - Returns: `nil` where it was not there then.
    func bytes(_ path: String) -> [UInt8]? {
        guard let full = Self.normalized(prefix + path), paths.contains(full) else { return nil }
        return read(full)
    }

    /// What a pattern of `include:` meant then.
    ///
    /// - Parameter including: the name of a file this revision has given.
    func include(_ pattern: String, from including: String) -> [SpecFile] {
        guard !pattern.hasPrefix("/") else { return [] }
        let file = including.dropFirst(name.count + 1)
        let folder = file.lastIndex(of: "/").map { file[...$0] } ?? ""
        guard let full = Self.normalized(folder + pattern) else { return [] }
        return Glob.select(full, from: paths).compactMap { path in
            read(path).map { SpecFile(name: label(path), bytes: $0) }
        }
    }

    /// `origin/main:contracts/orders.yaml`, as git writes it.
    private func label(_ path: String) -> String { "\(name):\(path)" }

    /// - Parameter path: one of `paths`, so no option.
    private func read(_ path: String) -> [UInt8]? {
        guard let answer = git.ask(["cat-file", "blob", "\(commit):\(path)"]), answer.status == 0
        else { return nil }
        return answer.bytes
    }

    /// `a/./b/../c` as `a/c`; `nil` for what leaves the repository.
    private static func normalized(_ path: some StringProtocol) -> String? {
        var parts: [Substring] = []
        for part in Substring(path).split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }
}
