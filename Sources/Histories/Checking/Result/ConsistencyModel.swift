/// What a store may promise, from little to much: each model forbids all that those before it forbid.
package enum ConsistencyModel: String, Sendable, Hashable, CaseIterable {
    /// Adya's PL-2.
    case readCommitted = "read committed"
    /// In its general form, where a snapshot may be old: no cycle but those with two adjacent rw edges (Cerone and Gotsman).
    case snapshotIsolation = "snapshot isolation"
    /// Adya's PL-3, for items. A history of single keys says nothing of predicates.
    case serializable = "serializable"
    /// Serializable in an order that agrees with real time.
    case strictSerializable = "strict serializable"

    /// Whether the model forbids the anomaly.
    package func forbids(_ anomaly: AnomalyName) -> Bool {
        Self.allCases.firstIndex(of: self) ?? 0 >= Self.allCases.firstIndex(of: anomaly.weakestModelWithout) ?? 0
    }
}

extension AnomalyName {
    /// The weakest model that forbids it; the stronger ones do as well.
    package var weakestModelWithout: ConsistencyModel {
        guard order == .none else { return .strictSerializable }
        return switch phenomenon {
        case .garbageRead, .duplicateElements, .incompatibleOrder, .cyclicVersions, .g0, .g1a, .g1b, .g1c, .dirtyUpdate,
            .futureRead:
            .readCommitted
        case .internal, .lostUpdate, .gSingle, .gNonadjacent: .snapshotIsolation
        case .g2: .serializable
        // A store that serves old snapshots for ever could explain it.
        case .lostWrite: .strictSerializable
        }
    }
}
