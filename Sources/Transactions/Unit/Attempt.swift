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
}

/// An idempotency key, with the form in which results are stored.
struct Idempotency<Value: Sendable>: Sendable {
    var key: String
    var encode: @Sendable (Value) throws -> [UInt8]
    var decode: @Sendable ([UInt8]) throws -> Value
}
