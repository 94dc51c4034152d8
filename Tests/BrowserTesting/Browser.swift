import Foundation
import Subprocess
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A headless Chromium, if the machine has one. Where `TRIVET_CHROMIUM` names it, and in CI, it has to be there.
package struct Browser: Sendable {
    /// A reason to skip, for the test's output.
    package static let missing: Comment = """
        no Chromium here: scripts/bootstrap --tests installs it where it may, or name one with TRIVET_CHROMIUM
        """

    /// Whether tests in a browser run. In CI they do, and fail without one: what isn't looked at is not shown to work.
    package static var isWanted: Bool { isDemanded || wanted != nil || found != nil }

    private static var isDemanded: Bool { !(environment["CI"] ?? "").isEmpty }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static var wanted: String? { environment["TRIVET_CHROMIUM"] }

    private static var found: String? {
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let names = ["chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"]
        let usual = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
        return (names.flatMap { name in folders.map { "\($0)/\(name)" } } + [usual])
            .first(where: FileManager.default.isExecutableFile)
    }

    struct Missing: Error, CustomStringConvertible {
        let description = "There is \(Browser.missing)."
    }

    /// What a window looks like to a page.
    package struct Window: Sendable {
        package var width = 1_240
        package var height = 900
        package var isDark = false
        package var isScripted = true

        package init(width: Int = 1_240, height: Int = 900, isDark: Bool = false, isScripted: Bool = true) {
            (self.width, self.height, self.isDark, self.isScripted) = (width, height, isDark, isScripted)
        }
    }

    /// Starts a browser with one empty page, for the length of `body`.
    ///
    /// - Parameter folder: takes the browser's own files.
    /// - Throws: when there is none; what `body` throws.
    package static func withPage<Value: Sendable>(
        in folder: String, window: Window = Window(), _ body: (BrowserPage) async throws -> Value
    ) async throws -> Value {
        guard let program = wanted ?? found else { throw Missing() }
        var options = [
            "--headless=new", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--no-first-run", "--disable-extensions", "--hide-scrollbars", "--user-data-dir=\(folder)/profile",
            "--remote-debugging-pipe",
            // Whatever is asked for, nothing leaves the machine.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        ]
        // Chromium's sandbox doesn't work for root, as in CI's containers.
        if geteuid() == 0 { options.append("--no-sandbox") }
        // It takes commands from file 3 and answers on file 4.
        let script = #"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#
        let outcome = try await Subprocess.run(
            .path("/bin/sh"), arguments: Arguments(["-c", script, program] + options + ["about:blank"]),
            input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            let writer = execution.standardInputWriter
            let page = BrowserPage { message in _ = try await writer.write(Array(message.utf8) + [0]) }
            return try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    var rest: [UInt8] = []
                    for try await buffer in execution.standardOutput {
                        rest += buffer.withUnsafeBytes { Array($0) }
                        while let end = rest.firstIndex(of: 0) {
                            await page.take(Data(rest[..<end]))
                            rest.removeFirst(end + 1)
                        }
                    }
                    await page.end()
                    return nil
                }
                let result: Result<Value, any Error>
                do {
                    try await page.open(window)
                    result = .success(try await body(page))
                } catch {
                    result = .failure(error)
                }
                try? await page.close()
                try? await writer.finish()
                // Until its pipe has ended, so has it.
                for try await _ in group {}
                return try result.get()
            }
        }
        return outcome.closureResult
    }
}
