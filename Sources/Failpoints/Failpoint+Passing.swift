import Synchronization

extension Failpoint {
    /// What ends the process at a failpoint.
    package struct Plan: Sendable {
        /// Where.
        package var point: Failpoint
        /// At the how many-th passage, from 1.
        package var passage: Int
        /// How long after the passage: the process goes on until then, so that it ends in the midst of what follows.
        package var delay: Duration
        /// Is told of the passage before the process ends.
        package var willEnd: @Sendable (Failpoint) -> Void

        /// A plan; each parameter is explained at its property.
        package init(
            point: Failpoint, passage: Int, delay: Duration = .zero, willEnd: @escaping @Sendable (Failpoint) -> Void
        ) {
            self.point = point
            self.passage = passage
            self.delay = delay
            self.willEnd = willEnd
        }
    }

    @usableFromInline static let isArmed = Atomic<Bool>(false)
    private static let armed = Mutex<Plan?>(nil)

    /// From now on, this process ends by SIGKILL where the plan says.
    package static func arm(_ plan: Plan) {
        armed.withLock { $0 = plan }
        isArmed.store(true, ordering: .releasing)
    }

    /// Marks the place.
    @inlinable package func pass() {
        if Failpoint.isArmed.load(ordering: .relaxed) { passArmed() }
    }

    @usableFromInline func passArmed() {
        let plan: Plan? = Failpoint.armed.withLock { armed in
            guard let plan = armed, plan.point == self else { return nil }
            armed?.passage -= 1
            return plan.passage == 1 ? plan : nil
        }
        guard let plan else { return }
        plan.willEnd(self)
        ThisProcess.kill(after: plan.delay)
    }
}
