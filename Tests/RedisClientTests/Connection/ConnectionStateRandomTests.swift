import NIOCore
import Testing

@testable import RedisClient

/// Random events against the invariants: each waiter is told once, replies reach those whose commands they answer, and while a lease is
/// out nobody else's commands are written.
@Suite struct ConnectionStateRandomTests {
    private struct World {
        var generator: SeededGenerator
        var state = ConnectionState<Int>(endpoint: .unixSocket(path: "s"), maximumPending: 20)
        var nextID: UInt64 = 1
        var now: UInt64 = 0
        /// Which requests the server has got, once for each reply that it owes.
        var owed: [UInt64] = []
        var told: [Int: Int] = [:]
        var leases: [UInt64] = []
        var problems: [String] = []

        init(seed: UInt64) {
            self.generator = SeededGenerator(seed: seed)
            self.state.protocolVersion = .resp3
        }

        mutating func tell(_ completion: Completion<Int>) {
            self.told[completion.waiter, default: 0] += 1
            switch completion.outcome {
            case .one(.success(.integer(let id))) where id != completion.waiter:
                self.problems.append("\(completion.waiter) got the reply of \(id)")
            case .one(.success(.null)):
                // A lease; any other request's reply is an integer.
                self.leases.append(UInt64(completion.waiter))
            case .many(let results):
                for case .success(.integer(let id)) in results where id != completion.waiter {
                    self.problems.append("\(completion.waiter) got the reply of \(id)")
                }
            default:
                break
            }
        }

        mutating func perform(_ action: ConnectionState<Int>.SubmitAction, id: UInt64) {
            switch action {
            case .write(.batch(let commands)): self.owed += commands.map { _ in id }
            case .write: self.owed.append(id)
            case .parked: break
            case .complete(let completion): self.tell(completion)
            }
        }

        mutating func step() {
            self.now += 1
            switch Int.random(in: 0..<10, using: &self.generator) {
            case 0..<4:
                self.submit()
            case 4..<7:
                guard !self.owed.isEmpty else { return }
                let id = self.owed.removeFirst()
                switch self.state.receive(.integer(Int(id))) {
                case .complete(let completion): self.tell(completion)
                case .none: break
                default: self.problems.append("a reply was not taken")
                }
            case 7:
                let id = UInt64.random(in: 1...self.nextID, using: &self.generator)
                if let completion = self.state.cancel(id: id) { self.tell(completion) }
            case 8:
                for completion in self.state.expire(now: .uptimeNanoseconds(self.now)) { self.tell(completion) }
            default:
                guard let lease = self.leases.popLast() else { return }
                let waiting = self.state.parked.map(\.id)
                let actions = self.state.giveBack(lease: lease)
                for (action, id) in zip(actions, waiting) { self.perform(action, id: id) }
            }
        }

        private mutating func submit() {
            let id = self.nextID
            self.nextID += 1
            let content: Request<Int>.Content =
                switch Int.random(in: 0..<6, using: &self.generator) {
                case 0: .exclusiveUse
                case 1: .batch([RedisCommand("A"), RedisCommand("B"), RedisCommand("C")])
                default: .command(RedisCommand("GET", "k"))
                }
            var lease: UInt64 = 0
            if let held = self.leases.last, Bool.random(using: &self.generator) { lease = held }
            if lease != 0, case .exclusiveUse = content { lease = 0 }
            let deadline: NIODeadline? =
                Bool.random(using: &self.generator)
                ? .uptimeNanoseconds(self.now + .random(in: 0...20, using: &self.generator)) : nil
            let action = self.state.submit(
                Request(id: id, content: content, waiter: Int(id), lease: lease, deadline: deadline))
            if case .write = action, self.state.lease != lease {
                self.problems.append("\(id) was written during somebody else's lease")
            }
            self.perform(action, id: id)
        }
    }

    @Test("P2: random requests, replies, cancellations, deadlines and leases", arguments: 0..<40 as Range<UInt64>)
    func invariants(seed: UInt64) {
        var world = World(seed: seed)
        for _ in 0..<2000 { world.step() }
        for completion in world.state.close(.closedByClient) { world.tell(completion) }
        #expect(world.problems.isEmpty)
        #expect(world.told.count == Int(world.nextID) - 1)
        #expect(world.told.allSatisfy { $0.value == 1 })
        #expect(world.state.pending.isEmpty && world.state.parked.isEmpty)
    }
}
