import LoadTesting
import Stores
import Transactions

/// The mappings of what `trivet run` keeps in a data folder.
enum BuiltInMappings {
    private static let own: [StoreMapping] = [
        StoreMapping(table: "users", graph: .node(NodeMapping(label: "User", properties: ["handle"]))),
        StoreMapping(
            table: "follows",
            graph: .relationship(
                RelationshipMapping(
                    type: "Follows", from: .init(label: "User", key: ["id": "follower"]),
                    to: .init(label: "User", key: ["id": "followee"])))),
        StoreMapping(
            table: "accounts", graph: .node(NodeMapping(label: "Account", properties: ["balance"])),
            cache: CacheMapping(key: "account:{id}", value: .string("balance"))),
        StoreMapping(
            table: "wallets", graph: .node(NodeMapping(label: "Wallet", properties: ["balance"])),
            cache: CacheMapping(key: "wallet:{id}", value: .string("balance"))),
        StoreMapping(
            table: "members", graph: .node(NodeMapping(label: "Member", properties: ["name", "messages"])),
            cache: CacheMapping(key: "messages:{id}", value: .string("messages"))),
    ]

    /// Those whose tables are there.
    ///
    /// - Throws: ``ConfigurationError`` if none is.
    static func present(in coordinator: Coordinator) async throws -> StoreMappings {
        let present = try await coordinator.sqlite.read { database in
            try (own + BuiltInFiles.mappings).filter { try database.tableExists($0.table) }
        }
        guard !present.isEmpty else {
            throw ConfigurationError(
                description: "These stores hold nothing of trivet run. Say what belongs together with --mappings file.")
        }
        return StoreMappings(present)
    }
}
