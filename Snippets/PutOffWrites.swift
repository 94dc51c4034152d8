// snippet.hide
import Trivet

func follow(_ coordinator: Coordinator) async throws {
    try await coordinator.transaction { txn in
        // snippet.show
        let (ada, bob) = (GraphNodeKey("User", "id", 1), GraphNodeKey("User", "id", 2))
        try await txn.graph.insert("User", ["id": 1, "name": "Ada"])
        try await txn.graph.connect(ada, "Follows", bob, ["since": 2026])
        try await txn.graph.set(bob, ["name": "Bob"])
        // snippet.hide
    }
}
