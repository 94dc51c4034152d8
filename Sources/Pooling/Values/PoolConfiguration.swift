/// How a pool behaves. Times are `Duration`s; nil switches a function off.
public struct PoolConfiguration: Sendable, Hashable {
    /// The number of connections kept open, from the first use on. Default 0.
    public var minimumSize: Int
    /// The most connections at one time, those being opened and closed included. Default 10, at least 1.
    public var maximumSize: Int
    /// The longest wait for a connection; nil for no limit. Default 30 s. Each acquire can set its own.
    public var acquireTimeout: Duration?
    /// How long a connection above `minimumSize` may be unused before it is closed. Default 10 min.
    public var idleTimeout: Duration?
    /// How old a connection may become. It is never closed under its user. Default 30 min.
    public var maximumLifetime: Duration?
    /// The part of `maximumLifetime`, 0 to 1, that is random: with 0.1 connections live 90 to 100 % of it. Default 0.1.
    public var lifetimeJitter: Double
    /// How long an idle connection goes without a probe. Default 1 min.
    public var keepAliveInterval: Duration?
    /// How long a connection may be held before a warning names its holder. Default 1 min.
    public var leakThreshold: Duration?
    /// The longest time for opening a connection; after that the attempt counts as failed. Default 10 s.
    public var connectTimeout: Duration
    /// The longest time for a probe; after that the connection is closed. Default 5 s.
    public var validationTimeout: Duration
    /// The longest time for closing a connection; after that another may take its place. Default 5 s.
    public var closeTimeout: Duration
    /// The most connections opened at a time. While connecting fails it is one. Default 8.
    public var maximumConcurrentConnects: Int
    /// The pause after a first failure to connect; it doubles with each further one, where attempts that were under
    /// way together count as one. Half of it is random. Default 100 ms.
    public var connectBackOff: Duration
    /// The longest pause between attempts to connect. Default 5 s.
    public var maximumConnectBackOff: Duration
    /// How long a shutdown waits for connections in use. Default 30 s.
    public var drainTimeout: Duration

    /// A configuration; each parameter is explained at its property. It is checked when a pool is made of it, see ``validate()``.
    public init(
        minimumSize: Int = 0,
        maximumSize: Int = 10,
        acquireTimeout: Duration? = .seconds(30),
        idleTimeout: Duration? = .seconds(600),
        maximumLifetime: Duration? = .seconds(1800),
        lifetimeJitter: Double = 0.1,
        keepAliveInterval: Duration? = .seconds(60),
        leakThreshold: Duration? = .seconds(60),
        connectTimeout: Duration = .seconds(10),
        validationTimeout: Duration = .seconds(5),
        closeTimeout: Duration = .seconds(5),
        maximumConcurrentConnects: Int = 8,
        connectBackOff: Duration = .milliseconds(100),
        maximumConnectBackOff: Duration = .seconds(5),
        drainTimeout: Duration = .seconds(30)
    ) {
        self.minimumSize = minimumSize
        self.maximumSize = maximumSize
        self.acquireTimeout = acquireTimeout
        self.idleTimeout = idleTimeout
        self.maximumLifetime = maximumLifetime
        self.lifetimeJitter = lifetimeJitter
        self.keepAliveInterval = keepAliveInterval
        self.leakThreshold = leakThreshold
        self.connectTimeout = connectTimeout
        self.validationTimeout = validationTimeout
        self.closeTimeout = closeTimeout
        self.maximumConcurrentConnects = maximumConcurrentConnects
        self.connectBackOff = connectBackOff
        self.maximumConnectBackOff = maximumConnectBackOff
        self.drainTimeout = drainTimeout
    }

    /// Checks that the values make sense together.
    ///
    /// - Throws: ``PoolError`` with the code ``PoolError/Code-swift.struct/invalidConfiguration``, which names everything that is wrong.
    public func validate() throws(PoolError) {
        var problems = PoolConfiguration.sizeProblems(minimum: minimumSize, maximum: maximumSize)
        func expect(_ condition: Bool, _ problem: String) {
            if !condition { problems.append(problem) }
        }
        let times: [(String, Duration?)] = [
            ("idleTimeout", idleTimeout), ("maximumLifetime", maximumLifetime),
            ("keepAliveInterval", keepAliveInterval), ("leakThreshold", leakThreshold),
            ("connectTimeout", connectTimeout), ("validationTimeout", validationTimeout),
            ("closeTimeout", closeTimeout), ("connectBackOff", connectBackOff),
            ("maximumConnectBackOff", maximumConnectBackOff),
        ]
        for case (let name, let time?) in times {
            expect(time >= .milliseconds(1), "\(name) is \(time), and must be at least 1 ms")
        }
        if let acquireTimeout { expect(acquireTimeout >= .zero, "acquireTimeout is negative") }
        expect(drainTimeout >= .zero, "drainTimeout is negative")
        expect((0...1).contains(lifetimeJitter), "lifetimeJitter is \(lifetimeJitter), and must be between 0 and 1")
        expect(maximumConcurrentConnects >= 1, "maximumConcurrentConnects is \(maximumConcurrentConnects), below 1")
        expect(
            maximumConnectBackOff >= connectBackOff,
            "maximumConnectBackOff (\(maximumConnectBackOff)) is below connectBackOff (\(connectBackOff))")
        guard problems.isEmpty else { throw .invalidConfiguration(problems) }
    }

    static func sizeProblems(minimum: Int, maximum: Int) -> [String] {
        var problems: [String] = []
        if minimum < 0 { problems.append("minimumSize is \(minimum), below 0") }
        if maximum < 1 { problems.append("maximumSize is \(maximum), below 1") }
        if minimum > maximum { problems.append("minimumSize (\(minimum)) is above maximumSize (\(maximum))") }
        return problems
    }

    var settings: PoolSettings {
        func span(_ time: Duration?) -> PoolSpan { time.map { PoolSpan($0) } ?? .endless }
        return PoolSettings(
            minimum: minimumSize, maximum: maximumSize, maximumOpening: maximumConcurrentConnects,
            idleTimeout: span(idleTimeout), maximumLifetime: span(maximumLifetime), lifetimeJitter: lifetimeJitter,
            keepAlive: span(keepAliveInterval), leakThreshold: span(leakThreshold), openTimeout: span(connectTimeout),
            checkTimeout: span(validationTimeout), closeTimeout: span(closeTimeout), backOffBase: span(connectBackOff),
            backOffLimit: span(maximumConnectBackOff))
    }
}
