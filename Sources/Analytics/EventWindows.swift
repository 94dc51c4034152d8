/// What happened in one window of event time.
package struct ClosedWindow: Sendable, Hashable {
    /// In milliseconds; the end is not in it.
    package var start: Int
    package var end: Int
    package var aggregate: EventAggregate

    /// Events a second.
    package var rate: Double { Double(aggregate.events) / Double(max(1, end - start)) * 1_000 }
}

/// Windows of the same width over event time, one beginning `slide` after the other: tumbling ones where both are the same. A plain value.
///
/// Events are added up in panes as wide as the slide, and a window is the sum of its panes (Li et al., "No Pane, No Gain", SIGMOD Record 2005): an event
/// costs one addition however many windows it is in, and only the panes are kept.
package struct EventWindows: Sendable {
    package let width: Int
    package let slide: Int
    private let blank: EventAggregate
    /// By number; pane 0 begins at 0.
    private var panes: [Int: EventAggregate] = [:]
    /// The number of the pane after the window that is to be closed next.
    private var nextEnd = Int.min

    /// - Parameters:
    ///   - width: in milliseconds, a multiple of `slide`.
    ///   - blank: an aggregate without events.
    package init(width: Int, slide: Int, blank: EventAggregate) {
        precondition(slide > 0 && width > 0 && width.isMultiple(of: slide), "a window consists of whole panes")
        self.width = width
        self.slide = slide
        self.blank = blank
    }

    /// How many panes are kept now.
    package var paneCount: Int { panes.count }

    /// - Parameter event: none of a window that was closed.
    package mutating func add(_ event: AnalyticsEvent) {
        panes[Self.floor(event.moment, slide), default: blank].add(event)
    }

    /// Closes all windows that end by a moment, in their order; those without events are none.
    package mutating func close(through moment: Int) -> [ClosedWindow] {
        close(throughPane: Self.floor(moment, slide))
    }

    /// Closes all windows that there are.
    package mutating func closeAll() -> [ClosedWindow] {
        close(throughPane: .max)
    }

    private mutating func close(throughPane last: Int) -> [ClosedWindow] {
        var closed: [ClosedWindow] = []
        let count = width / slide
        while let first = panes.keys.min() {
            let end = max(nextEnd, first + 1)
            guard end <= last else { break }
            var sum = blank
            for pane in (end - count)..<end {
                if let aggregate = panes[pane] { sum.merge(aggregate) }
            }
            closed.append(ClosedWindow(start: (end - count) * slide, end: end * slide, aggregate: sum))
            nextEnd = end + 1
            // The windows after it begin later.
            panes[end - count] = nil
        }
        return closed
    }

    static func floor(_ value: Int, _ divisor: Int) -> Int {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
