/// One of the times that a transaction is run.
struct Attempt: Sendable {
    let options: TransactionOptions
    /// Where it gets readers; nil where there are none.
    let readers: PooledReaders?
    let called: ContinuousClock.Instant
    /// From 1.
    var number = 1
    /// What earlier attempts came too late for, and this one locks before it begins.
    var contended: Set<LockName> = []
    /// How often it was run again for no reason of its own.
    var repetitions = 0
    /// Whether it shares its commit with nobody.
    var isAlone: Bool

    init(options: TransactionOptions, readers: PooledReaders?, called: ContinuousClock.Instant) {
        self.options = options
        self.readers = readers
        self.called = called
        // Whoever never wants to be run again must not depend on others.
        isAlone = options.retry.maximumAttempts <= 1
    }
}

/// The unit is run again, for a reason that is not its own: it shared a commit that did not happen, or others had to
/// wait for it for too long to share theirs.
struct RunAgain: Error {}

/// An idempotency key, with the form in which results are stored.
struct Idempotency<Value: Sendable>: Sendable {
    var key: String
    var encode: @Sendable (Value) throws -> [UInt8]
    var decode: @Sendable ([UInt8]) throws -> Value
}
