import Measurement
import Testing

@testable import GraphClient

@Suite("Access gate: who may use the database at one time")
struct AccessGateTests {
    private func request(_ gate: inout AccessGate, _ id: UInt64, _ mode: AccessGate.Mode) -> Bool {
        gate.request(AccessGate.Request(id: id, mode: mode, purpose: "", since: .now()))
    }

    @Test func `Readers run beside a writer and pass a waiting one`() {
        var gate = AccessGate()
        #expect(request(&gate, 1, .write))
        #expect(!request(&gate, 2, .write))
        #expect(request(&gate, 3, .read))
        #expect(gate.release(1) == [2])
    }

    @Test func `H3: a checkpoint waits for every transaction, and nobody overtakes it`() {
        var gate = AccessGate()
        #expect(request(&gate, 1, .read))
        #expect(!request(&gate, 2, .exclusive))
        #expect(!request(&gate, 3, .read))
        #expect(!request(&gate, 4, .write))
        #expect(gate.release(1) == [2])
        #expect(gate.release(2) == [3, 4])
    }

    @Test func `A request that is taken back lets those behind it go`() {
        var gate = AccessGate()
        #expect(request(&gate, 1, .read))
        #expect(!request(&gate, 2, .exclusive))
        #expect(!request(&gate, 3, .read))
        #expect(gate.cancel(2) == [3])
        #expect(gate.cancel(3) == nil)
    }

    @Test(arguments: [UInt64](1...20))
    func `Random events keep the invariants`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var gate = AccessGate()
        var modes: [UInt64: AccessGate.Mode] = [:]
        var next: UInt64 = 0
        for _ in 0..<5_000 {
            let before = gate.waiting
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                next += 1
                let mode = [AccessGate.Mode.read, .read, .write, .exclusive].randomElement(using: &generator) ?? .read
                modes[next] = mode
                let isGranted = request(&gate, next, mode)
                #expect(isGranted == gate.holders.contains { $0.id == next })
            case 5..<9:
                guard let holder = gate.holders.randomElement(using: &generator) else { continue }
                _ = gate.release(holder.id)
            default:
                guard let waiter = gate.waiting.randomElement(using: &generator) else { continue }
                #expect(gate.cancel(waiter.id) != nil)
            }
            checkCompatible(gate.holders.map(\.mode))
            checkProgress(gate)
            // Writers keep their order: who waited and still waits stands in the same order.
            let still = before.map(\.id).filter { id in gate.waiting.contains { $0.id == id } }
            #expect(gate.waiting.map(\.id).filter(still.contains) == still)
        }
    }

    private func checkCompatible(_ modes: [AccessGate.Mode]) {
        let writers = modes.count { $0 == .write }
        let exclusives = modes.count { $0 == .exclusive }
        #expect(writers <= 1)
        #expect(exclusives == 0 || modes.count == 1)
    }

    /// No lost wake-up: the first waiter always has a holder in its way.
    private func checkProgress(_ gate: AccessGate) {
        guard let first = gate.waiting.first else { return }
        #expect(gate.holders.contains { !$0.mode.agrees(with: first.mode) })
    }
}
