/// The stages of a load as moments from its beginning. A plain value.
package struct LoadTimeline: Sendable, Hashable {
    package let stages: [StageDefinition]
    package let curve: LevelCurve
    /// Where each stage ends.
    private let ends: [Duration]

    package init(_ stages: [StageDefinition]) {
        self.stages = stages
        curve = LevelCurve(stages)
        var end = Duration.zero
        ends = stages.map { stage in
            end += stage.length
            return end
        }
    }

    package var length: Duration { ends.last ?? .zero }

    /// What is due before it is not counted.
    package var warmUp: Duration {
        stages.prefix { $0.kind == .warmUp }.reduce(.zero) { $0 + $1.length }
    }

    /// What is counted.
    package var counted: Duration { length - warmUp }

    /// The number of the stage in which a moment lies; the last one after them.
    package func stage(at moment: Duration) -> Int {
        ends.firstIndex { moment < $0 } ?? max(0, stages.count - 1)
    }

    /// The same stages, together so long without the warm-up; each keeps its share.
    package func stretched(toCounted length: Duration) -> LoadTimeline {
        let factor = counted > .zero ? length / counted : 1
        return LoadTimeline(
            stages.map { stage in
                var stage = stage
                if stage.kind != .warmUp { stage.length = .seconds(stage.length / .seconds(1) * factor) }
                return stage
            })
    }
}
