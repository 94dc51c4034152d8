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

/// A connection to a server of our own through the Unix socket that each of them has beside its public endpoint.
///
/// Over it we ask whether the server is ready and build clusters. An answer there can only come from *our* server, while
/// behind a port anybody could be; and it needs neither TLS nor the client, whose own tests stand on this module.
///
/// Blocking, and bounded by its time limit: to be used within `onThread`.
struct ControlConnection: ~Copyable {
    private let handle: Int32
    private var buffer: [UInt8] = []
    private var position = 0

    /// - Parameter seconds: how long one answer may take.
    init(path: String, seconds: Int = 2) throws {
        #if canImport(Darwin)
            let stream = SOCK_STREAM
        #else
            let stream = Int32(SOCK_STREAM.rawValue)
        #endif
        handle = socket(AF_UNIX, stream, 0)
        guard handle >= 0 else { throw Errno(rawValue: errno) }
        _ = fcntl(handle, F_SETFD, FD_CLOEXEC)
        var limit = timeval()
        limit.tv_sec = .init(seconds)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        #if canImport(Darwin)
            var yes: Int32 = 1
            setsockopt(handle, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif

        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw Errno.fileNameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw Errno(rawValue: errno) }
    }

    deinit {
        if handle >= 0 { close(handle) }
    }

    /// Sends a command and reads its answer.
    mutating func send(_ words: [String]) throws -> ControlReply {
        var request = "*\(words.count)\r\n"
        for word in words { request += "$\(word.utf8.count)\r\n\(word)\r\n" }
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            #if canImport(Darwin)
                let flags: Int32 = 0
            #else
                let flags = Int32(MSG_NOSIGNAL)
            #endif
            let count = rest.withUnsafeBytes { Self.transmit(handle, $0, flags) }
            guard count > 0 else { throw Errno(rawValue: errno) }
            rest = rest.dropFirst(count)
        }
        return try reply()
    }

    private static func transmit(_ handle: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
        #if canImport(Darwin)
            Darwin.send(handle, bytes.baseAddress, bytes.count, flags)
        #elseif canImport(Glibc)
            Glibc.send(handle, bytes.baseAddress, bytes.count, flags)
        #else
            Musl.send(handle, bytes.baseAddress, bytes.count, flags)
        #endif
    }

    private mutating func reply() throws -> ControlReply {
        let line = try line()
        let rest = String(line.dropFirst())
        switch line.first {
        case "+", ":": return .text(rest)
        case "-": return .error(rest)
        case "$":
            guard let count = Int(rest), count >= 0 else { return .nothing }
            let text = String(decoding: try bytes(count), as: UTF8.self)
            _ = try bytes(2)
            return .text(text)
        case "*":
            guard let count = Int(rest), count >= 0 else { return .nothing }
            return .list(try (0..<count).map { _ in try reply() })
        default: throw Errno.badMessage
        }
    }

    private mutating func line() throws -> String {
        var found: [UInt8] = []
        while true {
            let byte = try bytes(1)[0]
            if byte == UInt8(ascii: "\n") { break }
            if byte != UInt8(ascii: "\r") { found.append(byte) }
        }
        return String(decoding: found, as: UTF8.self)
    }

    private mutating func bytes(_ count: Int) throws -> [UInt8] {
        while buffer.count - position < count {
            buffer.removeFirst(position)
            position = 0
            var chunk = [UInt8](repeating: 0, count: 4096)
            let received = recv(handle, &chunk, chunk.count, 0)
            if received < 0, errno == EINTR { continue }
            guard received > 0 else { throw received == 0 ? Errno.connectionReset : Errno(rawValue: errno) }
            buffer += chunk[..<received]
        }
        defer { position += count }
        return Array(buffer[position..<(position + count)])
    }
}

/// What a server answers.
enum ControlReply: Sendable, Equatable {
    case text(String)
    case error(String)
    case list([ControlReply])
    case nothing
}
