/// Something that a user did, as the engine sees it.
package struct AnalyticsEvent: Sendable, Hashable {
    /// When it happened, in milliseconds from wherever the source counts; not when it is told.
    package var moment: Int
    package var user: Int
    /// Of a few, such as `view`.
    package var kind: String
    /// What it was done to.
    package var item: Int
    /// How long it took the user.
    package var spent: Duration

    package init(moment: Int, user: Int, kind: String, item: Int, spent: Duration) {
        self.moment = moment
        self.user = user
        self.kind = kind
        self.item = item
        self.spent = spent
    }
}
