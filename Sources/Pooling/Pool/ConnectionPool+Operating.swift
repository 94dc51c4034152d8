extension ConnectionPool {
    /// Lends a connection for an operation on the store: ``withConnection(timeout:isolation:file:line:_:)``, of which the observer is told as an
    /// operation too.
    ///
    /// The operation begins when the connection is asked for and ends when it is given back, so that both are measured with the same two looks at
    /// the clock.
    ///
    /// - Parameters:
    ///   - system: what the store is, as OpenTelemetry calls it.
    ///   - name: what is done.
    /// - Throws: as `withConnection`.
    @inlinable
    package func operate<Value>(
        _ system: String, _ name: String, timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation,
        file: StaticString = #fileID, line: UInt = #line, _ body: (Connection) async throws -> sending Value
    ) async throws -> sending Value {
        guard isObserved else {
            return try await withConnection(timeout: timeout, isolation: isolation, file: file, line: line, body)
        }
        let began = preciseNow()
        do {
            let place = CodePlace(file: file, line: line)
            let holder = TaskIdentity.current
            let lease: PoolLease<Connection>
            if let idle = acquireIdle(holder: holder, place: place, at: began) {
                lease = idle
            } else {
                lease = try await wait(timeout: timeout, holder: holder, place: place)
            }
            let value: Value
            do {
                value = try await body(lease.connection)
            } catch {
                throw release(lease, after: error)
            }
            let ended = preciseNow()
            release(lease, at: ended)
            tellOperated(system, name, took: ended.since(began))
            return value
        } catch {
            tellOperated(system, name, took: preciseNow().since(began), error: error)
            throw error
        }
    }
}
