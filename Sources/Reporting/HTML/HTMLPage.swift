import Foundation

/// A whole document: head, policy, and one main part. It asks for nothing but what is in it, and, when it is live, for its own events.
struct HTMLPage {
    var title: String
    var main: PagePart
    /// With a live page: the last event that is in it.
    var lastEvent: UInt64?

    /// What may be done in it. Only the page's own style sheet and script apply, by their hashes.
    var policy: String {
        let live = lastEvent == nil ? "" : " script-src '\(LiveScript.hash)'; connect-src 'self';"
        return """
            default-src 'none'; style-src '\(StyleSheet.hash)';\(live) img-src data:; base-uri 'none'; form-action 'none'
            """
    }

    /// As a server sends it beside the page: what only a header can say is there too.
    var header: String { "\(policy); frame-ancestors 'none'" }

    var html: String {
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="\(trusted: policy)"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="referrer" content="no-referrer"/>
            <meta name="color-scheme" content="light dark"/><link rel="icon" href="data:,"/>
            \(lastEvent == nil ? Markup() : Self.withoutScript)<title>\(title)</title>
            <style>\(trusted: StyleSheet.text)</style></head>
            <body\(lastEvent.map { " data-after=\"\($0)\"" as Markup })>\(lastEvent == nil ? Markup() : Self.link)
            \(main.markup)\(lastEvent == nil ? Markup() : "<script>\(trusted: LiveScript.text)</script>")</body></html>

            """
        return page.text
    }

    /// Who allows no script gets a page that comes anew.
    private static let withoutScript: Markup = """
        <noscript><meta http-equiv="refresh" content="5"/></noscript>

        """

    /// Whether what is seen is what is; and, unseen, what has begun and ended.
    private static let link: Markup = """
        <p id="link" class="link" role="status"></p><p id="news" class="hidden" role="status"></p>
        """
}

extension PagePart {
    /// A page's one main part.
    static func main(_ children: [PagePart]) -> PagePart {
        PagePart(id: "page", open: "<main id=\"page\">\n", children: children, close: "</main>")
    }
}
