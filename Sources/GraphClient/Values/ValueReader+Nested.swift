import CGraphEngine

extension ValueReader {
    func readNested(_ value: inout graph_value, type: graph_type_id) throws -> GraphValue {
        switch type {
        case GRAPH_LIST:
            return .list(try elements(&value, count: scalar(&value, 0, engine.functions.value_get_list_size)))
        case GRAPH_ARRAY: return .array(try elements(&value, count: arrayLength(&value)))
        case GRAPH_STRUCT: return .structure(try fields(&value))
        case GRAPH_UNION:
            // Of a union's fields only the one in use is there, as the first.
            return .union(try child(&value) { engine.functions.value_get_struct_field_value($0, 0, $1) })
        case GRAPH_MAP: return .map(try entries(&value))
        case GRAPH_NODE: return .node(try node(&value))
        case GRAPH_REL: return .relationship(try relationship(&value))
        case GRAPH_RECURSIVE_REL: return .path(try path(&value))
        case GRAPH_ANY: return .null
        default: throw unreadable("value", "its type has the number \(type.rawValue)")
        }
    }

    private func elements(_ value: inout graph_value, count: UInt64) throws -> [GraphValue] {
        try (0..<count).map { index in
            try child(&value) { engine.functions.value_get_list_element($0, index, $1) }
        }
    }

    private func fields(_ value: inout graph_value) throws -> GraphFields {
        let count = try scalar(&value, 0, engine.functions.value_get_struct_num_fields)
        return GraphFields(
            try (0..<count).map { index in
                let name = try text(&value) { engine.functions.value_get_struct_field_name($0, index, $1) }
                return GraphField(
                    name, try child(&value) { engine.functions.value_get_struct_field_value($0, index, $1) })
            })
    }

    /// The engine's getter for the size of a list refuses arrays; their type knows it.
    private func arrayLength(_ value: inout graph_value) throws -> UInt64 {
        var type = graph_logical_type()
        engine.functions.value_get_data_type(&value, &type)
        defer { engine.functions.data_type_destroy(&type) }
        var length: UInt64 = 0
        guard engine.functions.data_type_get_num_elements_in_array(&type, &length) == GRAPH_SUCCESS else {
            throw unreadable("ARRAY", "it has no length")
        }
        return length
    }

    private func entries(_ value: inout graph_value) throws -> [GraphMapEntry] {
        let count = try scalar(&value, 0, engine.functions.value_get_map_size)
        return try (0..<count).map { index in
            GraphMapEntry(
                key: try child(&value) { engine.functions.value_get_map_key($0, index, $1) },
                value: try child(&value) { engine.functions.value_get_map_value($0, index, $1) })
        }
    }

    private func node(_ value: inout graph_value) throws -> GraphNode {
        GraphNode(
            id: try id(&value, engine.functions.node_val_get_id_val),
            label: try label(&value, engine.functions.node_val_get_label_val),
            properties: try properties(
                &value, count: engine.functions.node_val_get_property_size,
                name: engine.functions.node_val_get_property_name_at,
                get: engine.functions.node_val_get_property_value_at))
    }

    private func relationship(_ value: inout graph_value) throws -> GraphRelationship {
        GraphRelationship(
            id: try id(&value, engine.functions.rel_val_get_id_val),
            label: try label(&value, engine.functions.rel_val_get_label_val),
            source: try id(&value, engine.functions.rel_val_get_src_id_val),
            destination: try id(&value, engine.functions.rel_val_get_dst_id_val),
            properties: try properties(
                &value, count: engine.functions.rel_val_get_property_size,
                name: engine.functions.rel_val_get_property_name_at,
                get: engine.functions.rel_val_get_property_value_at))
    }

    private func path(_ value: inout graph_value) throws -> GraphPath {
        let nodes = try child(&value, type: GRAPH_LIST, engine.functions.value_get_recursive_rel_node_list)
        let relationships = try child(&value, type: GRAPH_LIST, engine.functions.value_get_recursive_rel_rel_list)
        guard case .list(let nodes) = nodes, case .list(let relationships) = relationships else {
            throw unreadable("RECURSIVE_REL", "its parts are no lists")
        }
        return GraphPath(
            nodes: nodes.compactMap { if case .node(let node) = $0 { node } else { nil } },
            relationships: relationships.compactMap { if case .relationship(let rel) = $0 { rel } else { nil } })
    }

    private typealias ChildGetter = (UnsafeMutablePointer<graph_value>, UnsafeMutablePointer<graph_value>) ->
        graph_state

    private func id(_ value: inout graph_value, _ get: ChildGetter) throws -> GraphInternalID {
        guard case .internalID(let id) = try child(&value, type: GRAPH_INTERNAL_ID, get) else {
            throw unreadable("INTERNAL_ID", "it is NULL")
        }
        return id
    }

    private func label(_ value: inout graph_value, _ get: ChildGetter) throws -> String {
        guard case .string(let label) = try child(&value, type: GRAPH_STRING, get) else {
            throw unreadable("label", "it is NULL")
        }
        return label
    }

    private func properties(
        _ value: inout graph_value,
        count: Getter<UInt64>,
        name: (UnsafeMutablePointer<graph_value>, UInt64, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) ->
            graph_state,
        get: (UnsafeMutablePointer<graph_value>, UInt64, UnsafeMutablePointer<graph_value>) -> graph_state
    ) throws -> GraphFields {
        let count = try scalar(&value, 0, count)
        return GraphFields(
            try (0..<count).map { index in
                GraphField(try text(&value) { name($0, index, $1) }, try child(&value) { get($0, index, $1) })
            })
    }
}
