/// A request without its body.
package struct HTTPHead: Sendable {
    package var method: String
    /// Percent-encoded, without the query.
    package var path: String
    package var query: String?
    /// In the order they came; names as they were written.
    package var headers: [(name: String, value: String)]

    package init(
        method: String, path: String, query: String? = nil,
        headers: [(name: String, value: String)] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// The first header of the name, whatever its letters' case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}

package struct HTTPRequest: Sendable {
    package var head: HTTPHead
    package var body: [UInt8]

    package init(head: HTTPHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        _ status: Int, _ body: some Sequence<UInt8>, type: String,
        headers: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.headers = [("Content-Type", type)] + headers
        self.body = Array(body)
    }

    package static func json(
        _ status: Int, _ body: some Sequence<UInt8>, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        HTTPResponse(status, body, type: "application/json", headers: headers)
    }

    package static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status, text.utf8, type: "text/plain; charset=utf-8")
    }

    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}

/// What is done with a request once its head is there.
package enum HTTPAdmission: Sendable {
    /// Its body is read, up to so many bytes; a longer one is refused with 413.
    case accept(bodyLimit: Int)
    /// It is answered without its body being looked at.
    case refuse(HTTPResponse)
}

/// Answers the requests of an ``HTTPServer``. Called by its threads, so it must not wait.
package protocol HTTPService: Sendable {
    func admit(_ head: HTTPHead) -> HTTPAdmission
    /// - Parameter reply: to be called once, by any thread.
    func respond(
        to request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void)
    /// The answer to a body that is longer than what was admitted.
    func tooLarge(_ head: HTTPHead, limit: Int) -> HTTPResponse
    /// The answer while more requests are being read than there is memory for.
    func overloaded(_ head: HTTPHead) -> HTTPResponse
}

extension HTTPService {
    package func tooLarge(_ head: HTTPHead, limit: Int) -> HTTPResponse {
        .text(413, "the body may have \(limit) bytes\n")
    }

    package func overloaded(_ head: HTTPHead) -> HTTPResponse {
        var response = HTTPResponse.text(503, "too many requests at once; try again\n")
        response.headers.append(("Retry-After", "1"))
        return response
    }
}
