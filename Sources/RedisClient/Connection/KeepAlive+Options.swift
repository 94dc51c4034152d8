import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension RedisConnection.KeepAlive {
    /// The socket options; the idle time has another name on each system.
    var options: [(option: ChannelOptions.Types.SocketOption, value: SocketOptionValue)] {
        let idle = SocketOptionValue(max(1, self.idle.components.seconds))
        let interval = SocketOptionValue(max(1, self.interval.components.seconds))
        let probes = SocketOptionValue(max(1, self.probes))
        #if canImport(Darwin)
            let idleOption = TCP_KEEPALIVE
        #else
            let idleOption = TCP_KEEPIDLE
        #endif
        return [
            (.socketOption(.so_keepalive), 1),
            (.tcpOption(NIOBSDSocket.Option(rawValue: idleOption)), idle),
            (.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), interval),
            (.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), probes),
        ]
    }
}
