/// Reads what a node says about its cluster. Whatever does not make sense is left out, so that one odd entry does not hide the
/// rest; what is left must name at least one slot.
struct TopologyReader {
    /// The node that answered, which a missing host stands for.
    let asked: RedisEndpoint
    let usesTLS: Bool
    var translate: @Sendable (RedisEndpoint) -> RedisEndpoint = { $0 }

    /// The reply to CLUSTER SHARDS (Redis 7).
    func shards(_ reply: RESPValue) -> SlotMap? {
        guard let entries = reply.elements else { return nil }
        var found: [Found] = []
        for entry in entries {
            guard let fields = Fields(entry), let slots = Self.pairs(fields["slots"]), !slots.isEmpty,
                let nodes = fields["nodes"]?.elements
            else { continue }
            let members = nodes.compactMap(self.member)
            // A master that has failed can still stand beside the one that took over.
            guard let master = members.first(where: { $0.isMaster && $0.isHealthy }) ?? members.first(where: \.isMaster)
            else { continue }
            let replicas = members.filter { !$0.isMaster && $0.isHealthy && $0.endpoint != master.endpoint }
            found.append((slots, master.endpoint, replicas.map(\.endpoint)))
        }
        return Self.map(found)
    }

    /// The reply to CLUSTER SLOTS (deprecated, known to all).
    func slots(_ reply: RESPValue) -> SlotMap? {
        guard let entries = reply.elements else { return nil }
        var found: [Found] = []
        for entry in entries {
            guard let parts = entry.elements, parts.count >= 3,
                let range = Self.pairs(.array(Array(parts[..<2]))), !range.isEmpty
            else { continue }
            let nodes = parts[2...].map { node -> RedisEndpoint? in
                guard let fields = node.elements, fields.count >= 2, let port = fields[1].wholeNumber else {
                    return nil
                }
                return self.endpoint(host: fields[0].string, port: port)
            }
            // The first is the master; without it the replicas' order means nothing.
            guard let master = nodes[0] else { continue }
            let replicas = nodes.dropFirst().compactMap { $0 }.filter { $0 != master }
            found.append((range, master, replicas))
        }
        return Self.map(found)
    }

    private typealias Found = (slots: [RedisHashSlot], master: RedisEndpoint, replicas: [RedisEndpoint])

    /// In the order of slots and addresses: each node lists the others in an order of its own, which is no news.
    private static func map(_ found: [Found]) -> SlotMap? {
        var map = SlotMap()
        for (slots, master, replicas) in found.sorted(by: {
            ($0.slots.first?.number ?? 0) < ($1.slots.first?.number ?? 0)
        }) {
            let replicas = Set(replicas).sorted { $0.description < $1.description }
            map.assign(slots, to: SlotMap.Shard(master: master, replicas: replicas))
        }
        return map.isEmpty ? nil : map
    }

    private struct Member {
        let endpoint: RedisEndpoint
        let isMaster: Bool
        let isHealthy: Bool
    }

    private func member(_ value: RESPValue) -> Member? {
        guard let fields = Fields(value) else { return nil }
        let port = (self.usesTLS ? fields["tls-port"] : nil) ?? fields["port"] ?? fields["tls-port"]
        guard let port = port?.wholeNumber,
            // `endpoint` is what the cluster's settings prefer; null or `?` for unknown.
            let endpoint = self.endpoint(host: (fields["endpoint"] ?? fields["ip"])?.string, port: port)
        else { return nil }
        // A replica that has had nothing to copy yet says `loading` too (Redis 7.0); one that really loads says so when asked.
        return Member(
            endpoint: endpoint, isMaster: ["master", "primary"].contains(fields["role"]?.string),
            isHealthy: !(fields["health"]?.string?.hasPrefix("fail") ?? false))
    }

    private func endpoint(host: String?, port: Int) -> RedisEndpoint? {
        RedisEndpoint(announcedHost: host, port: port, asked: self.asked).map(self.translate)
    }

    /// First, last, first, last: the slots in between, both ends included.
    private static func pairs(_ value: RESPValue?) -> [RedisHashSlot]? {
        guard let numbers = value?.elements?.map(\.wholeNumber), numbers.count.isMultiple(of: 2) else { return nil }
        var slots: [RedisHashSlot] = []
        for index in stride(from: 0, to: numbers.count, by: 2) {
            guard let first = numbers[index], let last = numbers[index + 1], first <= last,
                RedisHashSlot(first) != nil, RedisHashSlot(last) != nil
            else { continue }
            slots += (first...last).compactMap { RedisHashSlot($0) }
            // No honest reply names a slot twice; a wrong one must not take memory without bound.
            if slots.count > RedisHashSlot.count { return nil }
        }
        return slots
    }
}

/// A map by its text keys: RESP3's own kind, or names and values in turn.
struct Fields {
    private let values: [String: RESPValue]

    init?(_ value: RESPValue) {
        guard let pairs = value.pairs else { return nil }
        var values: [String: RESPValue] = [:]
        for pair in pairs {
            if let name = pair.key.string { values[name] = pair.value }
        }
        self.values = values
    }

    subscript(name: String) -> RESPValue? { self.values[name] }
}

extension RESPValue {
    /// An integer, also as text; nil for anything else.
    var wholeNumber: Int? {
        if case .integer(let number) = self.withoutAttributes { return number }
        return self.string.flatMap { Int($0) }
    }
}
