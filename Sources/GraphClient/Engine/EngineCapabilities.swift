/// What the engines don't have in common, as far as the client acts upon it. `EngineCapabilityTests` show each on the engine itself.
///
/// What only differs in how badly it ends is not here: a guard that costs nothing is kept for both.
struct EngineCapabilities: Sendable, Equatable {
    /// Whether a change of a property that was rolled back stays behind and is met by the next change (H17), unless a
    /// checkpoint comes between.
    var keepsRolledBackUpdates: Bool
    /// Whether its log, read back, may have deleted more than `DETACH DELETE` did (H24).
    var misreadsDetachedDeletions: Bool
    /// Whether a list that is searched for a relationship's property may find other relationships (H22).
    var misfindsByList: Bool
    /// Whether a checkpoint makes NaN of other numbers of a column that holds NaN (H26).
    var spreadsNaN: Bool
    /// Whether each record of the log has a checksum (H16), so that a log that a crash has cut short can be told from a damaged one.
    var checksumsLog: Bool
    /// Whether a prepared statement is executed by a plan made before, which may be that of tables that are no longer so (H18).
    var reusesPlans: Bool
    /// Whether a destroyed prepared statement's memory is kept until its connection ends.
    var keepsDestroyedStatements: Bool
    /// Whether a UUID, BLOB or DECIMAL can be made from C, and so be a parameter or a part of one. Elsewhere they are passed as texts.
    var makesEveryScalar: Bool
    /// The oldest storage version that it reads; nil for its own alone.
    var oldestStorageVersion: UInt64?
}

extension GraphEngine.Kind {
    /// What this engine does that others don't.
    var capabilities: EngineCapabilities {
        switch self {
        case .kuzu:
            EngineCapabilities(
                keepsRolledBackUpdates: true, misreadsDetachedDeletions: true, misfindsByList: true, spreadsNaN: true,
                checksumsLog: false, reusesPlans: false, keepsDestroyedStatements: true, makesEveryScalar: false,
                oldestStorageVersion: nil)
        case .ladybug:
            EngineCapabilities(
                keepsRolledBackUpdates: false, misreadsDetachedDeletions: false, misfindsByList: false,
                spreadsNaN: false,
                checksumsLog: true, reusesPlans: true, keepsDestroyedStatements: false, makesEveryScalar: true,
                oldestStorageVersion: 40)
        }
    }
}
