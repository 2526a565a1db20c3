enum DeadLetterGrammar {
    static let signatures = [
        SettingSignature("path", .string, "The folder they are kept in."),
        SettingSignature(
            "expire_after", .duration, "How long after they were written they are deleted."),
    ]
}

extension SpecBuilder {
    mutating func readDeadLetters(_ section: YAMLNode.Entry) {
        let settings = reader.settings(
            section.value, DeadLetterGrammar.signatures, subject: "`dead_letters`",
            place: section.name.span)
        guard let earlier = names.declare(section.name, "dead_letters", in: "section") else {
            spec.deadLetters = settings
            return
        }
        conflict(
            "dead_letters", earlier.span, "dead_letters", section.name.span,
            "only one file can say it")
    }

    mutating func readMoved(_ section: YAMLNode.Entry) {
        guard !section.value.isNull,
            case .mapping(let moves)? = reader.value(section.value, .mapping(.name), name: "moved")?
                .kind
        else { return }
        for move in moves {
            guard case .symbol(let name) = move.value.kind else { continue }
            spec.moved.append(Spec.Move(from: move.key, to: Spanned(name, move.value.span)))
        }
    }
}
