import CGraphEngine
import Synchronization

/// A connection of the engine and the statements prepared on it: destroyed once, in the order that the engine needs (H8), by its owner
/// or by whoever closes the database under it.
final class EngineConnection: Sendable {
    private struct State {
        var handle: graph_connection?
        var prepared: [UInt: PreparedHandle] = [:]
    }

    /// `@unchecked`: it is only destroyed here, once, and by one thread: whoever takes it out of the state.
    struct PreparedHandle: @unchecked Sendable {
        fileprivate(set) var c: graph_prepared_statement
        fileprivate var key: UInt { UInt(bitPattern: c.pointer) }
    }

    private let engine: GraphEngine
    private let path: String
    private let state: Mutex<State>

    /// Takes the connection over.
    init(_ handle: graph_connection, engine: GraphEngine, path: String) {
        self.engine = engine
        self.path = path
        state = Mutex(State(handle: handle))
    }

    /// Whether the database was closed under it.
    var isGone: Bool { state.withLock { $0.handle == nil } }

    /// For calls of the engine. Stays good for as long as the caller has a place at the database's gate, since the database is closed
    /// only by somebody who is alone there.
    /// - Throws: ``GraphError/closed(_:)``, where using it would crash.
    var handle: graph_connection {
        get throws {
            guard let handle = state.withLock({ $0.handle }) else {
                throw GraphError.closed("The engine's connection to the graph database \(path)")
            }
            return handle
        }
    }

    /// Takes over a statement that was prepared on it.
    func adopt(_ statement: graph_prepared_statement) -> PreparedHandle {
        let statement = PreparedHandle(c: statement)
        state.withLock { $0.prepared[statement.key] = statement }
        return statement
    }

    /// Destroys one of its statements, unless that was done.
    func destroy(_ statement: PreparedHandle) {
        state.withLock { state in
            guard var statement = state.prepared.removeValue(forKey: statement.key) else { return }
            engine.functions.prepared_statement_destroy(&statement.c)
        }
    }

    /// Destroys its statements and itself, unless that was done. Only while the database is open.
    func destroy() {
        state.withLock { state in
            for var statement in state.prepared.values { engine.functions.prepared_statement_destroy(&statement.c) }
            state.prepared = [:]
            guard var handle = state.handle.take() else { return }
            engine.functions.connection_destroy(&handle)
        }
    }
}
