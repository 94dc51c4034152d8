internal import Reporting
import Synchronization

/// What has been seen of a service, shared by who looks and who draws.
final class ServiceWatch: Sendable {
    /// Between two looks.
    static let interval: Duration = .seconds(2)

    private let state = Mutex(ServiceTimeline(seconds: ServiceWatch.interval / .seconds(1)))

    var timeline: ServiceTimeline { state.withLock { $0 } }

    func record(_ sample: ServiceSample) { state.withLock { $0.record(sample) } }

    func miss(_ reason: String) { state.withLock { $0.miss(reason) } }
}
