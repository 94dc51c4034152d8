import Foundation
package import LiveFeed
internal import MetricsExport
internal import Reporting

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The dashboard of a service elsewhere, drawn from what it shows to Prometheus.
package final class ServiceDashboard: Sendable {
    private let view: ViewServer

    /// Where it is, for people.
    package var address: String { view.server.address }

    private init(_ view: ViewServer) {
        self.view = view
    }

    /// Begins to ask and to serve. A service that doesn't answer is shown as such, and asked again.
    ///
    /// - Parameter address: of its `/metrics`.
    /// - Throws: `AccessRule.OpenToOthers`, `FeedServer.NoPlace`.
    package static func start(_ address: URL, configuration: FeedServer.Configuration) async throws
        -> ServiceDashboard
    {
        let watch = ServiceWatch()
        let source = MetricsSource(address: address)
        let title = address.host() ?? "service"
        @Sendable func look() async {
            switch await source.text() {
            case .success(let text): watch.record(ServiceSample(metrics: text))
            case .failure(let error): watch.miss(error.description)
            }
        }
        await look()
        return ServiceDashboard(
            try await ViewServer.start(
                configuration, interval: ServiceWatch.interval, metrics: nil, trouble: { watch.timeline.trouble },
                look: look, draw: { ServicePage.part(watch.timeline, title: title) }))
    }

    package func stop() async { await view.stop() }
}

/// Asks a service for its metrics.
private struct MetricsSource: Sendable {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    let address: URL
    private let session: URLSession

    init(address: URL) {
        self.address = address
        let configuration = URLSessionConfiguration.ephemeral
        // Before the next look.
        configuration.timeoutIntervalForRequest = 1.5
        session = URLSession(configuration: configuration)
    }

    func text() async -> Result<String, Trouble> {
        do {
            let (data, response) = try await session.data(from: address)
            let status = (response as? HTTPURLResponse)?.statusCode ?? 0
            guard status == 200 else {
                return .failure(Trouble(description: "\(address) answers with status \(status)."))
            }
            return .success(String(decoding: data, as: UTF8.self))
        } catch {
            return .failure(Trouble(description: "\(address) doesn't answer: \(error.localizedDescription)"))
        }
    }
}
