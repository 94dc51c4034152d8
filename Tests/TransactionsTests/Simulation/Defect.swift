/// What a store may do against its contract, to see that the simulation notices.
enum Defect: CaseIterable {
    /// Redis makes changes wherever its marker stands.
    case appliesBlindly
    /// Redis answers although it has lost what it had acknowledged.
    case answersBlindly
    /// Redis says what keys hold after a change, and not what they held before.
    case tellsNewForFormer
    /// SQLite says that a commit failed which may be there after a crash.
    case forgetsFence
    /// SQLite commits, and the journal does not have what the other stores still have to do.
    case decidesWithoutJournal
    /// The journal is not read at an opening.
    case recoversWithoutReplay
    /// The journal forgets what Redis may still lose.
    case trimsEarly
    /// SQLite keeps what is rolled back to a savepoint.
    case ignoresSavepoints
    /// SQLite does not find results of idempotency keys.
    case forgetsResults
    /// The graph's marker is moved by a commit that fails.
    case movesMarkerAlone
    /// The graph keeps what is rolled back.
    case keepsRolledBack
}
