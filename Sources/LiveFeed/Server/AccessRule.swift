/// Who may look: on this machine everybody, from elsewhere who has the token. A plain value.
package struct AccessRule: Sendable, Hashable {
    /// The server would show itself to others without asking who they are, or for a token that is none.
    package struct OpenToOthers: Error, Sendable, CustomStringConvertible {
        let host: String

        package var description: String {
            let token = "at least \(AccessRule.leastToken) letters, digits, and -._~"
            guard !AccessRule.isLocal(host) else { return "The token is none: give \(token)." }
            return """
                \(host) can be reached from other machines: give a token that they have to know, \(token), or listen on 127.0.0.1.
                """
        }
    }

    /// What becomes of a request.
    package enum Answer: Sendable, Hashable {
        case allowed
        /// The token was in the address: it goes into a cookie, and out of sight.
        case allowedWithCookie(String)
        case unauthorized
        /// A page of another site talks to us under a name of its own (DNS rebinding).
        case wrongHost
    }

    /// What a request says of itself.
    package struct Request: Sendable, Hashable {
        /// As in the header `Host`.
        package var host: String?
        /// As in the header `Authorization`.
        package var authorization: String?
        package var cookies: [String: String] = [:]
        /// Of the address's query.
        package var token: String?

        package init(
            host: String? = nil, authorization: String? = nil, cookies: [String: String] = [:], token: String? = nil
        ) {
            self.host = host
            self.authorization = authorization
            self.cookies = cookies
            self.token = token
        }
    }

    static let leastToken = 16
    static let cookie = "trivet-token"

    package let host: String
    private let token: String?

    /// - Parameters:
    ///   - host: what the server listens on.
    ///   - token: nil for none.
    /// - Throws: ``OpenToOthers`` for a host beyond this machine without a token, and for a token that is none.
    package init(host: String, token: String?) throws(OpenToOthers) {
        let token = token.flatMap { $0.isEmpty ? nil : $0 }
        let isToken = token.map { $0.utf8.count >= Self.leastToken && $0.utf8.allSatisfy(Self.isTokenByte) }
        guard isToken ?? Self.isLocal(host) else { throw OpenToOthers(host: host) }
        self.host = host
        self.token = token
    }

    package var asksForToken: Bool { token != nil }

    /// Whether an address or a name stands for this machine alone.
    static func isLocal(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package func answer(_ request: Request) -> Answer {
        guard let token else {
            return Self.isLocal(Self.name(request.host ?? "")) ? .allowed : .wrongHost
        }
        if let sent = request.token, Self.isSame(sent, token) { return .allowedWithCookie("\(Self.cookie)=\(token)") }
        let bearer = request.authorization.flatMap { text -> String? in
            text.lowercased().hasPrefix("bearer ") ? String(text.dropFirst("bearer ".count)) : nil
        }
        let known = [bearer, request.cookies[Self.cookie]].compactMap { $0 }.contains { Self.isSame($0, token) }
        return known ? .allowed : .unauthorized
    }

    /// What needs no escape in an address and none in a cookie.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Without the port.
    private static func name(_ host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
        return String(host.prefix { $0 != ":" })
    }

    /// In a time that doesn't tell how much of it was right.
    private static func isSame(_ a: String, _ b: String) -> Bool {
        let a = Array(a.utf8), b = Array(b.utf8)
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
