/// Which of the writes that were put off are sent together, and in which order.
///
/// All have the outcome that they have one after the other: one joins the batch of its shape only if it may go before everything that
/// was put off after that batch began.
struct PutOffPlan {
    private(set) var batches: [[PutOffWrite]] = []
    /// The last batch of each shape.
    private var last: [String: Int] = [:]
    /// The last batch in which a node was touched in each way.
    private var touches: [NodeTouch: Int] = [:]

    init(_ writes: [PutOffWrite]) {
        // Nodes alone don't depend on each other.
        let isOrdered = writes.contains { !$0.needed.isEmpty }
        for write in writes { add(write, isOrdered: isOrdered) }
    }

    private mutating func add(_ write: PutOffWrite, isOrdered: Bool) {
        let text = write.redo.text
        var place = last[text]
        let touches = isOrdered ? write.nodes.map { NodeTouch(write.touch, NodeIdentity($0)) } : []
        if let found = place, found < earliest(for: touches) { place = nil }
        let batch = place ?? batches.count
        if place == nil {
            batches.append([])
            last[text] = batch
        }
        batches[batch].append(write)
        for touch in touches { self.touches[touch] = max(self.touches[touch] ?? 0, batch) }
    }

    /// The first batch in which a write comes after everything that it depends on.
    private func earliest(for own: [NodeTouch]) -> Int {
        var earliest = 0
        for touch in own {
            for kind in touch.kind.conflicts {
                guard let batch = touches[NodeTouch(kind, touch.node)] else { continue }
                earliest = max(earliest, batch + 1)
            }
        }
        return earliest
    }
}

extension NodeTouch.Kind {
    /// What it must not change places with.
    fileprivate var conflicts: [NodeTouch.Kind] {
        switch self {
        // Two with the same key fail in any order.
        case .create: [.use, .set]
        case .use: [.create]
        case .set: [.create, .set]
        }
    }
}
