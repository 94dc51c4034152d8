import Foundation
import Testing

@testable import Measurement

@Suite("M5: a profiler for any operation")
struct ProfilerTests {
    private struct Failure: Error {}

    @Test("M5: duration, success and time of each run")
    func runs() async throws {
        let profiler = Profiler()
        let before = Date()
        let value = await profiler.measure("read") { () async -> Int in
            await Task.yield()
            return 7
        }
        #expect(value == 7)
        do {
            try await profiler.measure("read") { () async throws in throw Failure() }
            Issue.record("the error was lost")
        } catch is Failure {}
        let after = Date()
        let profile = try #require(profiler.profile(of: "read"))
        #expect(profile.count == 2)
        #expect(profile.failures == 1)
        #expect(profile.successRate == 0.5)
        #expect(profile.latency.count == 2)
        #expect(profile.runs.map(\.succeeded) == [true, false])
        #expect(profile.runs.allSatisfy { $0.start >= before && $0.start <= after })
        #expect(
            profile.runs.allSatisfy {
                $0.duration > .zero && $0.duration <= .seconds(after.timeIntervalSince(before)) + .milliseconds(1)
            })
        #expect(profiler.profile(of: "write") == nil)
    }

    @Test("M5: operations that don't wait are measured without waiting")
    func synchronous() {
        let profiler = Profiler()
        func act() throws -> Int {
            let first = profiler.measure("first") { 1 }
            let second: Int = try profiler.measure("second") { throw Failure() }
            return first + second
        }
        do {
            _ = try act()
            Issue.record("the error was lost")
        } catch {
            #expect(error is Failure)
        }
        #expect(profiler.profiles.map(\.operation) == ["first", "second"])
        #expect(profiler.profiles.map(\.failures) == [0, 1])
    }

    @Test("M5: memory that an operation takes shows")
    func memory() throws {
        let profiler = Profiler()
        let size = 64 * 1_048_576
        var kept: [UInt8] = []
        func act() {
            profiler.measure("take") { kept = [UInt8](repeating: 1, count: size) }
        }
        act()
        #expect(kept[size / 2] == 1)
        let profile = try #require(profiler.profile(of: "take"))
        let change = try #require(profile.memoryChange)
        // Other tests give memory back meanwhile, but less than half of this.
        #expect(change.most > size / 2)
        #expect(change.total == profile.runs.compactMap(\.memoryChange).reduce(0, +))
    }

    @Test("M5: without a look at the memory there is no change of it")
    func noMemory() throws {
        let profiler = Profiler(memory: false)
        func act() { profiler.measure("act") {} }
        act()
        let profile = try #require(profiler.profile(of: "act"))
        #expect(profile.memoryChange == nil)
        #expect(profile.runs[0].memoryChange == nil)
    }

    @Test("M5: the last runs are kept, all are counted, and names without end share one profile")
    func bounds() throws {
        let profiler = Profiler(keeping: 10, operations: 3, memory: false)
        func act() throws {
            for index in 0..<25 {
                try? profiler.measure("many") { if index == 24 || index == 15 { throw Failure() } }
            }
            for index in 0..<100 { profiler.measure("name \(index)") {} }
        }
        try act()
        let profile = try #require(profiler.profile(of: "many"))
        #expect(profile.count == 25)
        #expect(profile.latency.count == 25)
        #expect(profile.runs.map(\.succeeded) == [false] + Array(repeating: true, count: 8) + [false])
        #expect(profile.runs.map(\.start) == profile.runs.map(\.start).sorted())
        #expect(profiler.profiles.map(\.operation) == ["many", "name 0", "name 1", "other"])
        #expect(profiler.profile(of: "other")?.count == 98)
    }

    @Test("M5: tasks that measure at the same time lose no run")
    func concurrent() async throws {
        let profiler = Profiler(keeping: 5, memory: false)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<500 { await profiler.measure("act") { () async in } } } }
        }
        let profile = try #require(profiler.profile(of: "act"))
        #expect(profile.count == 4_000)
        #expect(profile.latency.count == 4_000)
        #expect(profile.runs.count == 5)
    }
}
