import RedisClient

/// Makes a cluster out of nodes that know nothing of each other, by what `redis-cli --cluster create` would send, but
/// over the control sockets, and knows when it is done.
struct ClusterFormation {
    let cluster: RedisCluster

    private var nodes: [RedisServer] { cluster.nodes }
    private var masters: Int { cluster.configuration.masters }

    func form() async throws {
        for (number, node) in nodes.enumerated() {
            // Different epochs from the start: else the nodes would have to settle who comes first.
            try await ask(node, "CLUSTER", "SET-CONFIG-EPOCH", "\(number + 1)")
            if number < masters {
                // Slot by slot: ADDSLOTSRANGE came only with Redis 7.
                try await ask(
                    node, ["CLUSTER", "ADDSLOTS"] + Self.slots(of: number, masters: masters).map(String.init))
            }
        }
        // Everybody meets everybody: gossip alone would take seconds.
        for (number, node) in nodes.enumerated() {
            for other in nodes[(number + 1)...] {
                guard let port = other.port else { continue }
                try await ask(node, "CLUSTER", "MEET", "127.0.0.1", "\(port.number)")
            }
        }
        let deadline = ContinuousClock.now + cluster.configuration.startTimeout
        for (number, node) in nodes.enumerated() where number >= masters {
            let master = try await ask(nodes[number % masters], "CLUSTER", "MYID")
            try await poll(node, until: deadline, "does not know its master") {
                // Until the two have met the master is unknown.
                guard case .text = try await node.control(["CLUSTER", "REPLICATE", master]) else { return false }
                return true
            }
        }
        for node in nodes {
            try await poll(node, until: deadline, "does not serve the cluster") { try await isServing(node) }
        }
    }

    /// The slots of a master: as even as can be.
    static func slots(of number: Int, masters: Int) -> Range<Int> {
        (number * 16384 / masters)..<((number + 1) * 16384 / masters)
    }

    /// Whether this node sees the whole cluster well, itself included.
    private func isServing(_ node: RedisServer) async throws -> Bool {
        let info = Self.fields(try await ask(node, "CLUSTER", "INFO"))
        guard info["cluster_state"] == "ok", info["cluster_slots_ok"] == "16384",
            info["cluster_known_nodes"] == "\(nodes.count)", info["cluster_size"] == "\(masters)"
        else { return false }
        let view = ClusterView(try await ask(node, "CLUSTER", "NODES"))
        guard view.healthy == nodes.count, view.replicas == nodes.count - masters else { return false }
        let replication = Self.fields(try await ask(node, "INFO", "replication"))
        return replication["role"] == "master" || replication["master_link_status"] == "up"
    }

    /// `name:value` lines.
    static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }

    private func poll(
        _ node: RedisServer, until deadline: ContinuousClock.Instant, _ what: String,
        _ condition: () async throws -> Bool
    ) async throws {
        var cause: (any Error)?
        while true {
            do {
                if try await condition() { return }
            } catch let error as CancellationError {
                throw error
            } catch {
                cause = error
            }
            guard nodes.allSatisfy(\.isRunning), ContinuousClock.now < deadline else {
                throw LocalEngineError(
                    .notReady, "the cluster did not form: \(node.endpoint) \(what).", log: await node.logLines(),
                    remedy: "Look into its log; allow it more time.", underlying: cause)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @discardableResult
    private func ask(_ node: RedisServer, _ words: String...) async throws -> String {
        try await ask(node, words)
    }

    @discardableResult
    private func ask(_ node: RedisServer, _ words: [String]) async throws -> String {
        let reply = try await node.control(words, seconds: 10)
        guard case .text(let text) = reply else {
            throw LocalEngineError(
                .command, "\(node.endpoint) answered \(words.prefix(2).joined(separator: " ")) with \(reply).")
        }
        return text
    }
}

/// What `CLUSTER NODES` says, as far as it matters here: one line a node, flags in the third column, the state of the
/// link in the eighth.
struct ClusterView {
    var healthy = 0
    var replicas = 0

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let columns = line.split(separator: " ")
            guard columns.count >= 8 else { continue }
            let flags = columns[2].split(separator: ",")
            let isBad = flags.contains { ["fail", "fail?", "handshake", "noaddr"].contains($0) }
            if !isBad, columns[7] == "connected" { healthy += 1 }
            if flags.contains("slave") { replicas += 1 }
        }
    }
}
