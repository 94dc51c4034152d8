extension ConfigurationSetting {
    static let redis: [ConfigurationSetting] =
        [
            ConfigurationSetting(
                "redis.host", \.redis.host, .optionalText, "The server's name or address. Given, the store is opened."),
            ConfigurationSetting("redis.port", \.redis.port, .integer(1...65_535), "The server's port."),
            ConfigurationSetting(
                "redis.socket", \.redis.socket, .optionalText, "The server's Unix socket, instead of host and port."),
            ConfigurationSetting(
                "redis.cluster", \.redis.cluster, .endpoints, "Some nodes of a cluster, instead of one server."),
            ConfigurationSetting("redis.username", \.redis.connection.username, .optionalText, "The ACL user."),
            ConfigurationSetting(
                "redis.password", \.redis.connection.password, .optionalText, isSecret: true, "The password."),
            ConfigurationSetting("redis.database", \.redis.connection.database, .count, "The database to SELECT."),
            ConfigurationSetting(
                "redis.clientName", \.redis.connection.clientName, .optionalText, "The name that CLIENT LIST shows."),
            ConfigurationSetting("redis.tls", \.redis.isEncrypted, .flag, "Whether connections are encrypted."),
            ConfigurationSetting(
                "redis.tlsTrustRoots", \.redis.trustRoots, .optionalText,
                "A PEM file with the certificates to trust, instead of the system's."),
            ConfigurationSetting(
                "redis.tlsCertificate", \.redis.certificate, .optionalText, "A PEM file with the client's certificate."
            ),
            ConfigurationSetting(
                "redis.tlsPrivateKey", \.redis.privateKey, .optionalText, "A PEM file with the client's private key."),
            ConfigurationSetting(
                "redis.tlsServerName", \.redis.serverName, .optionalText,
                "The name that the certificate must have, if it is not the host."),
            ConfigurationSetting(
                "redis.connectTimeout", \.redis.connection.connectTimeout, .interval,
                "The longest time for connecting, TLS and authentication included."),
            ConfigurationSetting(
                "redis.commandTimeout", \.redis.connection.commandTimeout, .intervalOrNone,
                "The longest time for a command, waiting and repetitions included."),
            ConfigurationSetting(
                "redis.minimumConnections", \.redis.server.pool.minimumSize, .count,
                "Connections kept open to one server."),
            ConfigurationSetting(
                "redis.maximumConnections", \.redis.server.pool.maximumSize, .positive,
                "The most connections to one server."),
            ConfigurationSetting(
                "redis.minimumConnectionsPerNode", \.redis.nodes.pool.minimumSize, .count,
                "Connections kept open to each node of a cluster."),
            ConfigurationSetting(
                "redis.maximumConnectionsPerNode", \.redis.nodes.pool.maximumSize, .positive,
                "The most connections to each node of a cluster."),
            ConfigurationSetting(
                "redis.readsFromReplicas", \.redis.readsFromReplicas, .flag,
                "Whether a cluster's replicas answer reads."),
            ConfigurationSetting(
                "redis.sharedConnections", \.redis.sharing.maximumConnections, .positive,
                "The most connections that tasks share."),
            ConfigurationSetting(
                "redis.commandsPerConnection", \.redis.sharing.commandsPerConnection, .positive,
                "How many commands are under way on a shared connection before another one is taken."),
            ConfigurationSetting(
                "redis.retries", \.redis.retries.maximum, .count,
                "How often a command is sent again that has certainly not run, or only reads."),
            ConfigurationSetting(
                "redis.attemptTimeout", \.redis.retries.attemptTimeout, .intervalOrNone,
                "How long a read waits for its reply before it is sent again."),
        ] + pool("redis.pool", \.redis.pool)
}
