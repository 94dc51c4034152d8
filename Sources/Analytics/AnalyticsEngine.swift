package import Measurement

/// Streaming analytics over events in event time, as a plain value: events in, closed windows out; in memory of a fixed size however many events there are.
///
/// Events come in any order, up to a lateness: the watermark is the latest moment that was seen less the lateness, and what is before it when it comes is
/// late. It is counted as such and nothing else, so that a window once closed stays what it was (Akidau et al., "The Dataflow Model", VLDB 2015).
///
/// An event whose clock runs ahead moves the watermark with it; a source that can't be trusted needs a check before the engine.
package struct AnalyticsEngine: Sendable {
    package struct Configuration: Sendable, Hashable {
        /// How much later than an event one from before it may come.
        package var lateness: Duration = .seconds(2)
        /// The width of tumbling windows.
        package var tumbling: Duration = .seconds(1)
        /// Of sliding ones, and how far apart they begin.
        package var sliding: Duration = .seconds(5)
        package var slide: Duration = .seconds(1)
        /// The longest pause within a session.
        package var sessionGap: Duration = .seconds(30)
        /// Sessions that are open at one time.
        package var openSessions = 65_536
        /// Different users that are counted exactly, in each aggregate; more are estimated.
        package var exactUsers = 1_024
        /// Items that are counted at one time, in each aggregate.
        package var items = 256

        package init() {}
    }

    /// Windows that have closed.
    package struct Output: Sendable, Hashable {
        package var tumbling: [ClosedWindow] = []
        package var sliding: [ClosedWindow] = []

        package init() {}

        package static func += (sum: inout Output, more: Output) {
            sum.tumbling += more.tumbling
            sum.sliding += more.sliding
        }
    }

    package let configuration: Configuration
    /// Of all events that were not late.
    package private(set) var total: EventAggregate
    /// How long they took their users, within 0.1 %.
    package private(set) var spent = LatencyRecorder()
    /// Events that came too late.
    package private(set) var late = 0
    /// Events that came after a later one, and in time.
    package private(set) var outOfOrder = 0
    /// What is before it is late; nil before the first event.
    package private(set) var watermark: Int?
    /// The earliest and the latest moment of an event that was not late.
    package private(set) var span: ClosedRange<Int>?
    package private(set) var sessions: UserSessions
    private var tumbling: EventWindows
    private var sliding: EventWindows
    private let lateness: Int

    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        lateness = configuration.lateness.wholeMilliseconds
        let blank = EventAggregate(exactUsers: configuration.exactUsers, items: configuration.items)
        total = blank
        sessions = UserSessions(gap: configuration.sessionGap.wholeMilliseconds, mostOpen: configuration.openSessions)
        let width = configuration.tumbling.wholeMilliseconds
        tumbling = EventWindows(width: width, slide: width, blank: blank)
        sliding = EventWindows(
            width: configuration.sliding.wholeMilliseconds, slide: configuration.slide.wholeMilliseconds, blank: blank)
    }

    /// Takes an event in.
    ///
    /// - Returns: the windows that it closes, each kind in its order.
    package mutating func add(_ event: AnalyticsEvent) -> Output {
        if let watermark, event.moment < watermark {
            late += 1
            return Output()
        }
        if let span, event.moment < span.upperBound { outOfOrder += 1 }
        span = min(span?.lowerBound ?? event.moment, event.moment)...max(span?.upperBound ?? event.moment, event.moment)
        total.add(event)
        spent.record(event.spent)
        tumbling.add(event)
        sliding.add(event)
        sessions.add(event)
        let mark = max(watermark ?? Int.min, event.moment - lateness)
        watermark = mark
        sessions.close(before: mark)
        var output = Output()
        output.tumbling = tumbling.close(through: mark)
        output.sliding = sliding.close(through: mark)
        return output
    }

    /// Closes everything that is open: nothing comes any more.
    package mutating func finish() -> Output {
        sessions.closeAll()
        var output = Output()
        output.tumbling = tumbling.closeAll()
        output.sliding = sliding.closeAll()
        return output
    }

    /// Events a second, from the first to the last moment; 0 for none.
    package var rate: Double {
        guard let span, span.lowerBound < span.upperBound else { return 0 }
        return Double(total.events) / Double(span.upperBound - span.lowerBound) * 1_000
    }

    /// Panes of windows that are kept now.
    package var paneCount: Int { tumbling.paneCount + sliding.paneCount }

    /// The most panes that there can be: those of the open windows.
    package var mostPanes: Int {
        (lateness / tumbling.slide + 2) + ((lateness + sliding.width) / sliding.slide + 2)
    }
}

extension Duration {
    package var wholeMilliseconds: Int { Int(self / .milliseconds(1)) }
}
