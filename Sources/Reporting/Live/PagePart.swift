/// A piece of a page that can be replaced by itself: an element with an id, which may have such pieces within. A whole page is one, so
/// that what is drawn once for a report can be drawn again and again for a dashboard, and only what has changed is sent.
package struct PagePart: Sendable, Hashable {
    package let id: String
    private let open: Markup
    private let children: [PagePart]
    private let close: Markup

    /// - Parameter markup: one element, which has the id.
    init(id: String, _ markup: Markup) {
        self.init(id: id, open: markup, children: [], close: "")
    }

    /// - Parameter open: begins with the tag that has the id.
    init(id: String, open: Markup, children: [PagePart], close: Markup) {
        self.id = id
        self.open = open
        self.children = children
        self.close = close
    }

    var markup: Markup { open + children.markup(\.markup) + close }

    /// The element as HTML.
    package var html: String { markup.text }

    /// The least that has to be replaced so that an earlier state becomes this one, in the page's order.
    package func changes(since earlier: PagePart) -> [PagePart] {
        if self == earlier { return [] }
        guard id == earlier.id, open == earlier.open, close == earlier.close,
            children.map(\.id) == earlier.children.map(\.id)
        else { return [self] }
        return zip(children, earlier.children).flatMap { $0.changes(since: $1) }
    }
}
