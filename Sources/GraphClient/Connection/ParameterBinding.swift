import CGraphEngine

/// A statement's parameters, checked against it and ready to bind. The engine takes a missing one for NULL without a word, and rounds
/// a number into an integer property (H9).
struct ParameterBinding {
    /// In the order of the statement.
    let values: [GraphField]
    /// For types that can't be bound: the function that makes them, and their text in `values`.
    private(set) var conversions: [String: ParameterConversion] = [:]

    init(
        _ parameters: GraphParameters, for statement: StatementText, catalog: () throws -> PropertyCatalog
    ) throws {
        let entries = parameters.entries
        if entries.isEmpty, statement.parameterNames.isEmpty {
            values = []
            return
        }
        var values: [GraphField] = []
        values.reserveCapacity(statement.parameterNames.count)
        for name in statement.parameterNames {
            guard let entry = entries.first(where: { $0.name == name }) else {
                throw GraphError.invalidParameter(
                    name: name, statement: statement.text, reason: "it has no value. Pass one; nil for NULL.")
            }
            if let (conversion, text) = Self.conversion(of: entry.value) {
                conversions[name] = conversion
                values.append(GraphField(name, .string(text)))
            } else {
                values.append(entry)
            }
        }
        self.values = values
        try Self.refuseUnknown(entries, statement)
        for assignment in statement.assignments {
            guard let value = parameters[assignment.parameter], value.mayHaveFraction else { continue }
            try Self.refuseRounding(of: value, in: assignment, statement, catalog: catalog)
        }
    }

    private static func refuseUnknown(_ entries: [GraphField], _ statement: StatementText) throws {
        for entry in entries where !statement.parameterNames.contains(entry.name) {
            let known = statement.parameterNames.map { "$\($0)" }.joined(separator: ", ")
            throw GraphError.invalidParameter(
                name: entry.name, statement: statement.text,
                reason: "the statement has no such parameter; it has \(known.isEmpty ? "none" : known).")
        }
    }

    private static func conversion(of value: GraphValue) -> (ParameterConversion, String)? {
        switch value {
        case .uuid(let uuid): (.uuid, uuid.uuidString.lowercased())
        case .blob(let bytes): (.blob, BlobText.encode(bytes))
        case .decimal(let decimal): (.decimal(scale: decimal.scale), decimal.description)
        default: nil
        }
    }

    private static func refuseRounding(
        of value: GraphValue, in assignment: PropertyAssignment, _ statement: StatementText,
        catalog: () throws -> PropertyCatalog
    ) throws {
        for number in assignment.numbers(in: value) {
            guard let digits = number.fractionDigits, digits > 0,
                let type = try catalog().roundingType(of: assignment.property, digits: digits, words: statement.words)
            else { continue }
            throw GraphError.invalidParameter(
                name: assignment.parameter, statement: statement.text,
                reason: """
                    its \(number.typeName) has a fraction, and the engine would round it for the property \(assignment.property), which is \
                    \(type). Round it yourself, or change the property's type.
                    """)
        }
    }

    func apply(to prepared: inout graph_prepared_statement, statement: StatementText, engine: GraphEngine) throws {
        for field in values {
            do {
                try bind(field, to: &prepared, engine: engine)
            } catch let problem as ValueShape.Problem {
                let place = problem.place.isEmpty ? "" : "in \(problem.place): "
                throw GraphError.invalidParameter(
                    name: field.name, statement: statement.text, reason: place + problem.reason)
            }
        }
    }

    private func bind(
        _ field: GraphField, to prepared: inout graph_prepared_statement, engine: GraphEngine
    ) throws {
        let state: graph_state
        switch field.value {
        case .int64(let value):
            state = engine.functions.prepared_statement_bind_int64(&prepared, field.name, value)
        case .double(let value):
            state = engine.functions.prepared_statement_bind_double(&prepared, field.name, value)
        case .bool(let value):
            state = engine.functions.prepared_statement_bind_bool(&prepared, field.name, value)
        case .string(let value) where !value.utf8.contains(0):
            state = engine.functions.prepared_statement_bind_string(&prepared, field.name, value)
        default:
            let shape = try ValueShape(of: field.value, at: field.name)
            let value = try ValueWriter(engine: engine).make(field.value, shape: shape)
            defer { engine.functions.value_destroy(value) }
            state = engine.functions.prepared_statement_bind_value(&prepared, field.name, value)
        }
        guard state == GRAPH_SUCCESS else {
            throw ValueShape.Problem(place: "", reason: "the engine does not take this \(field.value.typeName).")
        }
    }
}

extension PropertyAssignment {
    /// What of the parameter's value is stored in the property.
    fileprivate func numbers(in value: GraphValue) -> [GraphValue] {
        guard let field else { return [value] }
        guard case .list(let rows) = value else { return [] }
        return rows.compactMap { row in
            if case .structure(let fields) = row { fields[field] } else { nil }
        }
    }
}

extension GraphValue {
    /// False for the types that most parameters have.
    fileprivate var mayHaveFraction: Bool {
        switch self {
        case .double, .float, .decimal, .list: true
        default: false
        }
    }

    /// Digits after the point that matter; nil for what is no fractional number. Binary fractions count as endless.
    fileprivate var fractionDigits: Int? {
        switch self {
        case .double(let value): value == value.rounded() ? 0 : .max
        case .float(let value): value == value.rounded() ? 0 : .max
        case .decimal(let value):
            value.description.contains(".")
                ? value.description.reversed().drop { $0 == "0" }.prefix { $0 != "." }.count : 0
        default: nil
        }
    }
}
