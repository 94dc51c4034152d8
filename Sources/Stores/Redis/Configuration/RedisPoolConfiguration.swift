public import Pooling
public import RedisClient

/// How a ``RedisPool`` behaves.
public struct RedisPoolConfiguration: Sendable {
    /// How each connection is made: credentials, TLS, keep-alive.
    ///
    /// Its `commandTimeout`, or a command's own time limit, bounds everything that is done for a command: waiting for a connection, each
    /// attempt, the pauses in between. Commands without any limit wait for a connection as long as ``PoolConfiguration/acquireTimeout``.
    public var connection: RedisConnection.Configuration
    /// How many connections there are and how long they live. Default: 10 to 50, otherwise as ``PoolConfiguration`` says, but with no more
    /// than 1 s between attempts to connect.
    public var pool: PoolConfiguration
    /// How tasks share connections.
    public var sharing: Sharing
    /// When commands are sent again.
    public var retries: Retries

    /// A configuration; each parameter is explained at its property. It is checked when a pool is made of it.
    public init(
        connection: RedisConnection.Configuration = RedisConnection.Configuration(),
        pool: PoolConfiguration = PoolConfiguration(
            minimumSize: 10, maximumSize: 50, maximumConnectBackOff: .seconds(1)),
        sharing: Sharing = Sharing(), retries: Retries = Retries()
    ) {
        self.connection = connection
        self.pool = pool
        self.sharing = sharing
        self.retries = retries
    }

    /// Checks that the values make sense together.
    ///
    /// - Throws: ``PoolError`` with the code ``PoolError/Code-swift.struct/invalidConfiguration``.
    public func validate() throws(PoolError) {
        try pool.validate()
        let problems = sharing.problems + retries.problems
        guard problems.isEmpty else { throw .invalidConfiguration(problems) }
    }

    /// How tasks share connections. A command that others cannot disturb travels on a connection together with those of other tasks: many
    /// leave in one write and are answered in one.
    public struct Sharing: Sendable, Hashable {
        /// The most connections shared at one time, of those that the pool may have. Default 4, at least 1.
        public var maximumConnections: Int
        /// How many commands are under way on each shared connection before another one is taken. Default 128, at least 1.
        public var commandsPerConnection: Int

        /// Bounds on sharing.
        public init(maximumConnections: Int = 4, commandsPerConnection: Int = 128) {
            self.maximumConnections = maximumConnections
            self.commandsPerConnection = commandsPerConnection
        }

        var problems: [String] {
            var problems: [String] = []
            if maximumConnections < 1 {
                problems.append("sharing.maximumConnections is \(maximumConnections), below 1")
            }
            if commandsPerConnection < 1 {
                problems.append("sharing.commandsPerConnection is \(commandsPerConnection), below 1")
            }
            return problems
        }
    }

    /// When a command is sent again: only if it has certainly not run, or reads.
    ///
    /// - **Certainly not run**: the connection ended before the command was handed to the socket, or the server refused it because it is not
    ///   ready (LOADING, MASTERDOWN, CLUSTERDOWN, TRYAGAIN).
    /// - **Reads**: commands that Redis documents as reading only (GET, MGET, HGETALL, ZRANGE, SCAN, …), when the connection ended or no
    ///   reply came within ``attemptTimeout``. They go to another connection then, if there is one.
    ///
    /// Everything else fails at once, and ``RedisError/mayHaveRun`` tells whether it may have taken effect. Pipelines and transactions are
    /// sent again only if nothing of them has been sent. All of it ends with the time limit of the command.
    public struct Retries: Sendable, Hashable {
        /// How often a command is sent again at most. Default 2; 0 for never.
        public var maximum: Int
        /// How long a read waits for its reply before it is sent again; nil for as long as the command may take. The last attempt has all
        /// the time that is left. Default 3 s.
        public var attemptTimeout: Duration?
        /// The pause before the first repetition; it doubles with each. Half of it is random. Default 20 ms.
        public var backOff: Duration
        /// The longest pause. Default 500 ms.
        public var maximumBackOff: Duration

        /// Bounds on repetitions.
        public init(
            maximum: Int = 2, attemptTimeout: Duration? = .seconds(3), backOff: Duration = .milliseconds(20),
            maximumBackOff: Duration = .milliseconds(500)
        ) {
            self.maximum = maximum
            self.attemptTimeout = attemptTimeout
            self.backOff = backOff
            self.maximumBackOff = maximumBackOff
        }

        /// Nothing is ever sent again.
        public static let never = Retries(maximum: 0)

        var problems: [String] {
            var problems: [String] = []
            if maximum < 0 { problems.append("retries.maximum is \(maximum), below 0") }
            if let attemptTimeout, attemptTimeout < .milliseconds(1) {
                problems.append("retries.attemptTimeout is \(attemptTimeout), and must be at least 1 ms")
            }
            if backOff < .zero { problems.append("retries.backOff is negative") }
            if maximumBackOff < backOff {
                problems.append("retries.maximumBackOff (\(maximumBackOff)) is below retries.backOff (\(backOff))")
            }
            return problems
        }
    }
}
