import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A TCP port of 127.0.0.1 that nobody used a moment ago. Within this process it is handed out once until released;
/// another process may still take it, so that whoever uses it has to be ready to ask for another.
struct FreePort: Sendable {
    let number: Int

    private static let taken = Mutex<Set<Int>>([])

    /// - Parameter neighbour: the port this far above must be free too (a cluster node's bus port).
    static func reserve(neighbour: Int? = nil) throws -> FreePort {
        for _ in 0..<200 {
            guard let number = bound(to: 0), taken.withLock({ $0.insert(number).inserted }) else { continue }
            if let neighbour {
                guard number + neighbour <= 65535, bound(to: number + neighbour) != nil else {
                    FreePort(number: number).release()
                    continue
                }
            }
            return FreePort(number: number)
        }
        throw LocalEngineError(.portInUse, "no free TCP port was found on 127.0.0.1")
    }

    func release() {
        Self.taken.withLock { _ = $0.remove(number) }
    }

    /// Binds a port for a moment.
    ///
    /// - Returns: the port's number (0 asks for any), or nil when it is in use.
    private static func bound(to number: Int) -> Int? {
        #if canImport(Darwin)
            let stream = SOCK_STREAM
        #else
            let stream = Int32(SOCK_STREAM.rawValue)
        #endif
        let handle = socket(AF_INET, stream, 0)
        guard handle >= 0 else { return nil }
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(number).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(handle, generic, length) == 0, getsockname(handle, generic, &length) == 0 else { return nil }
                return Int(UInt16(bigEndian: UnsafeRawPointer(generic).load(as: sockaddr_in.self).sin_port))
            }
        }
    }
}
