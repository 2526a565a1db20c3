import Foundation
import PipelineDSL

/// JSON values as the YAML test suite gives them: one text after the other.
enum JSONTexts {
    static func values(_ text: String) throws -> [Any] {
        try split(text).map {
            try JSONSerialization.jsonObject(with: Data($0.utf8), options: [.fragmentsAllowed])
        }
    }

    private static func split(_ text: String) -> [String] {
        var texts: [String] = []
        var current = ""
        var depth = 0
        var isInString = false
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if depth == 0, !isInString, scalar == "\n" {
                if !current.isEmpty { texts.append(current) }
                current = ""
                continue
            }
            current.unicodeScalars.append(scalar)
            if isInString {
                if !isEscaped, scalar == "\"" { isInString = false }
                isEscaped = !isEscaped && scalar == "\\"
                continue
            }
            switch scalar {
            case "\"": isInString = true
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            default: break
            }
        }
        if !current.isEmpty { texts.append(current) }
        return texts
    }

    static func isSame(_ node: YAMLNode, _ value: Any) -> Bool {
        switch node.kind {
        case .sequence(let items):
            guard let list = value as? [Any], list.count == items.count else { return false }
            return zip(items, list).allSatisfy { isSame($0, $1) }
        case .mapping(let entries):
            guard let object = value as? [String: Any], object.count == entries.count else {
                return false
            }
            return entries.allSatisfy { entry in
                guard let key = entry.key.scalar?.text else { return false }
                return object[key].map { isSame(entry.value, $0) } ?? false
            }
        case .scalar(let scalar): return isSame(scalar, tag: node.tag, value)
        }
    }

    private static func isSame(_ scalar: YAMLNode.Scalar, tag: String?, _ value: Any) -> Bool {
        if let text = value as? String {
            return text == scalar.text
        }
        switch PlainValue(scalar, tag: tag) {
        case .null: return value is NSNull
        case .boolean(let boolean): return (value as? Bool) == boolean
        case .integer(let integer): return (value as? NSNumber)?.doubleValue == Double(integer)
        case .number(let number): return (value as? NSNumber)?.doubleValue == number
        default: return tag == "!!int" || tag == "!!float"
        }
    }
}
