/// What the processes under test have told, in the order in which they did.
package struct CrashHistory: Sendable {
    /// What is known of a unit.
    enum Outcome: Sendable, Hashable {
        /// Nothing; it may have happened.
        case inDoubt
        case acknowledged(number: UInt64)
        case repeated(of: Int)
        /// With the promise that nothing happened.
        case failed(String)
    }

    struct Attempt: Sendable, Hashable {
        /// When it began and ended, in the order of all events.
        var began: Int
        var ended: Int
        var outcome: Outcome
    }

    private(set) var attempts: [Int: Attempt] = [:]
    private(set) var failpoint: String?
    private(set) var isOpened = false
    private(set) var broken: String?
    private var moment = 0
    private var open: Set<Int> = []

    /// A process begins.
    mutating func beginProcess() {
        failpoint = nil
        isOpened = false
        broken = nil
    }

    /// The process has ended, and with it everything that it had begun.
    mutating func endProcess() {
        moment += 1
        for unit in open { attempts[unit]?.ended = moment }
        open = []
    }

    mutating func take(_ message: CrashMessage) {
        moment += 1
        switch message {
        case .opened: isOpened = true
        case .began(let unit):
            attempts[unit] = Attempt(began: moment, ended: .max, outcome: .inDoubt)
            open.insert(unit)
        case .acknowledged(let unit, let number): end(unit, .acknowledged(number: number))
        case .repeated(let unit, let earlier): end(unit, .repeated(of: earlier))
        case .failed(let unit, let text): end(unit, .failed(text))
        case .unknown(let unit, _): end(unit, .inDoubt)
        case .failpoint(let name): failpoint = name
        case .broken(let text): broken = text
        }
    }

    private mutating func end(_ unit: Int, _ outcome: Outcome) {
        guard open.remove(unit) != nil else { return }
        attempts[unit]?.outcome = outcome
        // In doubt: it may take effect until the process ends.
        if outcome == .inDoubt { open.insert(unit) } else { attempts[unit]?.ended = moment }
    }
}
