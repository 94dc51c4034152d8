import GRDB
import GraphClient
public import Logging
import RedisClient
import Stores

/// Compares the stores by declared mappings, and names each difference (T8).
///
/// ```swift
/// let report = try await ConsistencyVerifier(coordinator, mappings: mappings).verify()
/// for difference in report.differences { print(difference) }
/// ```
///
/// It can be used while transactions run, and raises no false alarm then: each page of rows is compared with the other
/// stores as of the same moment, in a snapshot of its own, so that no snapshot becomes old and memory stays bounded.
/// Keys of Redis that no row has are looked for with SCAN, and looked at again in a snapshot before they are reported.
/// What the ``CacheSynchronizer`` has still to bring to Redis is not a difference; it is waited for, and counted if it
/// does not come.
///
/// Times of expiry are not compared, and a key that may expire may be missing.
public struct ConsistencyVerifier: Sendable {
    /// How a verifier works.
    public struct Configuration: Sendable, Hashable {
        /// Rows of one page. Default 500.
        public var page = 500
        /// The most differences that are listed; all are counted. Default 1 000.
        public var listedDifferences = 1_000
        /// How long keys that are not up to date yet are waited for, in all. Default 5 s.
        public var patience: Duration = .seconds(5)
        /// Whether keys of Redis are looked for that no row has, which goes through all keys there. Default true.
        public var findsStrayKeys = true

        /// The defaults that stand at each property.
        public init() {}
    }

    let coordinator: Coordinator
    let mappings: StoreMappings
    let configuration: Configuration
    let logger: Logger

    /// A verifier; each parameter is explained at its type.
    public init(
        _ coordinator: Coordinator, mappings: StoreMappings, configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "trivet.verifier")
    ) {
        self.coordinator = coordinator
        self.mappings = mappings
        self.configuration = configuration
        self.logger = logger
    }

    /// Compares all that is mapped. Writes nothing.
    ///
    /// - Throws: ``MappingError`` when the mappings don't fit the stores; what the stores throw.
    public func verify() async throws -> ConsistencyReport {
        let began = ContinuousClock.now
        var run = VerifierRun(self)
        for (index, mapping) in mappings.mappings.enumerated() {
            try await run.verify(mapping, place: "mappings[\(index)]")
        }
        run.report.seconds = (ContinuousClock.now - began) / .seconds(1)
        return run.report
    }
}
