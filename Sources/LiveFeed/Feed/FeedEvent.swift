/// A part of what is shown, by its name, as it stands now. Whoever has the newest of each part has everything.
package struct FeedPart: Sendable, Hashable, Codable {
    package var id: String
    package var text: String

    package init(id: String, text: String) {
        self.id = id
        self.text = text
    }
}

/// What has changed at one moment.
package struct FeedEvent: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case update
        /// Nothing comes after it.
        case end
    }

    /// Greater than those of all events before.
    package var id: UInt64
    package var kind: Kind
    /// In the order in which they are to be applied.
    package var parts: [FeedPart]
    /// How many events before it are in it because their reader was too slow to get each by itself.
    package var skipped = 0

    package init(id: UInt64, kind: Kind = .update, parts: [FeedPart], skipped: Int = 0) {
        self.id = id
        self.kind = kind
        self.parts = parts
        self.skipped = skipped
    }

    /// Both in one: of each part only the newest.
    func merged(with later: FeedEvent) -> FeedEvent {
        let newer = Set(later.parts.map(\.id))
        return FeedEvent(
            id: later.id, kind: later.kind, parts: parts.filter { !newer.contains($0.id) } + later.parts,
            skipped: skipped + later.skipped + 1)
    }

    var size: Int { parts.reduce(0) { $0 + $1.id.utf8.count + $1.text.utf8.count } }
}
