/// Why a graph can't be exported, imported or compared: what happened, where, and what to do.
package struct TransferError: Error, Sendable, Equatable {
    /// What kind of failure it is.
    package enum Code: Sendable, Equatable {
        /// Something in the graph can't be carried. Nothing was written.
        case unsupported
        /// The place to read from or to write to is not fit for it. Nothing was written.
        case place
        /// The export is unfinished, damaged, or not one of this version.
        case damaged
        /// What was imported is not what was exported.
        case different
    }

    package var code: Code
    package var reason: String
    package var remedy: String

    package init(_ code: Code, _ reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }
}

extension TransferError: CustomStringConvertible {
    package var description: String { "\(reason) \(remedy)" }
}
