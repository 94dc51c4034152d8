@testable import Transactions

/// A redis-server with Trivet's functions, in a process of its own.
final class SimulatedServer {
    struct Marker: Hashable {
        var identity: String
        var epoch: Int
        var session: Int
        var number: UInt64
    }

    /// What a coordinator says of itself with every request.
    struct Claims {
        var identity: String
        var epoch: Int
        var session: Int
        /// The last decided number when it was opened.
        var opened: UInt64
    }

    struct Contents {
        var entries: [CacheKey: CacheEntry] = [:]
        var marker: Marker?
    }

    weak var world: SimulatedWorld?
    private(set) var contents = Contents()
    var isDown = false
    /// What a crash of the server may bring back: contents of before, with the moment at which they ended.
    private var past: [(ended: Int64, contents: Contents)] = []
    /// The highest number that was ever in it.
    private(set) var highest: UInt64 = 0

    // MARK: The functions

    private func refusal(_ claims: Claims) -> TransactionError? {
        guard let marker = contents.marker else { return nil }
        guard marker.identity == claims.identity else {
            return TransactionError(.foreignStore, "Redis belongs to \(marker.identity)", remedy: "")
        }
        if marker.epoch > claims.epoch {
            return TransactionError(.stopped, "superseded by the epoch \(marker.epoch)", remedy: "")
        }
        guard marker.session != claims.session, marker.number > claims.opened else { return nil }
        return TransactionError.aheadOfSQLite(number: "\(marker.number)", last: claims.opened)
    }

    func apply(_ batch: CacheBatch, _ claims: Claims) -> CacheOutcome {
        if let refusal = refusal(claims) { return .refused(refusal) }
        guard let marker = contents.marker else { return .behind(nil) }
        if world?.defect != .appliesBlindly {
            if marker.number > batch.predecessor { return .had(marker.number) }
            if marker.number < batch.predecessor { return .behind(marker.number) }
        }
        var entries = contents.entries
        var former: [CacheKey: CacheEntry] = [:]
        for key in batch.writes.keys {
            if batch.wantsFormer { former[key] = entries[key] ?? .absent }
            var entry = entries[key] ?? .absent
            for effect in batch.writes.effects[key] ?? [] {
                do {
                    try entry.apply(effect)
                } catch {
                    return .rejected(key, reason: "\(error)")
                }
            }
            entries[key] = entry == .absent ? nil : entry
            if batch.wantsFormer, world?.defect == .tellsNewForFormer { former[key] = entry }
        }
        change {
            $0.entries = entries
            $0.marker?.epoch = claims.epoch
            $0.marker?.session = claims.session
            $0.marker?.number = batch.number
        }
        world?.note("Redis has \(batch.number)")
        if let wrong = difference(at: batch.number) { world?.violate("I5, I8: \(wrong)") }
        return .applied(former: former)
    }

    func adopt(_ claims: Claims) throws -> CacheAdoption {
        if let refusal = refusal(claims) { throw refusal }
        guard let marker = contents.marker else { return .new }
        change {
            $0.marker?.epoch = claims.epoch
            $0.marker?.session = claims.session
        }
        return .known(marker.number)
    }

    func reset(from expected: UInt64?, to number: UInt64, _ claims: Claims) throws {
        if let refusal = refusal(claims) { throw refusal }
        guard contents.marker?.number == expected else { throw CacheLoss(marker: contents.marker?.number) }
        world?.note("Redis is reset to \(number)")
        change {
            $0.marker = Marker(
                identity: claims.identity, epoch: claims.epoch, session: claims.session, number: number)
        }
    }

    func load(_ key: CacheKey, after number: UInt64, _ claims: Claims) throws -> CacheEntry {
        if let refusal = refusal(claims) { throw refusal }
        guard let marker = contents.marker else { throw CacheLoss(marker: nil) }
        guard marker.number >= number || world?.defect == .answersBlindly else {
            throw CacheLoss(marker: marker.number)
        }
        return contents.entries[key] ?? .absent
    }

    func discard() {
        change { $0.entries = [:] }
    }

    private func change(_ body: (inout Contents) -> Void) {
        past.append((world?.clock.elapsed ?? 0, contents))
        if past.count > 20 { past.removeFirst() }
        body(&contents)
        if let number = contents.marker?.number { highest = max(highest, number) }
    }

    // MARK: What happens to it

    /// What was not on the disk yet is gone.
    func lose(within duration: Duration) {
        guard let world else { return }
        let oldest = world.clock.elapsed - duration.nanoseconds
        let choices = past.filter { $0.ended >= oldest }
        guard let choice = choices.randomElement(using: &world.random) else { return }
        contents = choice.contents
        past = []
        world.note("Redis loses what it had after \(contents.marker?.number ?? 0)")
        world.count("Redis loses")
    }

    func empty() {
        contents = Contents()
        past = []
        world?.note("Redis is emptied")
        world?.count("Redis is emptied")
    }

    /// What Redis holds that it should not hold at a number.
    func difference(at number: UInt64) -> String? {
        guard let world else { return nil }
        guard number <= world.truth.last else { return "Redis has \(number), and \(world.truth.last) is decided" }
        let wanted = world.truth.models[Int(number)].contents(of: .redis)
        let found = Dictionary(
            uniqueKeysWithValues: contents.entries.map { (SimulatedPlace(redis: $0.key), Content($0.value)) })
        return wanted == found ? nil : "at \(number) Redis holds \(found), and should hold \(wanted)"
    }
}

/// Redis as one coordinator uses it.
///
/// `@unchecked`: as ``SimulatedWorld``.
struct SimulatedRedis: CacheParticipant, @unchecked Sendable {
    let process: SimulatedProcess
    let claims: SimulatedServer.Claims

    init(_ process: SimulatedProcess, _ meta: Journal.Meta) {
        self.process = process
        claims = SimulatedServer.Claims(
            identity: meta.identity, epoch: meta.epoch, session: process.number, opened: meta.lastNumber)
    }

    private var world: SimulatedWorld { process.world }
    private var server: SimulatedServer { process.world.redis }

    /// A request and its reply, each of which takes its time and may get lost.
    private func request<Reply>(
        _ call: @escaping (SimulatedServer, SimulatedServer.Claims) throws -> Reply
    ) async throws -> Reply {
        let (server, claims) = (server, claims)
        let work = { try call(server, claims) }
        try await world.clock.sleep(for: .microseconds(world.pick(0...150)))
        try process.step("a request to Redis")
        if server.isDown || world.chance(world.faults.redisBefore) { throw SimulatedFailure("Redis can't be reached") }
        if world.chance(world.faults.redisLate) {
            world.clock.schedule(after: .microseconds(world.pick(0...5_000))) {
                if !server.isDown { _ = try? work() }
            }
            throw SimulatedFailure("Redis does not answer")
        }
        let reply = Result { try work() }
        try process.step("a reply of Redis")
        try await world.clock.sleep(for: .microseconds(world.pick(0...150)))
        try process.step("the way of Redis's reply")
        if world.chance(world.faults.redisAfter) { throw SimulatedFailure("Redis's answer got lost") }
        return try reply.get()
    }

    func apply(_ batch: CacheBatch) async -> CacheOutcome {
        do {
            return try await request { server, claims in server.apply(batch, claims) }
        } catch {
            return .unreachable(error)
        }
    }

    func load(_ key: CacheKey, after number: UInt64) async throws -> CacheEntry {
        try await request { server, claims in try server.load(key, after: number, claims) }
    }

    func ask(_ query: CacheQuery, of key: CacheKey, after number: UInt64) async throws -> CacheAnswer {
        try await request { server, claims in try server.load(key, after: number, claims).answer(query) }
    }

    func discardManagedKeys(_ patterns: [String]) async throws {
        world.count("discard")
        try await request { server, _ in server.discard() }
    }

    func adopt() async throws -> CacheAdoption {
        try await request { server, claims in try server.adopt(claims) }
    }

    func reset(from expected: UInt64?, to number: UInt64) async throws {
        try await request { server, claims in try server.reset(from: expected, to: number, claims) }
    }
}

extension SimulatedPlace {
    var cacheKey: CacheKey { CacheKey("k\(key)") }

    init(redis key: CacheKey) {
        self.init(store: .redis, key: Int(String(decoding: key.bytes.dropFirst(), as: UTF8.self)) ?? -1)
    }
}

extension Content {
    init(_ entry: CacheEntry) {
        switch entry.content {
        case .string(let bytes): self = .number(Int(String(decoding: bytes, as: UTF8.self)) ?? -1)
        case .set(let members): self = .members(Set(members.map { Int(String(decoding: $0, as: UTF8.self)) ?? -1 }))
        default: self = .nothing
        }
    }
}

extension CacheEffect {
    /// Whose value it holds; nil if it holds none.
    var author: Int? {
        let bytes: Bytes? =
            switch self {
            case .set(let value, _): value
            case .addMembers(let members): members.first
            default: nil
            }
        return bytes.flatMap { Int(String(decoding: $0, as: UTF8.self)) }.map(Attempt.id(of:))
    }
}
