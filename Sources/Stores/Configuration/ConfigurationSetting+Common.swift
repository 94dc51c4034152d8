import Pooling

extension ConfigurationSetting {
    /// What every pool has.
    static func pool(
        _ prefix: String, _ part: any WritableKeyPath<StoresDraft, PoolConfiguration> & Sendable
    ) -> [ConfigurationSetting] {
        func setting<Value>(
            _ name: String, _ member: any WritableKeyPath<PoolConfiguration, Value> & Sendable,
            _ format: ValueFormat<Value>, _ meaning: String
        ) -> ConfigurationSetting {
            ConfigurationSetting("\(prefix).\(name)", part, member, format, meaning)
        }
        return [
            setting(
                "acquireTimeout", \.acquireTimeout, .durationOrNone, "The longest wait for a connection."),
            setting(
                "idleTimeout", \.idleTimeout, .intervalOrNone,
                "How long a connection above the minimum may be unused before it is closed."),
            setting("maximumLifetime", \.maximumLifetime, .intervalOrNone, "How old a connection may become."),
            setting(
                "lifetimeJitter", \.lifetimeJitter, .fraction,
                "The part of the lifetime that is random, so that not all end together."),
            setting(
                "keepAliveInterval", \.keepAliveInterval, .intervalOrNone,
                "How long an idle connection goes without a probe."),
            setting(
                "leakThreshold", \.leakThreshold, .intervalOrNone,
                "How long a connection may be held before a warning names the holder."),
            setting("connectTimeout", \.connectTimeout, .interval, "The longest time for opening a connection."),
            setting(
                "validationTimeout", \.validationTimeout, .interval, "The longest time for a probe of a connection."),
            setting("closeTimeout", \.closeTimeout, .interval, "The longest time for closing a connection."),
            setting(
                "maximumConcurrentConnects", \.maximumConcurrentConnects, .positive,
                "The most connections opened at one time."),
            setting(
                "connectBackOff", \.connectBackOff, .interval,
                "The pause after a failure to connect; it doubles with each round of attempts that fails."),
            setting(
                "maximumConnectBackOff", \.maximumConnectBackOff, .interval,
                "The longest pause between attempts to connect."),
        ]
    }

    static let common: [ConfigurationSetting] = [
        ConfigurationSetting(
            "connectionBudget", \.common.connectionBudget, .positiveOrNone,
            "The most connections of all stores together; none for the sum of their maxima."),
        ConfigurationSetting(
            "rebalancing.enabled", \.common.rebalancing.isEnabled, .flag,
            "Whether connections are moved between stores; without a budget there is nothing to move."),
        ConfigurationSetting(
            "rebalancing.interval", \.common.rebalancing.interval, .interval,
            "How often the stores' loads are looked at."),
        ConfigurationSetting(
            "rebalancing.patience", \.common.rebalancing.patience, .positive,
            "At how many looks in a row a store needs more before it gets more."),
        ConfigurationSetting(
            "rebalancing.maximumStep", \.common.rebalancing.maximumStep, .positive,
            "The most connections moved at one look."),
        ConfigurationSetting(
            "rebalancing.coolDown", \.common.rebalancing.coolDown, .duration,
            "How long a store that gave gets nothing, and one that got gives nothing."),
        ConfigurationSetting(
            "health.interval", \.common.health.interval, .interval, "How often each store is probed."),
        ConfigurationSetting(
            "health.probeTimeout", \.common.health.probeTimeout, .interval, "How long a probe may take."),
        ConfigurationSetting(
            "health.failuresUntilDown", \.common.health.failuresUntilDown, .positive,
            "How many probes in a row have to fail before a store is down."),
        ConfigurationSetting(
            "health.troublesUntilDegraded", \.common.health.troublesUntilDegraded, .positive,
            "How many looks in a row have to find a lesser trouble before a store is degraded."),
        ConfigurationSetting(
            "health.calmUntilHealthy", \.common.health.calmUntilHealthy, .positive,
            "How many looks in a row have to find nothing before a store is healthy again."),
        ConfigurationSetting(
            "health.slowProbe", \.common.health.slowProbe, .interval, "From when on a probe is slow."),
        ConfigurationSetting(
            "health.longWait", \.common.health.longWait, .interval,
            "From when on the mean wait for a connection is long."),
        ConfigurationSetting(
            "health.connectFailures", \.common.health.connectFailures, .positive,
            "How many attempts to connect have to fail in a row to count as trouble."),
        ConfigurationSetting(
            "metricsInterval", \.common.metricsInterval, .interval, "How often gauges are updated."),
        ConfigurationSetting(
            "openTimeout", \.common.openTimeout, .interval, "How long opening may take until every store answers."),
        ConfigurationSetting(
            "drainTimeout", \.common.drainTimeout, .duration,
            "How long a shutdown waits for connections in use, all stores together."),
    ]
}
