import Foundation
import HTTPTypes
import Hummingbird

/// Answers requests: the page, its events, metrics, health.
struct SiteResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let site: FeedSite
    let feed: EventFeed
    let rule: AccessRule

    func respond(to request: Request, context: Context) async throws -> Response {
        let response = answer(request)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request) -> Response {
        guard request.method == .get || request.method == .head else {
            return text("Use GET.\n", status: .methodNotAllowed, headers: [.allow: "GET, HEAD"])
        }
        // For those who only ask whether we live: it tells nothing that they couldn't see.
        if request.uri.path == "/healthz" { return health }
        switch rule.answer(accessRequest(request)) {
        case .unauthorized:
            return text(
                "Open this address with ?token=… behind it, or send the token as Authorization: Bearer ….\n",
                status: .unauthorized, headers: [.wwwAuthenticate: "Bearer realm=\"trivet\""])
        case .wrongHost:
            return text("Ask for this machine by its own name: localhost.\n", status: .misdirectedRequest)
        case .allowedWithCookie(let cookie):
            return text(
                "", status: .seeOther,
                headers: [
                    .location: request.uri.path == "/metrics" ? "/metrics" : "/",
                    .setCookie: "\(cookie); Path=/; HttpOnly; SameSite=Strict",
                ])
        case .allowed: return content(request)
        }
    }

    private func content(_ request: Request) -> Response {
        switch request.uri.path {
        case "/": return page
        case "/events": return events(request)
        case "/metrics":
            guard let metrics = site.metrics?() else { break }
            return text(metrics.text, status: .ok, type: metrics.type)
        default: break
        }
        let places = ["/", "/events", "/healthz"] + (site.metrics == nil ? [] : ["/metrics"])
        return text("There is only \(places.joined(separator: ", ")) here.\n", status: .notFound)
    }

    private var page: Response {
        feed.noteVisit()
        let page = site.page()
        return text(
            page.html, status: .ok, type: "text/html; charset=utf-8", headers: [.contentSecurityPolicy: page.policy])
    }

    private var health: Response {
        guard let trouble = site.trouble() else { return text("ok\n", status: .ok) }
        return text("\(trouble)\n", status: .serviceUnavailable)
    }

    /// Where a reader left off stands in a header when it comes back, and in the address when the page has just been drawn.
    private func events(_ request: Request) -> Response {
        let last =
            request.headers[.lastEventID].flatMap { UInt64($0) }
            ?? request.uri.queryParameters["after"].flatMap { UInt64($0) }
        var headers = Self.common
        headers[.contentType] = ServerSentEvents.contentType
        headers[.xAccelBuffering] = "no"
        guard request.method == .get else { return Response(status: .ok, headers: headers) }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await writer.write(ByteBuffer(string: ServerSentEvents.opening(retry: .seconds(1))))
                    do {
                        try await feed.deliver(after: last) { delivery in
                            try await writer.write(ByteBuffer(string: ServerSentEvents.text(delivery)))
                        }
                    } catch is EventFeed.Full {
                        try await writer.write(ByteBuffer(string: ": too many readers\n\n"))
                    }
                }
                try await writer.finish(nil)
            })
    }

    private func accessRequest(_ request: Request) -> AccessRule.Request {
        let cookie = request.cookies[AccessRule.cookie]?.value
        return AccessRule.Request(
            host: request.head.authority,
            authorization: request.headers[.authorization],
            cookies: cookie.map { [AccessRule.cookie: $0] } ?? [:],
            token: request.uri.queryParameters["token"].map(String.init))
    }

    private func text(
        _ text: String, status: HTTPResponse.Status, type: String = "text/plain; charset=utf-8",
        headers more: HTTPFields = [:]
    ) -> Response {
        var headers = Self.common
        headers[.contentType] = type
        for field in more { headers.append(field) }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Nobody else may frame it, read it, keep it, or learn where it is.
    private static let common: HTTPFields = [
        .cacheControl: "no-store", .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
        .xFrameOptions: "DENY", .crossOriginResourcePolicy: "same-origin",
    ]
}

extension HTTPField.Name {
    fileprivate static let lastEventID = named("Last-Event-ID")
    fileprivate static let referrerPolicy = named("Referrer-Policy")
    fileprivate static let xFrameOptions = named("X-Frame-Options")
    fileprivate static let xAccelBuffering = named("X-Accel-Buffering")
    fileprivate static let crossOriginResourcePolicy = named("Cross-Origin-Resource-Policy")

    /// - Parameter name: a token by RFC 9110.
    private static func named(_ name: StaticString) -> HTTPField.Name {
        guard let field = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is no header's name") }
        return field
    }
}
