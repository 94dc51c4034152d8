import Foundation
import GRDB
import Logging

/// The tables whose rows Redis follows, as they are now.
struct MappedRows: Sendable {
    let tables: [String: MappedTable]
    let logger: Logger
    /// The most rows of one unit that are taken along in that unit.
    let unitLimit: Int

    /// The changes that make a row's key hold what it should; nil for a row that has no key.
    ///
    /// A value that can't be made deletes the key: no value is better than one that is out of date.
    func effects(of work: ChangePlan.Work, in database: Database) throws -> [CacheEffect]? {
        guard let mapped = tables[work.mapping], mapped.mapping.key.key(work.key) != nil else { return nil }
        do {
            let value = try mapped.value(of: work.key, in: database)
            return value?.effects(expiresAt: mapped.mapping.expiresAt(setAt: .now)) ?? [.delete]
        } catch let error as DatabaseError {
            throw error
        } catch {
            logger.error(
                "the value of a mapped row can't be made, so its key is deleted",
                metadata: ["mapping": "\(work.mapping)", "key": "\(work.key)", "error": "\(error)"])
            return [.delete]
        }
    }

    func cacheKey(of work: ChangePlan.Work) -> CacheKey? {
        tables[work.mapping]?.mapping.key.key(work.key)
    }
}

extension Double {
    /// The wall clock in milliseconds since 1970: the clock that SQLite's triggers and other processes have too.
    static var now: Double { Date().timeIntervalSince1970 * 1_000 }
}
