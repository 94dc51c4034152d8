/// When faults begin and are healed: time in, actions out. A plain value.
///
/// Moments count from the end of the warm-up.
package struct FaultTimeline: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        /// The fault of this number begins.
        case begin(Int)
        case heal(Int)
    }

    private struct Moment: Sendable, Hashable {
        var at: Duration
        /// At one moment, what ends comes before what begins, and what is over at once ends last.
        var rank: Int
        var action: Action
    }

    private let moments: [Moment]
    private var done = 0
    private var active: Set<Int> = []

    package init(_ faults: [FaultDefinition]) {
        let begins = faults.enumerated().map { Moment(at: $1.start, rank: 1, action: .begin($0)) }
        let heals = faults.enumerated().map {
            Moment(at: $1.end, rank: $1.length == .zero ? 2 : 0, action: .heal($0))
        }
        moments = (begins + heals).enumerated().sorted { a, b in
            (a.element.at, a.element.rank, a.offset) < (b.element.at, b.element.rank, b.offset)
        }.map(\.element)
    }

    /// When something happens next; nil when all is over.
    package var next: Duration? { done < moments.count ? moments[done].at : nil }

    /// What happens until a moment, in order.
    package mutating func advance(to moment: Duration) -> [Action] {
        var actions: [Action] = []
        while done < moments.count, moments[done].at <= moment {
            perform(moments[done].action, &actions)
            done += 1
        }
        return actions
    }

    /// The run ends: what is active is healed, and nothing begins any more.
    package mutating func end() -> [Action] {
        done = moments.count
        defer { active = [] }
        return active.sorted().map { .heal($0) }
    }

    private mutating func perform(_ action: Action, _ actions: inout [Action]) {
        switch action {
        case .begin(let number): active.insert(number)
        case .heal(let number): active.remove(number)
        }
        actions.append(action)
    }
}
