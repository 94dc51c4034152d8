import Testing

@testable import Threads

@Suite("Threads for calls that block")
struct ThreadExecutorTests {
    @Test("20 000 threads that end while their executor's last owner goes away: none is used after its end")
    func shortLives() async throws {
        let sum = try await withThrowingTaskGroup { group in
            var sum = 0
            for number in 0..<20_000 {
                group.addTask { try await onThread { number } }
                if number >= 50 { sum += try await group.next() ?? 0 }
            }
            for try await number in group { sum += number }
            return sum
        }
        #expect(sum == 20_000 * 19_999 / 2)
    }

    @Test("A job runs on its executor's thread, and what it throws comes back")
    func placeAndError() async throws {
        struct Mistake: Error {}
        #expect(ThreadExecutor.current == nil)
        #expect(try await onThread("a name") { ThreadExecutor.current } == "a name")
        await #expect(throws: Mistake.self) { try await onThread { throw Mistake() } }
    }

    @Test("A job that comes after retirement still runs")
    func afterRetirement() async throws {
        let executor = ThreadExecutor(name: "late")
        executor.retire()
        #expect(await Worker(executor: executor).place() == "late")
    }

    @Test("What is given to a thread runs in that order, before jobs that come later, and on no other thread")
    func order() async {
        let worker = Worker(executor: ThreadExecutor(name: "ordered"))
        for number in 0..<1_000 {
            worker.executor.perform { worker.assumeIsolated { $0.add(number) } }
        }
        #expect(await worker.numbers == Array(0..<1_000))
        worker.executor.retire()
    }

    private actor Worker {
        private(set) var numbers: [Int] = []
        nonisolated let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(executor: ThreadExecutor) { self.executor = executor }

        func add(_ number: Int) { numbers.append(number) }
        func place() -> String? { ThreadExecutor.current }
    }
}
