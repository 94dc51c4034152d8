/// Which node serves which slot, as far as is known. A plain value.
struct SlotMap: Sendable, Equatable {
    /// A master and those who copy it.
    struct Shard: Sendable, Hashable {
        var master: RedisEndpoint
        var replicas: [RedisEndpoint] = []
    }

    private(set) var shards: [Shard] = []
    /// For each slot its place in `shards`; -1 for a slot that nobody is known to serve.
    private var owners: [Int16]

    /// Nothing known.
    init() {
        self.owners = Array(repeating: -1, count: RedisHashSlot.count)
    }

    var isEmpty: Bool { self.shards.isEmpty }

    var coveredSlots: Int { self.owners.reduce(0) { $1 < 0 ? $0 : $0 + 1 } }

    func shard(of slot: RedisHashSlot) -> Shard? {
        let owner = Int(self.owners[slot.number])
        return self.shards.indices.contains(owner) ? self.shards[owner] : nil
    }

    /// The masters that have slots, each once.
    var masters: [RedisEndpoint] { self.shards.map(\.master) }

    /// All nodes, masters first.
    var nodes: [RedisEndpoint] { self.masters + self.shards.flatMap(\.replicas) }

    /// Gives slots to a shard. Ranges that overlap what was there before take it over: later news count.
    mutating func assign(_ slots: some Sequence<RedisHashSlot>, to shard: Shard) {
        guard let index = self.index(of: shard) else { return }
        for slot in slots { self.owners[slot.number] = Int16(index) }
    }

    /// What a MOVED says.
    ///
    /// - Returns: false if that was known already.
    @discardableResult
    mutating func move(_ slot: RedisHashSlot, to master: RedisEndpoint) -> Bool {
        if self.shard(of: slot)?.master == master { return false }
        let index: Int?
        if let known = self.shards.firstIndex(where: { $0.master == master }) {
            index = known
        } else {
            // A replica was promoted, perhaps: the refresh that follows tells who copies it.
            index = self.index(of: Shard(master: master))
        }
        guard let index else { return false }
        self.owners[slot.number] = Int16(index)
        return true
    }

    private mutating func index(of shard: Shard) -> Int? {
        if let known = self.shards.firstIndex(where: { $0.master == shard.master }) {
            for replica in shard.replicas where !self.shards[known].replicas.contains(replica) {
                self.shards[known].replicas.append(replica)
            }
            return known
        }
        // More shards than slots cannot be; a reply that says so must not grow the map for ever.
        guard self.shards.count < RedisHashSlot.count else { return nil }
        self.shards.append(shard)
        return self.shards.count - 1
    }
}
