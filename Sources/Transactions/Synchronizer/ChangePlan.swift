import GRDB

/// What a run of noted changes comes to, as a pure value: each row once, however often it changed, in the order in
/// which the rows first did.
struct ChangePlan: Hashable, Sendable {
    struct Work: Hashable, Sendable {
        var mapping: String
        var key: [DatabaseValue]
        /// The entries that are settled by it, in ascending order.
        var ids: [Int64]
    }

    private(set) var works: [Work] = []

    init(_ entries: [ChangeLog.Entry]) {
        struct Row: Hashable {
            var mapping: String
            var key: [DatabaseValue]
        }
        var places: [Row: Int] = [:]
        for entry in entries {
            let row = Row(mapping: entry.mapping, key: entry.key)
            if let place = places[row] {
                works[place].ids.append(entry.id)
            } else {
                places[row] = works.count
                works.append(Work(mapping: entry.mapping, key: entry.key, ids: [entry.id]))
            }
        }
    }
}
