import Testing

@testable import LiveFeed

@Suite("Who may look")
struct AccessRuleTests {
    private static let token = "0123456789abcdef"

    @Test("§6: beyond this machine only with a token, and one that is worth its name")
    func places() throws {
        for host in ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1"] {
            #expect(try AccessRule(host: host, token: nil).asksForToken == false)
        }
        for host in [
            "0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.example.org", "127.0.0.256", "", "127.0.0.",
        ] {
            for token in [nil, "", "short", "with space and more", "0123456789abcde;"] {
                do {
                    _ = try AccessRule(host: host, token: token)
                    Issue.record("\(host) is open to others with \(token ?? "nothing")")
                } catch {
                    #expect(error.description.contains("127.0.0.1"))
                }
            }
            #expect(try AccessRule(host: host, token: Self.token).asksForToken)
        }
    }

    @Test("§6: on this machine too a token that is none is an error, and not taken for none")
    func badToken() {
        do {
            _ = try AccessRule(host: "localhost", token: "short")
            Issue.record("a short token is taken")
        } catch {
            #expect(error.description.contains("at least 16"))
        }
    }

    @Test("§6: without a token, only who asks for this machine by its own name: no other site's page")
    func names() throws {
        let rule = try AccessRule(host: "127.0.0.1", token: nil)
        for host in ["localhost:9400", "127.0.0.1:80", "[::1]:9400", "localhost"] {
            #expect(rule.answer(.init(host: host)) == .allowed)
        }
        for host in ["example.org:9400", "localhost.example.org", "", "127.0.0.1.example.org:1"] {
            #expect(rule.answer(.init(host: host)) == .wrongHost)
        }
        #expect(rule.answer(.init()) == .wrongHost)
    }

    @Test("§6: with a token, who has it in a header, in a cookie, or once in the address")
    func tokens() throws {
        let rule = try AccessRule(host: "0.0.0.0", token: Self.token)
        #expect(rule.answer(.init(host: "a.example")) == .unauthorized)
        #expect(rule.answer(.init(authorization: "Bearer \(Self.token)")) == .allowed)
        #expect(rule.answer(.init(authorization: "bearer \(Self.token)")) == .allowed)
        #expect(rule.answer(.init(authorization: "Bearer \(Self.token)0")) == .unauthorized)
        #expect(rule.answer(.init(authorization: Self.token)) == .unauthorized)
        #expect(rule.answer(.init(cookies: [AccessRule.cookie: Self.token])) == .allowed)
        #expect(rule.answer(.init(cookies: [AccessRule.cookie: "x"])) == .unauthorized)
        #expect(rule.answer(.init(token: Self.token)) == .allowedWithCookie("\(AccessRule.cookie)=\(Self.token)"))
        #expect(rule.answer(.init(token: "0123456789abcdee")) == .unauthorized)
    }
}
