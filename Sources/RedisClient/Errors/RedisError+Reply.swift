extension RedisError {
    /// An error that the server answered with.
    init(reply: RESPErrorReply, command: String?, endpoint: RedisEndpoint?) {
        let isAuthentication = reply.code == "WRONGPASS" || reply.code == "NOAUTH"
        // The server's text can quote the command's arguments (unknown commands, scripts): only the known codes' texts are kept
        // whole in the description; `reply` has it all.
        self.init(
            isAuthentication ? .authenticationFailed : .serverError,
            "the server answered \(reply.code)\(Self.explanation(reply))",
            remedy: Self.remedy(reply),
            reply: reply, command: command, endpoint: endpoint, mayHaveRun: Self.mayHaveRun(reply, command: command))
    }

    private static func explanation(_ reply: RESPErrorReply) -> String {
        // A redirection's text is a slot and an address. A plain ERR quotes arguments behind a quotation mark or a parenthesis.
        let end =
            reply.message.firstIndex { $0 == "'" || $0 == "`" || $0 == "\"" || $0 == "(" } ?? reply.message.endIndex
        let text = reply.message[..<end].prefix(200)
        return text.isEmpty ? "" : ": " + text.trimmedEnd
    }

    /// Scripts, functions and EXEC keep what they wrote before they failed. Any other command is refused as a whole.
    private static func mayHaveRun(_ reply: RESPErrorReply, command: String?) -> Bool {
        switch command {
        case "EVAL", "EVALSHA", "FCALL", "EXEC":
            switch reply.code {
            case "NOSCRIPT", "NOAUTH", "NOPERM", "MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN", "TRYAGAIN", "LOADING",
                "BUSY",
                "MASTERDOWN", "EXECABORT":
                false
            default:
                true
            }
        default:
            false
        }
    }

    private static func remedy(_ reply: RESPErrorReply) -> String {
        switch reply.code {
        case "NOAUTH": "Give a username and password in the connection's configuration."
        case "WRONGPASS": "Check username and password, and that the user is enabled (ACL LIST)."
        case "NOPERM": "Grant the user this command and these keys or channels (ACL SETUSER)."
        case "WRONGTYPE": "The key holds another type: TYPE tells which; delete it or use another key."
        case "MOVED", "ASK": "The key lives on the node that the error names: use a cluster client."
        case "CROSSSLOT": "Give keys that belong together the same hash tag, as in {user1}:name."
        case "CLUSTERDOWN", "TRYAGAIN": "The cluster is changing: try again shortly."
        case "LOADING", "MASTERDOWN": "The server is not ready yet: try again shortly."
        case "READONLY": "This is a replica: write to the primary."
        case "OOM": "The server's memory is full: raise maxmemory, choose an eviction policy, or delete keys."
        case "BUSY": "A script runs for too long: wait for it, or end it with SCRIPT KILL or FUNCTION KILL."
        case "MISCONF": "The server cannot save to disk: check its disk and log."
        case "NOREPLICAS": "Too few replicas are connected: check them, or lower min-replicas-to-write."
        case "NOSCRIPT": "Load the script again (SCRIPT LOAD), or use RedisScript, which falls back to EVAL."
        case "EXECABORT": "A command was refused when queued: correct it, then send the transaction again."
        case "NOPROTO": "The server does not speak this RESP version: configure RESP2."
        case "BUSYGROUP": "The consumer group exists already: go on with it."
        case "NOGROUP": "Create the consumer group first (XGROUP CREATE)."
        default: "See the command's documentation; the whole text is in `reply`."
        }
    }
}

extension StringProtocol {
    fileprivate var trimmedEnd: String {
        var text = String(self)
        while let last = text.last, last == " " || last == "," { text.removeLast() }
        return text
    }
}
