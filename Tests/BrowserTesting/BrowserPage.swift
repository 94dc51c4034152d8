import Foundation

/// A page of a browser, over the DevTools protocol: what it shows, what it asked for, and what it said.
package actor BrowserPage {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let write: @Sendable (String) async throws -> Void
    private var session: String?
    private var lastNumber = 0
    private var calls: [Int: CheckedContinuation<Data, any Error>] = [:]
    private var waits: [(method: String, continuation: CheckedContinuation<Void, any Error>)] = []
    private var isOver = false

    /// Errors, warnings and what a policy refused, as the console has them.
    package private(set) var console: [String] = []
    /// Addresses that the page asked for.
    package private(set) var requests: [String] = []
    /// Events that came over an `EventSource`: their numbers and kinds.
    package private(set) var events: [(id: String, kind: String)] = []
    /// Headers of requests, by address.
    package private(set) var sentHeaders: [(address: String, headers: [String: String])] = []

    init(write: @escaping @Sendable (String) async throws -> Void) {
        self.write = write
    }

    func open(_ window: Browser.Window) async throws {
        let target = try await call("Target.createTarget", ["url": "about:blank"], at: \.targetId)
        session = try await call("Target.attachToTarget", ["targetId": target, "flatten": true], at: \.sessionId)
        for domain in ["Page", "Runtime", "Log", "Network"] { try await call("\(domain).enable") }
        try await call(
            "Emulation.setDeviceMetricsOverride",
            ["width": window.width, "height": window.height, "deviceScaleFactor": 1, "mobile": window.width < 600])
        let scheme = ["name": "prefers-color-scheme", "value": window.isDark ? "dark" : "light"]
        try await call("Emulation.setEmulatedMedia", ["features": [scheme]])
        if !window.isScripted { try await call("Emulation.setScriptExecutionDisabled", ["value": true]) }
    }

    func close() async throws { try await call("Browser.close") }

    /// Opens an address and waits until the page and what belongs to it are there.
    package func visit(_ address: String) async throws {
        async let loaded: Void = wait(for: "Page.loadEventFired")
        try await call("Page.navigate", ["url": address])
        try await loaded
    }

    /// What an expression of JavaScript comes to, as JSON; a promise is waited for.
    package func evaluate(_ expression: String) async throws -> String {
        let reply = try await call(
            "Runtime.evaluate",
            [
                "expression": "(async () => JSON.stringify(await (\(expression))) ?? 'null')()", "awaitPromise": true,
                "returnByValue": true,
            ])
        let result = try JSONDecoder().decode(Evaluation.self, from: reply)
        guard let value = result.result.value else {
            throw Failure(description: result.exceptionDetails?.exception?.description ?? expression)
        }
        return value
    }

    /// Waits until a condition holds, looking whenever the document changes.
    package func wait(until condition: String) async throws {
        _ = try await evaluate(
            """
            new Promise((done) => {
              const look = () => { if (\(condition)) { watch.disconnect(); done(true); } };
              const watch = new MutationObserver(look);
              watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
              look();
            })
            """)
    }

    /// The document as it is now, as HTML.
    package var document: String {
        get async throws {
            let text = try await evaluate("document.documentElement.outerHTML")
            return try JSONDecoder().decode(String.self, from: Data(text.utf8))
        }
    }

    /// A picture of the whole page as PNG.
    package func screenshot(isWhole: Bool = true) async throws -> Data {
        let reply = try await call("Page.captureScreenshot", ["captureBeyondViewport": isWhole])
        guard let data = Data(base64Encoded: try JSONDecoder().decode(Reply.self, from: reply).data ?? "") else {
            throw Failure(description: "no picture")
        }
        return data
    }

    // MARK: The protocol

    private struct Reply: Decodable {
        var targetId, sessionId, data: String?
    }

    private struct Evaluation: Decodable {
        struct Value: Decodable { var value: String? }
        struct Details: Decodable {
            struct Thrown: Decodable { var description: String? }
            var exception: Thrown?
        }
        var result: Value
        var exceptionDetails: Details?
    }

    private func call(
        _ method: String, _ parameters: [String: Any] = [:], at field: KeyPath<Reply, String?>
    ) async throws -> String {
        let reply = try JSONDecoder().decode(Reply.self, from: try await call(method, parameters))
        guard let value = reply[keyPath: field] else { throw Failure(description: "\(method) said nothing") }
        return value
    }

    @discardableResult
    private func call(_ method: String, _ parameters: [String: Any] = [:]) async throws -> Data {
        lastNumber += 1
        let number = lastNumber
        var message: [String: Any] = ["id": number, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: message), as: UTF8.self)
        guard !isOver else { throw Failure(description: "the browser has ended") }
        return try await withCheckedThrowingContinuation { continuation in
            calls[number] = continuation
            Task {
                do {
                    try await write(text)
                } catch {
                    fail(number, error)
                }
            }
        }
    }

    private func fail(_ number: Int, _ error: any Error) {
        calls.removeValue(forKey: number)?.resume(throwing: error)
    }

    private func wait(for method: String) async throws {
        try await withCheckedThrowingContinuation { waits.append((method, $0)) }
    }

    func take(_ data: Data) {
        guard let message = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else { return }
        if let number = message["id"] as? Int {
            let continuation = calls.removeValue(forKey: number)
            if let error = message["error"] {
                continuation?.resume(throwing: Failure(description: "\(error)"))
            } else {
                let result = message["result"] ?? [String: Any]()
                continuation?.resume(returning: (try? JSONSerialization.data(withJSONObject: result)) ?? Data())
            }
            return
        }
        guard let method = message["method"] as? String else { return }
        note(method, message["params"] as? [String: Any] ?? [:])
        for wait in waits where wait.method == method { wait.continuation.resume() }
        waits.removeAll { $0.method == method }
    }

    private func note(_ method: String, _ parameters: [String: Any]) {
        switch method {
        case "Runtime.consoleAPICalled":
            let words = (parameters["arguments"] ?? parameters["args"]) as? [[String: Any]] ?? []
            console.append(words.map { "\($0["value"] ?? "")" }.joined(separator: " "))
        case "Runtime.exceptionThrown":
            console.append("\(parameters["exceptionDetails"] ?? "")")
        case "Log.entryAdded":
            let entry = parameters["entry"] as? [String: Any] ?? [:]
            if entry["level"] as? String != "info", entry["level"] as? String != "verbose" {
                console.append("\(entry["text"] ?? "") \(entry["url"] ?? "")")
            }
        case "Network.requestWillBeSent":
            let request = parameters["request"] as? [String: Any] ?? [:]
            let address = request["url"] as? String ?? ""
            requests.append(address)
        case "Network.requestWillBeSentExtraInfo":
            let headers = parameters["headers"] as? [String: String] ?? [:]
            sentHeaders.append((headers[":path"] ?? "", headers))
        case "Network.eventSourceMessageReceived":
            events.append((parameters["eventId"] as? String ?? "", parameters["eventName"] as? String ?? ""))
        default: break
        }
    }

    func end() {
        isOver = true
        let failure = Failure(description: "the browser has ended")
        for continuation in calls.values { continuation.resume(throwing: failure) }
        calls = [:]
        for wait in waits { wait.continuation.resume(throwing: failure) }
        waits = []
    }
}
