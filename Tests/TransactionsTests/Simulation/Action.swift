import Measurement
import Stores

/// What a unit's body does, step by step.
indirect enum Action: Sendable {
    case read(SimulatedPlace)
    case write(SimulatedPlace)
    case remove(SimulatedPlace)
    case lock(Int)
    case pause(Int)
    /// A part that is taken back if it fails, whether it fails by itself or at its end.
    case savepoint([Action], fails: Bool)
    /// Two tasks of the body at once.
    case both([Action], [Action])
    /// Goes on after an error.
    case tolerate(Action)
    /// A task that the body leaves behind.
    case stray(SimulatedPlace)
    case fail

    struct Thrown: Error {}
}

extension SimulatedWorld {
    /// The body of a unit.
    func actions() -> [Action] {
        var actions = (0..<pick(1...6)).map { _ in action(depth: 0, keys: 0...5) }
        if pick(0...15) == 0 { actions.append(.fail) }
        return actions
    }

    private func action(depth: Int, keys: ClosedRange<Int>) -> Action {
        if chance(habits.tolerates) { return .tolerate(simple(keys)) }
        switch pick(0...99) {
        case 0..<33: return .read(place(keys))
        case 33..<70: return .write(place(keys))
        case 70..<75: return .remove(place(keys))
        case 75..<79: return .lock(pick(0...2))
        case 79..<84: return .pause(pick(0...2_000))
        case 84..<91 where depth < 2:
            let inner = (0..<pick(1...3)).map { _ in action(depth: depth + 1, keys: keys) }
            return .savepoint(inner, fails: pick(0...2) == 0)
        case 91..<95 where depth == 0:
            let first = (0..<pick(1...3)).map { _ in simple(0...2) }
            let second = (0..<pick(1...3)).map { _ in simple(3...5) }
            return .both(first, second)
        case 95: return .stray(SimulatedPlace(store: .sqlite, key: pick(keys)))
        default: return .write(place(keys))
        }
    }

    private func simple(_ keys: ClosedRange<Int>) -> Action {
        pick(0...1) == 0 ? .read(place(keys)) : .write(place(keys))
    }

    func place(_ keys: ClosedRange<Int>) -> SimulatedPlace {
        let stores: [StoreKind] = hasGraph ? [.sqlite, .graph, .redis] : [.sqlite, .redis]
        return SimulatedPlace(store: stores[pick(0...(stores.count - 1))], key: pick(keys))
    }
}
