import GraphClient

@testable import Transactions

/// A body made of actions, which writes down what it does and sees.
extension Transaction {
    func run(_ actions: [Action], _ attempt: Attempt, _ world: SimulatedWorld) async throws {
        for action in actions { try await run(action, attempt, world) }
    }

    private func run(_ action: Action, _ attempt: Attempt, _ world: SimulatedWorld) async throws {
        switch action {
        case .read(let place):
            // Written down at once, so that nothing comes between.
            let content = try await read(place, attempt)
            world.note("attempt \(attempt.id) reads \(place): \(content)")
        case .write(let place): try await write(place, attempt, world)
        case .remove(let place): try await remove(place, attempt, world)
        case .lock(let number): try await lock("lock \(number)")
        case .pause(let microseconds): try await world.clock.sleep(for: .microseconds(microseconds))
        case .savepoint(let actions, let fails): try await savepoint(actions, fails: fails, attempt, world)
        case .both(let first, let second):
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask(executorPreference: world.thread.clients) { try await self.run(first, attempt, world) }
                group.addTask(executorPreference: world.thread.clients) { try await self.run(second, attempt, world) }
                try await group.waitForAll()
            }
        case .tolerate(let action):
            do { try await run(action, attempt, world) } catch { world.count("tolerated") }
        case .stray(let place):
            Task(executorPreference: world.thread.clients) {
                try? await world.clock.sleep(for: .microseconds(world.pick(0...500)))
                try await self.records {
                    world.check(!attempt.isBodyDone, "attempt \(attempt.id) wrote after its body had returned")
                    // Whether it belongs to a savepoint would be anybody's guess.
                    guard attempt.openSavepoints == 0 else { return }
                    let value = attempt.newValue()
                    try $0.write(place.key, value, by: attempt)
                    attempt.deeds.append(.set(place, value))
                }
            }
        case .fail: throw Action.Thrown()
        }
    }

    private func savepoint(
        _ actions: [Action], fails: Bool, _ attempt: Attempt, _ world: SimulatedWorld
    ) async throws {
        let point = try await core.beginSavepoint(id)
        attempt.deeds.append(.savepoint)
        attempt.openSavepoints += 1
        defer { attempt.openSavepoints -= 1 }
        do {
            try await Savepoint.$scope.withValue(Savepoint.Scope(unit: id, number: point.number)) {
                try await run(actions, attempt, world)
            }
            if fails { throw Action.Thrown() }
        } catch {
            // What could not be rolled back fails together with what is around it.
            defer { attempt.deeds.append(.rollback) }
            return try await core.rollback(to: point, of: id)
        }
        try await core.endSavepoint(point, of: id)
        attempt.deeds.append(.release)
    }

    // MARK: Single steps

    private func read(_ place: SimulatedPlace, _ attempt: Attempt) async throws -> Content {
        let content: Content
        switch place.store {
        case .sqlite:
            content = try await records { try $0.read(place.key) }.map { .number($0) } ?? .nothing
        case .graph:
            let value = try await graph.query("READ", ["key": Int64(place.key)])[0][0]
            content = Int(graphNumber: value).map { .number($0) } ?? .nothing
        case .redis where place.isSet:
            let members = try await redis.smembers(place.cacheKey)
            content = members.isEmpty ? .nothing : .members(Set(members.map { Int($0) ?? -1 }))
        case .redis:
            content = try await redis.get(place.cacheKey, as: Int.self).map { .number($0) } ?? .nothing
        }
        attempt.deeds.append(.read(place, content))
        return content
    }

    private func write(_ place: SimulatedPlace, _ attempt: Attempt, _ world: SimulatedWorld) async throws {
        let value = attempt.newValue()
        switch place.store {
        case .sqlite:
            try await records {
                try $0.write(place.key, value, by: attempt)
                attempt.deeds.append(.set(place, value))
            }
        case .graph where value % 2 == 0:
            try await core.enter(id, .graph)
            let node = GraphNodeKey("Place", "key", place.key)
            // Of two shapes, so that they may change places.
            let text = SimulatedGraph.putOff[value / 2 % 2]
            try await core.putOff(
                PutOffWrite(
                    redo: GraphRedo(text, ["key": place.key, "value": value]), batch: nil, needed: [node],
                    touch: .set, nodes: [node]), for: id)
            attempt.deeds.append(.set(place, value))
        case .graph:
            try await graph.execute("SET", ["key": Int64(place.key), "value": Int64(value)])
            attempt.deeds.append(.set(place, value))
        case .redis where place.isSet:
            try await redis.sadd(place.cacheKey, [value])
            attempt.deeds.append(.addMember(place, value))
        case .redis:
            try await redis.set(place.cacheKey, value)
            attempt.deeds.append(.set(place, value))
        }
        world.note("attempt \(attempt.id) writes \(value) to \(place)")
    }

    private func remove(_ place: SimulatedPlace, _ attempt: Attempt, _ world: SimulatedWorld) async throws {
        switch place.store {
        case .sqlite: try await records { try $0.write(place.key, nil, by: attempt) }
        case .graph:
            let mark = Int64(attempt.newValue())
            try await graph.execute("REMOVE", ["key": Int64(place.key), "value": mark])
        case .redis:
            if place.isSet, case .members(let members) = try await read(place, attempt), let member = members.min() {
                try await redis.srem(place.cacheKey, [member])
                attempt.deeds.append(.removeMember(place, member))
                return
            }
            try await redis.delete(place.cacheKey)
        }
        attempt.deeds.append(.remove(place))
        world.note("attempt \(attempt.id) removes \(place)")
    }

    /// As `sqlite { }`, whose body gets a `Database`, which only SQLite has.
    private func records<Value>(_ body: (SimulatedRecords) throws -> Value) async throws -> Value {
        try await core.enter(id, .sqlite)
        return try touch(body)
    }

    private func touch<Value>(_ body: (SimulatedRecords) throws -> Value) throws -> Value {
        try core.assumeIsolated { try $0.beginStatement(of: id) }
        guard let records = core.participants.decision as? SimulatedRecords else {
            throw SimulatedFailure("not simulated")
        }
        return try core.performing(id) { try body(records) }
    }
}
