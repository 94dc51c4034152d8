import Tracing

/// Whether anybody traces, and moments for spans that are told of afterwards.
package enum StoreTracing {
    /// Whether the application has chosen a tracer. Costs some nanoseconds: no span is made where nobody looks at it.
    package static var isOn: Bool {
        // Compared as types: a cast takes longer than all the rest.
        type(of: InstrumentationSystem.instrument) != NoOpInstrument.self
    }

    /// A moment that was calculated.
    package struct Instant: TracerInstant {
        package var nanosecondsSinceEpoch: UInt64

        package init(nanosecondsSinceEpoch: UInt64) {
            self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
        }

        package static func < (a: Instant, b: Instant) -> Bool { a.nanosecondsSinceEpoch < b.nanosecondsSinceEpoch }
    }
}
