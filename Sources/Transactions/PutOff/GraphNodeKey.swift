public import GraphClient

/// Names one node of the graph: by its table and its primary key.
///
/// ```swift
/// let ada = GraphNodeKey("User", "id", 1)
/// ```
public struct GraphNodeKey: Sendable, Hashable, CustomStringConvertible {
    /// The node table's name.
    public var label: String
    /// The name of the table's primary key.
    public var property: String
    /// The key's value.
    public var value: GraphValue

    /// - Parameters:
    ///   - label: the node table's name.
    ///   - property: the name of its primary key.
    ///   - value: the key's value.
    public init(_ label: String, _ property: String, _ value: some GraphValueConvertible) {
        self.label = label
        self.property = property
        self.value = value.graphValue
    }

    /// Such as `User {id: 1}`.
    public var description: String { "\(label) {\(property): \(value.reportText)}" }
}
