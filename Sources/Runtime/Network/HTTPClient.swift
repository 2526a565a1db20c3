import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Requests to the outside, one at a time, for threads that can wait. Proxies and certificates are
/// those of the system.
package struct HTTPClient: Sendable {
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// Of a whole request, seconds.
    package var timeout: Double
    /// More of an answer is not kept.
    private static let mostBody = 1 << 20

    package init(timeout: Double = 10) { self.timeout = timeout }

    package func get(_ url: String) throws(Failure) -> HTTPResponse {
        try send("GET", url, headers: [], body: nil)
    }

    package func post(
        _ url: String, headers: [(name: String, value: String)], body: [UInt8]
    ) throws(Failure) -> HTTPResponse {
        try send("POST", url, headers: headers, body: body)
    }

    /// Whether a text can be asked for: `http` or `https`, with a host.
    package static func isAddress(_ text: String) -> Bool {
        guard let url = URL(string: text), let host = url.host(), !host.isEmpty else {
            return false
        }
        return ["http", "https"].contains(url.scheme?.lowercased())
    }

    /// - Throws: where there is no answer; one of any status is returned.
    package func send(
        _ method: String, _ text: String, headers: [(name: String, value: String)], body: [UInt8]?
    ) throws(Failure) -> HTTPResponse {
        guard HTTPClient.isAddress(text), let url = URL(string: text) else {
            throw Failure(description: "the address is no http or https URL")
        }
        var request = URLRequest(url: url, timeoutInterval: timeout)
        request.httpMethod = method
        request.httpBody = body.map { Data($0) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let done = DispatchSemaphore(value: 0)
        // Written before the semaphore is signalled, read after.
        nonisolated(unsafe) var result: (Data?, URLResponse?, (any Error)?) = (nil, nil, nil)
        let task = HTTPClient.session.dataTask(with: request) {
            result = ($0, $1, $2)
            done.signal()
        }
        task.resume()
        guard done.wait(timeout: .now() + timeout + 1) == .success else {
            task.cancel()
            throw Failure(description: "no answer within \(Int(timeout)) s")
        }
        if let error = result.2 { throw Failure(description: HTTPClient.words(error)) }
        guard let answer = result.1 as? HTTPURLResponse else {
            throw Failure(description: "the answer is not HTTP")
        }
        var response = HTTPResponse(
            answer.statusCode, (result.0 ?? Data()).prefix(HTTPClient.mostBody), type: "")
        response.headers = answer.allHeaderFields.compactMap { key, value in
            (key as? String).map { ($0, "\(value)") }
        }
        return response
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.httpMaximumConnectionsPerHost = 4
        return URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    }()

    private static func words(_ error: any Error) -> String {
        let error = error as NSError
        switch URLError.Code(rawValue: error.code) {
        case .timedOut: return "no answer in time"
        case .cannotConnectToHost: return "the connection is refused"
        case .cannotFindHost: return "the host is unknown"
        default: return error.localizedDescription
        }
    }
}

/// A redirect is an answer like any other: a POST must not become a GET elsewhere.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) { completionHandler(nil) }
}
