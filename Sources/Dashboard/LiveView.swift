internal import LiveFeed
internal import Reporting
import Synchronization

/// A page that changes, and the events that tell of it: what is drawn is compared with what was drawn before, and only what differs is sent.
final class LiveView: Sendable {
    /// The page as it was last drawn.
    private final class Drawn: Sendable {
        private let state: Mutex<PagePart>

        init(_ page: PagePart) {
            state = Mutex(page)
        }

        var page: PagePart { state.withLock { $0 } }

        /// - Returns: what differs.
        func replace(_ page: PagePart) -> [FeedPart] {
            state.withLock { old in
                defer { old = page }
                return page.changes(since: old).map { FeedPart(id: $0.id, text: $0.html) }
            }
        }
    }

    let feed: EventFeed
    private let drawn: Drawn

    init(_ page: PagePart) {
        let drawn = Drawn(page)
        self.drawn = drawn
        feed = EventFeed { [FeedPart(id: drawn.page.id, text: drawn.page.html)] }
    }

    /// The page with the number of the last event that is in it.
    var page: FeedSite.Page {
        // In this order what happens in between is told again, and nothing is missed.
        let last = feed.last
        let (html, policy) = RunPage.html(drawn.page, lastEvent: last)
        return FeedSite.Page(html: html, policy: policy)
    }

    /// Shows a new state. For one caller at a time: states have an order.
    func show(_ page: PagePart) { feed.publish(drawn.replace(page)) }

    /// Shows the last state.
    func end(with page: PagePart) { feed.end(drawn.replace(page)) }
}
