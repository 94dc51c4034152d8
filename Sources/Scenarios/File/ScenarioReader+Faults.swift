import Yams

extension ScenarioReader {
    func fault(_ node: Node, in load: LoadDefinition) -> FaultDefinition? {
        // The kind decides which other names there may be.
        guard let mapping = node.mapping else {
            source.add(
                "a fault is a mapping such as {fault: redis.freeze, at: 5s, for: 2s}, not \(node.kindName)", at: node)
            return nil
        }
        guard let kindNode = mapping["fault"], let name = source.text(kindNode, "fault") else {
            source.add(
                "a fault needs \"fault\": its kind, one of \(FaultFormat.names.joined(separator: ", "))", at: node)
            return nil
        }
        guard let section = FaultFormat.sections.first(where: { $0.id == name }) else {
            source.add(
                "there is no fault \"\(name)\"\(NearestName.hint(for: name, among: FaultFormat.names))", at: kindNode)
            return nil
        }
        guard let fields = Fields(node, section, source), let kind = kind(name, fields),
            let start = fields.duration("at")
        else { return nil }
        let length = section.names.contains("for") ? fields.duration("for") ?? .zero : .zero
        if section.names.contains("for"), length == .zero, let node = fields["for"] {
            source.add("\"for\" has to be more than nothing", at: node)
        }
        let fault = FaultDefinition(kind: kind, start: start, length: length)
        let counted = LoadTimeline(load.stages).counted
        if counted > .zero, fault.end >= counted {
            source.add(
                "the fault ends \(DurationText.text(fault.end)) after the warm-up, and the load lasts \(DurationText.text(counted)): recovery needs time too",
                at: node)
        }
        return fault
    }

    private func kind(_ name: String, _ fields: Fields) -> FaultKind? {
        switch name {
        case "redis.latency":
            fields.duration("delay").map { .redisLatency(delay: $0, jitter: fields.duration("jitter") ?? .zero) }
        case "redis.bandwidth":
            fields["rate"].flatMap { source.bandwidth($0) }.map { .redisBandwidth(bytesPerSecond: $0) }
        case "redis.slice":
            .redisSlice(
                bytes: fields.integer("bytes", atLeast: 1) ?? 1, pause: fields.duration("pause") ?? .milliseconds(1))
        case "redis.reset": .redisReset
        case "redis.refuse": .redisRefuse
        case "redis.blackhole": .redisBlackHole
        case "redis.drop": .redisDrop
        case "redis.kill": .redisKill
        case "redis.freeze": .redisFreeze
        case "redis.restart": .redisRestart(isEmpty: false)
        case "redis.restart-empty": .redisRestart(isEmpty: true)
        case "sqlite.busy": .sqliteBusy
        case "sqlite.full": .sqliteFull
        case "graph.full": .graphFull
        case "worker.kill": .workerKill
        case "worker.disk-full": .workerDiskFull
        default: .graphReader
        }
    }
}

extension SourceText {
    /// Bytes a second, such as `100KB/s`.
    func bandwidth(_ node: Node) -> Double? {
        let units = ["B/s": 1.0, "KB/s": 1e3, "MB/s": 1e6, "KiB/s": 1_024, "MiB/s": 1_048_576]
        let text = node.scalar?.string ?? ""
        if let (number, unit) = DurationText.split(text), let factor = units[unit], number > 0 {
            return number * factor
        }
        add("\"rate\" is a number of bytes a second such as 100KB/s, not \(node.kindName)", at: node)
        return nil
    }
}
