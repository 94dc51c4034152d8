import ArgumentParser
import Dashboard
import Foundation
import LoadTesting

struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Shows a service's pools as it runs, or a result, in a browser.",
        discussion: """
            A service is asked every two seconds for its metrics in Prometheus' text, under the names that Trivet's pools have there. A result is what \
            --json or --report of a command has written; when the file is written anew, the page follows. A run of one's own is shown by \
            trivet run --dashboard.

            It serves until Ctrl-C: the page at /, its events at /events, and /healthz. It listens on this machine; beyond it only when \
            \(DashboardPlace.tokenVariable) is set to a token that others have to know. A browser opens /?token=… once; programs send \
            Authorization: Bearer ….

            Examples:
              trivet dashboard http://127.0.0.1:9400/metrics
              trivet dashboard results.json --port 9401
              trivet dashboard report
            """)

    @Argument(help: "The address of a service's metrics, a result's file, or a folder of --report.")
    var source: String

    @Option(help: "Where it listens; 0 chooses a port.")
    var port = DashboardPlace.usualPort

    @Option(help: "What it listens on.")
    var host = "127.0.0.1"

    func validate() throws { try DashboardPlace.validate(port: port, option: "--port") }

    func run() async throws {
        try DashboardPlace.check(host: host)
        let place = DashboardPlace.configuration(host: host, port: port)
        // Before it says that it is there: whoever hears that may end it at once.
        let (ends, end) = AsyncStream<Void>.makeStream()
        let signals = InterruptHandler { end.yield() }
        defer { signals.cancel() }
        let stop: @Sendable () async -> Void
        let address: String
        if let service {
            let dashboard = try await ServiceDashboard.start(service, configuration: place)
            (address, stop) = (dashboard.address, { await dashboard.stop() })
        } else {
            let dashboard = try await ResultDashboard.start(file, configuration: place, load: EarlierResult.load)
            (address, stop) = (dashboard.address, { await dashboard.stop() })
        }
        Console.printError("dashboard: \(address)")
        for await _ in ends { break }
        await stop()
    }

    /// Without a path, the one that services have.
    private var service: URL? {
        guard source.contains("://"), var parts = URLComponents(string: source), parts.host != nil else { return nil }
        if parts.path.isEmpty || parts.path == "/" { parts.path = "/metrics" }
        return parts.url
    }

    private var file: String {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: source, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? source + "/report.json" : source
    }
}
