/// The options of each fault; the section's id is the fault's name.
enum FaultFormat {
    private static let start = FormatSection.Field(
        name: "at", kind: .duration, isRequired: true, text: "When it begins, counted from the end of the warm-up.")
    private static let length = FormatSection.Field(
        name: "for", kind: .duration, isRequired: true, text: "How long it lasts; then it is healed.")

    static let sections: [FormatSection] = [
        lasting(
            "redis.latency", "Everything between clients and Redis arrives later, in both directions.",
            [
                .init(name: "delay", kind: .duration, isRequired: true, text: "How much later."),
                .init(name: "jitter", kind: .duration, text: "Up to so much later still, at random; none by default."),
            ]),
        lasting(
            "redis.bandwidth", "So many bytes a second in each direction of a connection.",
            [.init(name: "rate", kind: .bandwidth, isRequired: true, text: "Such as 100KB/s.")]),
        lasting(
            "redis.slice", "Data arrives in small pieces.",
            [
                .init(name: "bytes", kind: .integer(least: 1), text: "The most in a piece; 1 by default."),
                .init(name: "pause", kind: .duration, text: "After each piece; 1ms by default."),
            ]),
        lasting("redis.reset", "Connections are reset, those that are open and new ones."),
        lasting("redis.refuse", "Nobody listens any more, and open connections end."),
        lasting("redis.blackhole", "Nothing arrives until the fault has healed; then all of it does."),
        lasting("redis.drop", "Nothing arrives, and it is lost; connections of that time end afterwards."),
        lasting("redis.kill", "SIGKILL; it is started again when the fault has healed."),
        lasting("redis.freeze", "SIGSTOP: connections are accepted, and nothing is answered."),
        instant("redis.restart", "SIGKILL, and started again at once with its files."),
        instant("redis.restart-empty", "SIGKILL, and started again at once without its files."),
        lasting("sqlite.busy", "Another connection holds the write lock."),
        lasting("sqlite.full", "SQLite's file can't grow."),
        lasting(
            "worker.kill",
            "SIGKILL for the process that does the operations; it is started again, and recovers, when the fault has healed."
        ),
        lasting(
            "worker.disk-full",
            "No file of the process that does the operations can be written: neither SQLite's log nor the graph's."),
        lasting("graph.reader", "A reader stays in its transaction while a checkpoint waits for it."),
        lasting("graph.full", "The graph's log can't become longer, while SQLite's can be written."),
    ]

    static let names = sections.map(\.id)

    private static func lasting(_ id: String, _ text: String, _ more: [FormatSection.Field] = []) -> FormatSection {
        section(id, text, [start, length] + more)
    }

    private static func instant(_ id: String, _ text: String) -> FormatSection {
        section(id, text, [start])
    }

    private static func section(_ id: String, _ text: String, _ fields: [FormatSection.Field]) -> FormatSection {
        let kind = FormatSection.Field(name: "fault", kind: .word([id]), isRequired: true, text: text)
        return FormatSection(id: id, title: "the fault \(id)", fields: [kind] + fields)
    }
}
