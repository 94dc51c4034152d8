/// By what each store can be told to have been coordinated by Trivet.
package enum StoreMarks {
    /// A table of SQLite.
    package static let sqliteTable = "trivet_meta"
    /// A node table of the graph.
    package static let graphTable = KuzuParticipant.markers
    /// A key of Redis.
    package static let redisKey = RedisFunctions.markerKey
}
