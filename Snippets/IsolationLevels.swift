// snippet.hide
import Trivet

func render(_ scores: GraphResult) -> String { scores.map { "\($0)" }.joined(separator: "\n") }

func refreshScores(_ coordinator: Coordinator) async throws {
    // snippet.show
    try await coordinator.transaction(TransactionOptions(isolation: .snapshot)) { txn in
        let scores = try await txn.graph.query("MATCH (u:User)-[:FOLLOWS*1..3]->(v:User) RETURN v.id, count(*)")
        try await txn.redis.set("scores", render(scores))
    }
    // snippet.hide
}
