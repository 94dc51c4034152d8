/// A target with the part of the run that it is about.
package struct TargetDefinition: Sendable, Hashable {
    /// Which operations are judged, by when they were due.
    package enum Scope: Sendable, Hashable {
        case run
        /// A stage, by its name.
        case stage(String)
        case condition(LoadCondition)

        package var text: String {
            switch self {
            case .run: ""
            case .stage(let name): name
            case .condition(let condition): condition.rawValue
            }
        }
    }

    package var expression: TargetExpression
    package var scope = Scope.run
    /// It has to hold in each window of this length.
    package var window: Duration?
    /// Whether the run ends as soon as it is missed.
    package var aborts = false

    package init(
        expression: TargetExpression, scope: Scope = .run, window: Duration? = nil, aborts: Bool = false
    ) {
        self.expression = expression
        self.scope = scope
        self.window = window
        self.aborts = aborts
    }

    /// For people, and the same for the same target.
    package var text: String {
        var text = expression.text
        if scope != .run { text += " during \(scope.text)" }
        if let window { text += " in each \(DurationText.text(window))" }
        return text
    }
}

/// How things stood while an operation was under way, waiting included.
package enum LoadCondition: String, Sendable, Hashable, CaseIterable {
    /// No fault, and none that is still felt.
    case steady
    case fault
    /// After a fault, until the first second within target.
    case recovery
}
