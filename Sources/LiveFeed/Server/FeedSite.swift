/// What a server shows.
package struct FeedSite: Sendable {
    /// A page as it stands now.
    package struct Page: Sendable {
        package var html: String
        /// Its `Content-Security-Policy`.
        package var policy: String

        package init(html: String, policy: String) {
            self.html = html
            self.policy = policy
        }
    }

    /// The page at `/`.
    package var page: @Sendable () -> Page
    /// What is at `/metrics`, with its content type; nil for nothing.
    package var metrics: (@Sendable () -> (text: String, type: String))?
    /// What is wrong, for `/healthz`; nil when all is well.
    package var trouble: @Sendable () -> String?

    package init(
        page: @escaping @Sendable () -> Page, metrics: (@Sendable () -> (text: String, type: String))? = nil,
        trouble: @escaping @Sendable () -> String? = { nil }
    ) {
        self.page = page
        self.metrics = metrics
        self.trouble = trouble
    }
}
