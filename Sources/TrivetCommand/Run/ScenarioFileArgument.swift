import ArgumentParser
import Foundation
import LoadTesting
import Scenarios

/// A scenario's file as an argument of `trivet run`.
enum ScenarioFileArgument {
    /// Names of profiles and scenarios have neither a point nor a slash.
    static func isFile(_ argument: String) -> Bool {
        argument.hasSuffix(".yaml") || argument.hasSuffix(".yml") || argument.contains("/")
    }

    /// Reads the file, before anything is started; nil for an argument that is none.
    ///
    /// - Throws: `ScenarioFileError`; ``ConfigurationError`` for options that don't go with it.
    static func run(_ argument: String, plan: LoadPlan, isQuick: Bool, stores: RunStoreOptions) throws -> FileRun? {
        let existing = try stores.existing(isFile: isFile(argument))
        guard isFile(argument) else {
            guard !isQuick else {
                throw ValidationError("--quick goes with a scenario's file; quick is a profile too.")
            }
            return nil
        }
        var run = FileRun(try FileRun.read(argument), plan: plan)
        run.isQuick = isQuick
        run.folder = stores.data
        run.adopts = stores.adopt
        run.existing = existing
        return run
    }
}
