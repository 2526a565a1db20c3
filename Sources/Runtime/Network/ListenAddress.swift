/// Where a server listens: `127.0.0.1:9464`, `[::1]:9464`, `:9464` or `9464` for the loopback.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package static let loopback = "127.0.0.1"

    package var host: String
    /// 0: any that is free.
    package var port: Int

    package init(host: String = ListenAddress.loopback, port: Int) {
        self.host = host
        self.port = port
    }

    /// `nil` where the text is none.
    package init?(_ text: String) {
        let host: Substring
        let port: Substring
        if text.hasPrefix("[") {
            guard let end = text.lastIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.hasPrefix(":"), !host.isEmpty else { return nil }
            port = rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !host.contains(":") else { return nil }
        } else {
            (host, port) = ("", text[...])
        }
        guard let number = Int(port), (0...65535).contains(number), port.allSatisfy(\.isNumber)
        else { return nil }
        self.init(host: host.isEmpty ? ListenAddress.loopback : String(host), port: number)
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
