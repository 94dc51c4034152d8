import Foundation

extension Error {
    /// Why a file can't be read or written, as the system says it: without the frame that Foundation puts around it.
    package var systemReason: String {
        guard let error = self as? CocoaError else { return localizedDescription }
        if let cause = error.underlying as? POSIXError { return String(cString: strerror(cause.code.rawValue)) }
        if error.code == .fileReadInapplicableStringEncoding || error.code == .fileReadCorruptFile {
            return "it is no text in UTF-8"
        }
        return localizedDescription
    }
}
