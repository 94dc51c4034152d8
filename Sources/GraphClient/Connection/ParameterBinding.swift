import CGraphEngine

/// A statement's parameters, checked against it and ready to bind. The engine takes a missing one for NULL without a word, and rounds
/// a number into an integer property (H9).
struct ParameterBinding {
    /// In the order of the statement.
    private var fields: [GraphField]
    /// For types that can't be bound: the function that makes them, and their text in `fields`.
    private(set) var conversions: [String: ParameterConversion] = [:]

    init(_ parameters: GraphParameters, for statement: StatementText, on connection: GraphConnection) throws {
        let entries = parameters.entries
        let isInOrder =
            entries.count == statement.parameters.count
            && entries.indices.allSatisfy { entries[$0].name == statement.parameters[$0].name }
        fields = isInOrder ? entries : try Self.ordered(entries, for: statement)
        for index in fields.indices where fields[index].value.needsCare {
            try care(for: index, of: statement, on: connection)
        }
    }

    private mutating func care(for index: Int, of statement: StatementText, on connection: GraphConnection) throws {
        let field = fields[index]
        if connection.engine.capabilities.spreadsNaN, statement.kind == .write, field.value.hasNaN {
            throw GraphError.invalidParameter(
                name: field.name, statement: statement.text,
                reason: """
                    it is or holds NaN, and this engine's checkpoint would make NaN of other numbers of the same property. Pass NULL for what \
                    is no number.
                    """)
        }
        for assignment in statement.assignments where assignment.parameter == field.name {
            try Self.refuseRounding(of: field.value, in: assignment, statement, on: connection)
        }
        guard !connection.engine.capabilities.makesEveryScalar,
            let (conversion, text) = Self.conversion(of: field.value)
        else { return }
        conversions[field.name] = conversion
        fields[index].value = .string(text)
    }

    private static func ordered(_ entries: [GraphField], for statement: StatementText) throws -> [GraphField] {
        let parameters = statement.parameters
        let fields = try parameters.map { parameter in
            guard let entry = entries.first(where: { $0.name == parameter.name }) else {
                throw GraphError.invalidParameter(
                    name: parameter.name, statement: statement.text,
                    reason: "it has no value. Pass one; nil for NULL.")
            }
            return entry
        }
        if let unknown = entries.first(where: { entry in !parameters.contains { $0.name == entry.name } }) {
            let known = parameters.map { "$\($0.name)" }.joined(separator: ", ")
            throw GraphError.invalidParameter(
                name: unknown.name, statement: statement.text,
                reason: "the statement has no such parameter; it has \(known.isEmpty ? "none" : known).")
        }
        return fields
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
        on connection: GraphConnection
    ) throws {
        for number in assignment.numbers(in: value) {
            guard let digits = number.fractionDigits, digits > 0,
                let type = try connection.propertyCatalog()
                    .roundingType(of: assignment.property, digits: digits, words: statement.words)
            else { continue }
            throw GraphError.invalidParameter(
                name: assignment.parameter, statement: statement.text,
                reason: """
                    its \(number.typeName) has a fraction, and the engine would round it for the property \(assignment.property), which is \
                    \(type). Round it yourself, or change the property's type.
                    """)
        }
    }

    func apply(to prepared: PreparedStatement, of statement: StatementText, engine: GraphEngine) throws {
        var handle = prepared.handle
        for index in fields.indices {
            let field = fields[index]
            do {
                try bind(field, statement.parameters[index].cName, to: &handle, engine: engine)
            } catch let problem as ValueShape.Problem {
                let place = problem.place.isEmpty ? "" : "in \(problem.place): "
                throw GraphError.invalidParameter(
                    name: field.name, statement: statement.text, reason: place + problem.reason)
            }
        }
    }

    private func bind(
        _ field: GraphField, _ name: [CChar], to statement: inout graph_prepared_statement, engine: GraphEngine
    ) throws {
        let state: graph_state
        switch field.value {
        case .int64(let value):
            state = engine.functions.prepared_statement_bind_int64(&statement, name, value)
        case .double(let value):
            state = engine.functions.prepared_statement_bind_double(&statement, name, value)
        case .bool(let value):
            state = engine.functions.prepared_statement_bind_bool(&statement, name, value)
        case .string(let value) where !value.utf8.contains(0):
            state = engine.functions.prepared_statement_bind_string(&statement, name, value)
        default:
            let shape = try ValueShape(
                of: field.value, at: field.name, makesEveryScalar: engine.capabilities.makesEveryScalar)
            let value = try ValueWriter(engine: engine).make(field.value, shape: shape)
            defer { engine.functions.value_destroy(value) }
            state = engine.functions.prepared_statement_bind_value(&statement, name, value)
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
    /// Whether it may be rounded or has to be converted: false for the types that most parameters have.
    fileprivate var needsCare: Bool {
        switch self {
        case .double, .float, .decimal, .list, .array, .structure, .map, .union, .uuid, .blob: true
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
