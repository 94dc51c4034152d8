extension RedisClusterClient {
    /// Sends commands in one write to each node that they concern, and waits for all replies, which stand in the commands' order.
    ///
    /// One command's error does not touch the others. Commands whose keys are in one slot run in their order; between slots there is none.
    /// Only when a node takes some of a slot's commands and sends others on, because just then the slot moves, can those run later.
    /// The whole pipeline ends with the longest time that one of its commands asks for.
    ///
    /// A command that is refused before anything is sent (keys in different slots) stops all: nothing is sent then, and each command's
    /// error says because of which.
    public func pipeline(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        if commands.isEmpty { return [] }
        var plans: [(plan: CommandPlan, rule: CommandRule)] = []
        for (place, command) in commands.enumerated() {
            do throws(RedisError) {
                plans.append(try await self.core.plan(command))
            } catch {
                // None of them has been sent, so that the caller can mend the one and send all.
                return commands.enumerated().map {
                    .failure(
                        $0.offset == place
                            ? error.with(command: command.name, endpoint: nil)
                            : .notSent(because: command).with(command: $0.element.name, endpoint: nil))
                }
            }
        }
        // One entry for each command that really leaves; `counts` tell how many belong to each command of the caller's.
        var entries: [ClusterCore.Entry] = []
        var counts: [Int] = []
        let masters = self.masters
        for (command, (plan, rule)) in zip(commands, plans) {
            let before = entries.count
            switch plan {
            case .one(let target): entries.append((command, target, rule))
            case .parts(let parts, _): entries += parts.map { ($0.command, .slot($0.slot), rule) }
            case .everyMaster: entries += masters.map { (command, .node($0), rule) }
            }
            counts.append(entries.count - before)
        }
        let replies = await self.core.pipeline(entries, timeout: ClusterCore.longest(commands))
        var results: [Result<RESPValue, RedisError>] = []
        var rest = replies[...]
        for (index, command) in commands.enumerated() {
            let own = Array(rest.prefix(counts[index]))
            rest = rest.dropFirst(counts[index])
            do throws(RedisError) {
                switch plans[index].plan {
                case .one:
                    results.append(own.first ?? .failure(.unexpectedReply("no reply", command: command.name)))
                case .parts(let parts, let split):
                    results.append(.success(try CommandPlan.combine(own, parts, split, command: command)))
                case .everyMaster(let combination):
                    results.append(.success(try CommandPlan.combine(own, combination, command: command)))
                }
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    /// Sends commands together, see ``pipeline(_:)-([RedisCommand])``.
    public func pipeline(_ build: (inout RedisPipeline) -> Void) async -> [Result<RESPValue, RedisError>] {
        var pipeline = RedisPipeline()
        build(&pipeline)
        return await self.pipeline(pipeline.commands)
    }
}

extension ClusterCore {
    typealias Entry = (command: RedisCommand, target: RoutedCall.Target, rule: CommandRule)

    /// Leads commands to their ends together.
    func pipeline(_ entries: [Entry], timeout: RedisCommand.Timeout) async -> [Result<RESPValue, RedisError>] {
        if entries.isEmpty { return [] }
        // One clock for all: what the first waits for is gone for the last too.
        let model = self.call(.anyMaster, timeout: timeout)
        let calls = entries.map { entry in
            RoutedCall(
                entry.target, isRead: entry.rule.isRead, started: model.started, deadline: model.deadline,
                patience: self.configuration.patience)
        }
        var seen = self.shared.topologyChanged.generation
        var run = self.shared.update { PipelineRun(calls, &$0, now: .now) }
        var waited = false
        while true {
            let generation = self.shared.topologyChanged.generation
            let (step, changed) = self.shared.update { [run, isNew = waited && generation != seen] router in
                var run = run
                let step = run.next(&router, now: .now, isNewTopology: isNew)
                return (step, run)
            }
            run = changed
            seen = generation
            switch step {
            case .done(let results):
                return zip(entries, results).map { entry, result in
                    result.mapError { $0.with(command: entry.command.name, endpoint: nil) }
                }
            case .wait(let until, let untilNewTopology):
                waited = true
                do throws(RedisError) {
                    try await self.shared.wait(until: until, untilNewTopology: untilNewTopology, seen: seen)
                } catch {
                    return zip(entries, run.abort(error)).map { entry, result in
                        result.mapError { $0.with(command: entry.command.name, endpoint: nil) }
                    }
                }
            case .send(let batches):
                let outcomes = await self.send(batches, entries, deadline: model)
                run = self.shared.update { [run] router in
                    var run = run
                    for (batch, outcome) in outcomes { run.record(batch, outcome, &router, now: .now) }
                    return run
                }
                if self.shared.isClosed {
                    return run.abort(.closedByClient)
                }
            }
        }
    }

    private typealias Outcome = Result<[Result<RESPValue, RedisError>], RedisError>

    private func send(
        _ batches: [PipelineRun.Batch], _ entries: [Entry], deadline model: RoutedCall
    ) async -> [(PipelineRun.Batch, Outcome)] {
        if batches.count == 1 { return [(batches[0], await self.send(batches[0], entries, deadline: model))] }
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            for (index, batch) in batches.enumerated() {
                group.addTask { (index, await self.send(batch, entries, deadline: model)) }
            }
            var outcomes: [(Int, Outcome)] = []
            for await outcome in group { outcomes.append(outcome) }
            // In the order of the batches, so that the router hears the same whatever node was faster.
            return outcomes.sorted { $0.0 < $1.0 }.map { (batches[$0.0], $0.1) }
        }
    }

    private func send(
        _ batch: PipelineRun.Batch, _ entries: [Entry], deadline model: RoutedCall
    ) async -> Outcome {
        let isBlocking = batch.places.contains { entries[$0].rule.blocks(entries[$0].command) }
        do throws(RedisError) {
            return .success(
                try await self.connections.withConnection(
                    to: batch.node, isBlocking: isBlocking, deadline: model.retryUntil
                ) { connection in
                    let timeout = Self.timeout(until: model.deadline)
                    var commands: [RedisCommand] = []
                    var isReply: [Bool] = []
                    for (place, asks) in zip(batch.places, batch.asks) {
                        if asks {
                            commands.append(Self.asking(timeout))
                            isReply.append(false)
                        }
                        var command = entries[place].command
                        command.timeout = timeout
                        commands.append(command)
                        isReply.append(true)
                    }
                    let replies = await connection.batch(commands, lease: 0)
                    return zip(replies, isReply).compactMap { reply, isReply in isReply ? reply : nil }
                })
        } catch {
            return .failure(error)
        }
    }

    /// The longest time that one of the commands asks for.
    static func longest(_ commands: [RedisCommand]) -> RedisCommand.Timeout {
        RedisConnection.longest(commands)
    }
}
