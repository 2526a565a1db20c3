import NIOCore
import NIOHTTP1
import NIOPosix
import PipelineDSL
import Synchronization

/// An HTTP/1.1 server with a few threads of its own. Nothing outside this file knows of event loops.
///
/// Bounded in every direction: connections, the bytes of all bodies being read, the time a
/// connection may be silent.
package final class HTTPServer: Sendable {
    package struct Limits: Sendable {
        package var connections = 1024
        /// Of all requests that are being read or answered.
        package var bodyBytes = 256 << 20
        /// After which a connection that says nothing is closed.
        package var idleSeconds: Int64 = 60
        package init() {}
    }

    fileprivate struct Shared: Sendable {
        let service: any HTTPService
        let limits: Limits
        let load: Load
    }

    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let load: Load
    /// The address that is listened on; the port is the real one where 0 was asked for.
    package let address: ListenAddress

    /// Listens at once.
    ///
    /// - Throws: ``RunError`` where the address cannot be had.
    package init(
        _ address: ListenAddress, service: any HTTPService, threads: Int = 1,
        limits: Limits = Limits()
    ) throws {
        let load = Load()
        let shared = Shared(service: service, limits: limits, load: load)
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads))
        self.load = load
        do {
            channel = try ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 512)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { HTTPServer.configure($0, shared) }
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 4)
                .bind(host: address.host, port: address.port).wait()
        } catch {
            group.shutdownGracefully { _ in }
            let why = (error as? IOError).map { errnoText($0.errnoCode) } ?? "\(error)"
            throw RunError(
                .cannotListen, "cannot listen on \(address): \(why)",
                notes: ["another process may have the port; choose another one, or 0 for any"])
        }
        self.address = ListenAddress(
            host: address.host, port: channel.localAddress?.port ?? address.port)
    }

    private static func configure(
        _ channel: any Channel, _ shared: Shared
    ) -> EventLoopFuture<Void> {
        guard shared.load.connect(limit: shared.limits.connections) else {
            return channel.close()
        }
        channel.closeFuture.whenComplete { _ in shared.load.disconnect() }
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: true, withErrorHandling: true)
            try pipeline.addHandler(
                IdleStateHandler(readTimeout: .seconds(shared.limits.idleSeconds)))
            try pipeline.addHandler(HTTPConnection(shared))
        }
    }

    /// Takes no more connections, waits until the requests that are there are answered, then closes
    /// what is left.
    package func stop(graceMilliseconds: Int = 5_000) {
        load.isStopping.store(true, ordering: .relaxed)
        try? channel.close().wait()
        for _ in 0..<max(1, graceMilliseconds / 5) where load.requests.value > 0 {
            sleepMilliseconds(5)
        }
        try? group.syncShutdownGracefully()
    }
}

/// What a server has in hand.
private final class Load: Sendable {
    let isStopping = Atomic<Bool>(false)
    let requests = Counter()
    private let connections = Atomic<Int>(0)
    private let bodyBytes = Atomic<Int>(0)

    func connect(limit: Int) -> Bool {
        if connections.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return true }
        disconnect()
        return false
    }

    func disconnect() { connections.wrappingSubtract(1, ordering: .relaxed) }

    func reserve(_ bytes: Int, limit: Int) -> Bool {
        if bodyBytes.wrappingAdd(bytes, ordering: .relaxed).newValue <= limit { return true }
        release(bytes)
        return false
    }

    func release(_ bytes: Int) { bodyBytes.wrappingSubtract(bytes, ordering: .relaxed) }
}

/// The requests of one connection, one after the other.
private final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case reading(HTTPHead, limit: Int)
        /// The answer is known; the rest of the request is passed over.
        case refusing(HTTPResponse)
        case answering
    }

    private let shared: HTTPServer.Shared
    private var state = State.idle
    private var body: [UInt8] = []
    private var reserved = 0
    private var passedOver = 0
    private var keepsAlive = true
    private var isHead = false
    private var isCounted = false

    /// More of a refused request is not read to keep its connection.
    private static let mostPassedOver = 1 << 20

    init(_ shared: HTTPServer.Shared) { self.shared = shared }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let buffer): take(buffer, context)
        case .end: finish(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        count(true)
        keepsAlive = head.isKeepAlive && !shared.load.isStopping.load(ordering: .relaxed)
        isHead = head.method == .HEAD
        passedOver = 0
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = HTTPHead(
            method: head.method.rawValue, path: parts.first.map(String.init) ?? "/",
            query: parts.count > 1 ? String(parts[1]) : nil,
            headers: head.headers.map { ($0.name, HTTPConnection.trimmed($0.value)) })
        let expectsContinue = request.header("expect")?.lowercased() == "100-continue"
        switch shared.service.admit(request) {
        case .refuse(let response):
            state = .refusing(response)
            // The client may send the body or not: the connection cannot be used on.
            if expectsContinue { respond(response, context, closing: true) }
        case .accept(let limit):
            if let length = request.header("content-length").flatMap({ Int($0) }), length > limit {
                state = .refusing(shared.service.tooLarge(request, limit: limit))
                if expectsContinue || length > HTTPConnection.mostPassedOver {
                    respond(
                        shared.service.tooLarge(request, limit: limit), context, closing: true)
                }
                return
            }
            state = .reading(request, limit: limit)
            if expectsContinue {
                let head = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            }
        }
    }

    /// Without the white space around it, which is no part of a value (RFC 9110, section 5.5).
    private static func trimmed(_ value: String) -> String {
        var rest = value[...]
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return String(rest.drop { $0 == " " || $0 == "\t" })
    }

    private func take(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        switch state {
        case .reading(let head, let limit):
            let bytes = buffer.readableBytes
            guard body.count + bytes <= limit else {
                return refuse(shared.service.tooLarge(head, limit: limit))
            }
            guard shared.load.reserve(bytes, limit: shared.limits.bodyBytes) else {
                return refuse(shared.service.overloaded(head))
            }
            reserved += bytes
            body.append(contentsOf: buffer.readableBytesView)
        case .refusing(let response):
            passedOver += buffer.readableBytes
            if passedOver > HTTPConnection.mostPassedOver {
                respond(response, context, closing: true)
            }
        case .idle, .answering: break
        }
    }

    private func refuse(_ response: HTTPResponse) {
        drop()
        state = .refusing(response)
    }

    private func finish(_ context: ChannelHandlerContext) {
        switch state {
        case .reading(let head, _):
            state = .answering
            let request = HTTPRequest(head: head, body: body)
            body = []
            let loop = context.eventLoop
            let place = NIOLoopBound((self, context), eventLoop: loop)
            shared.service.respond(to: request) { response in
                loop.execute {
                    let (connection, context) = place.value
                    connection.respond(response, context, closing: false)
                }
            }
        case .refusing(let response): respond(response, context, closing: false)
        case .idle, .answering: break
        }
    }

    private func respond(
        _ response: HTTPResponse, _ context: ChannelHandlerContext, closing: Bool
    ) {
        drop()
        state = .idle
        count(false)
        guard context.channel.isActive else { return }
        let closes = closing || !keepsAlive
        // What is still to come of a request that was answered before its end is not read.
        if closing { state = .answering }
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Content-Length", value: String(response.body.count))
        if closes { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead, !response.body.isEmpty {
            var buffer = context.channel.allocator.buffer(capacity: response.body.count)
            buffer.writeBytes(response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        let done = context.eventLoop.makePromise(of: Void.self)
        if closes {
            let place = NIOLoopBound(context, eventLoop: context.eventLoop)
            done.futureResult.whenComplete { _ in place.value.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
    }

    /// Gives back what the request's body took.
    private func drop() {
        body = []
        shared.load.release(reserved)
        reserved = 0
    }

    private func count(_ isOpen: Bool) {
        guard isOpen != isCounted else { return }
        isCounted = isOpen
        shared.load.requests.add(isOpen ? 1 : -1)
    }

    func channelInactive(context: ChannelHandlerContext) {
        drop()
        count(false)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            if case .answering = state { return }
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
