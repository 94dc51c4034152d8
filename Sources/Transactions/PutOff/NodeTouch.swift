import GraphClient

/// What a write does with a node, as far as its order among other writes matters.
struct NodeTouch: Hashable, Sendable {
    enum Kind: Sendable {
        /// It is not there before.
        case create
        /// It has to be there, and stays as it is.
        case use
        /// It has to be there, and its properties change.
        case set
    }

    var kind: Kind
    var node: NodeIdentity

    init(_ kind: Kind, _ node: NodeIdentity) {
        self.kind = kind
        self.node = node
    }
}

/// What a node may be named by. Two that name the same node are equal, however they are written; that two are equal by mistake costs a batch,
/// and no more.
struct NodeIdentity: Hashable, Sendable {
    private let label: String
    private let property: String
    private let value: String

    init(_ label: String, _ property: String, _ value: GraphValue) {
        // Names are the same to the engine in upper and lower case.
        self.label = label.lowercased()
        self.property = property.lowercased()
        self.value = Self.text(of: value)
    }

    init(_ key: GraphNodeKey) { self.init(key.label, key.property, key.value) }

    /// The engine takes a number of one type for the same number of another, and a text for what it says.
    private static func text(of value: GraphValue) -> String {
        let text =
            switch value {
            case .string(let text): text
            case .date, .timestamp: "time"
            default: value.reportText
            }
        return Double(text).map { "\($0)" } ?? text.lowercased()
    }
}
