/// One command's way through the cluster: where it has been, what it was told there, how long it may go on.
struct RoutedCall: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Target: Sendable, Hashable {
        case slot(RedisHashSlot)
        case anyMaster
        case node(RedisEndpoint)
    }

    /// A node that is sent to.
    struct Hop: Sendable, Hashable {
        var node: RedisClusterNode
        /// ASKING goes before the command, in the same write.
        var asks = false
    }

    let target: Target
    let isRead: Bool
    let started: Instant
    /// When the whole operation is over; nil for a command that may wait for its reply for ever.
    let deadline: Instant?
    /// Until when it is tried again. Also bounds commands without a deadline.
    let retryUntil: Instant

    var redirections = 0
    var failures = 0
    /// Where the last answer sent it.
    var ordered: Hop?
    var avoidsReplicas = false
    /// Each answer in turn. Only the end is kept: it is for an error's text.
    private var answers: [(text: String, times: Int)] = []
    private(set) var lastError: RedisError?

    init(
        _ target: Target, isRead: Bool = false, started: Instant, deadline: Instant?, patience: Duration = .seconds(10)
    ) {
        self.target = target
        self.isRead = isRead
        self.started = started
        self.deadline = deadline
        self.retryUntil = deadline ?? started + patience
    }

    mutating func note(_ error: RedisError, at hop: Hop) {
        self.lastError = error
        let text = error.reply.map { $0.code == "MOVED" || $0.code == "ASK" ? "\($0.code) \($0.message)" : $0.code }
        let answer = "\(hop.node): \(text ?? error.code.description)"
        if let last = self.answers.last, last.text == answer {
            self.answers[self.answers.count - 1].times += 1
            return
        }
        if self.answers.count == 20 { self.answers.removeFirst() }
        self.answers.append((answer, 1))
    }

    /// Where it has been and what it was told there.
    var path: [String] {
        self.answers.map { $0.times == 1 ? $0.text : "\($0.text) (\($0.times) times)" }
    }
}
