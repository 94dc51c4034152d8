import Foundation
import Subprocess
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A headless Chromium, if the machine has one. Where `TRIVET_CHROMIUM` names it, it has to be there.
struct Browser {
    /// What became of a page.
    struct Visit {
        /// The document after it was read, as HTML.
        var document: String
        /// Lines of the console, what the page's policy has refused among them.
        var console: [String]
        /// Addresses that were asked for over a network, without those that the browser asks for its own sake.
        var requests: [String]
    }

    /// A reason to skip, for the test's output.
    static let missing: Comment = """
        no Chromium here: install it (Debian: apt-get install chromium), or name it with TRIVET_CHROMIUM
        """

    static var isThere: Bool { wanted != nil || found != nil }

    private static var wanted: String? { ProcessInfo.processInfo.environment["TRIVET_CHROMIUM"] }

    private static var found: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let names = ["chromium", "chromium-browser", "google-chrome"]
        let usual = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
        return (folders.flatMap { folder in names.map { "\(folder)/\($0)" } } + [usual])
            .first(where: FileManager.default.isExecutableFile)
    }

    /// Opens a page of HTML from a file in a folder, which also takes the browser's own files.
    static func visit(_ page: String, in folder: String, arguments: [String] = []) async throws -> Visit {
        let program = try #require(wanted ?? found)
        let file = folder + "/page.html", log = folder + "/net.json"
        try Data(page.utf8).write(to: URL(fileURLWithPath: file))
        var options = [
            "--headless=new", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--no-first-run", "--disable-extensions", "--user-data-dir=\(folder)/profile", "--enable-logging=stderr",
            // Whatever is asked for, nothing leaves the machine.
            "--host-resolver-rules=MAP * ~NOTFOUND", "--log-net-log=\(log)", "--dump-dom",
        ]
        // Chromium's sandbox doesn't work for root, as in CI's containers.
        if geteuid() == 0 { options.append("--no-sandbox") }
        let outcome = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(options + arguments + ["file://" + file]),
            output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        let errors = outcome.standardError
        try #require(outcome.terminationStatus.isSuccess, "\(errors)")
        return Visit(
            document: outcome.standardOutput,
            console: errors.split(separator: "\n").filter { $0.contains(":CONSOLE") }.map(String.init),
            requests: requests(in: String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)))
    }

    /// The browser asks its maker for updates and dictionaries, whatever it is told.
    private static func requests(in log: String) -> [String] {
        let own = [".googleapis.com", ".google.com", ".gvt1.com"]
        let addresses = Set(log.matches(of: /"url":"((?:https?|wss?):[^"]*)"/).map { String($0.output.1) })
        return addresses.sorted().filter { address in
            let host = URL(string: address)?.host() ?? ""
            return !own.contains { host.hasSuffix($0) }
        }
    }
}
