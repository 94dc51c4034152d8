import Testing
import Trivet
import TrivetTesting

@Test("Who signs up is there at once", .coordinator(prepare: createTables))
func signsUp() async throws {
    let coordinator = try Coordinator.current
    try await signUp(id: 1, name: "Ada", with: coordinator)
    #expect(try await coordinator.snapshot { try await $0.redis.get("user:1") } == "Ada")
}
