import Pooling

extension StoresDraft {
    /// What no value alone can show to be wrong.
    ///
    /// - Parameters:
    ///   - given: the values that there are, by key.
    ///   - found: what is wrong already.
    /// - Throws: ``StoresConfigurationError`` for all of it together.
    func finished(
        given: [String: String], _ found: [StoresConfigurationError.Problem]
    ) throws(StoresConfigurationError) -> StoresConfiguration {
        var problems = found
        func report(_ key: String, _ explanation: String) {
            let isSecret = ConfigurationSetting.all.contains { $0.key == key && $0.isSecret }
            problems.append(.init(key: key, value: isSecret ? nil : given[key], explanation: explanation))
        }
        var configuration = common
        if given["sqlite.path"] != nil { configuration.sqlite = sqlite }
        if given["graph.path"] != nil { configuration.graph = graph }
        configuration.redis = redis.finished(report)
        requirePlace("sqlite", ["sqlite.path"], given, report)
        requirePlace("graph", ["graph.path"], given, report)
        requirePlace("redis", ["redis.host", "redis.socket", "redis.cluster"], given, report)
        checkSizes(report)
        for (key, pool) in [
            ("sqlite.pool", sqlite.pool.pool), ("graph.pool", graph.pool.pool), ("redis.pool", redis.pool),
        ] {
            do { try pool.validate() } catch { report(key, error.message) }
        }
        guard problems.isEmpty else { throw StoresConfigurationError(problems: problems) }
        return configuration
    }

    /// Settings of a store that is not to be opened are a mistake: its place was forgotten, or misspelt.
    private func requirePlace(
        _ store: String, _ places: [String], _ given: [String: String], _ report: (String, String) -> Void
    ) {
        guard places.allSatisfy({ given[$0] == nil }),
            let other = ConfigurationSetting.all.first(where: {
                $0.key.hasPrefix("\(store).") && given[$0.key] != nil
            })
        else { return }
        report(
            other.key, "it has no effect, because the store is not opened without \(places.joined(separator: " or "))")
    }

    private func checkSizes(_ report: (String, String) -> Void) {
        let sizes = [
            (
                "sqlite.minimumConnections", sqlite.pool.minimumConnections, "sqlite.maximumConnections",
                sqlite.pool.maximumConnections
            ),
            (
                "graph.minimumConnections", graph.pool.minimumConnections, "graph.maximumConnections",
                graph.pool.maximumConnections
            ),
            (
                "redis.minimumConnections", redis.server.pool.minimumSize, "redis.maximumConnections",
                redis.server.pool.maximumSize
            ),
            (
                "redis.minimumConnectionsPerNode", redis.nodes.pool.minimumSize, "redis.maximumConnectionsPerNode",
                redis.nodes.pool.maximumSize
            ),
        ]
        for (key, minimum, otherKey, maximum) in sizes where minimum > maximum {
            report(key, "must be at most \(otherKey), which is \(maximum)")
        }
        if graph.pool.database.maxDatabaseSize.nonzeroBitCount != 1 {
            report("graph.maximumDatabaseSize", "must be a power of two, such as 64GiB")
        }
    }
}
