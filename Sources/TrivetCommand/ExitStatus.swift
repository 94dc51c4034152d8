import GraphClient
import GraphTransfer
import Histories
import LiveFeed
import LoadTesting
import LocalEngines
import Measurement
import RedisClient
import Scenarios
import Stores
import Transactions

/// Which exit status an error stands for.
enum ExitStatus {
    /// nil for errors of the command line's parser.
    static func of(_ error: any Error) -> RunResult.Outcome? {
        switch error {
        case is CancellationError:
            .interrupted
        case let error as LocalEngineError:
            error.code == .folderInUse || error.code == .fileSystem ? .wrongUsage : .engineMissing
        case GraphError.engineNotFound, GraphError.engineUnusable:
            .engineMissing
        case is RedisError:
            .engineMissing
        case let error as TransferError:
            error.code == .different ? .inconsistent : .wrongUsage
        case is GraphError, is SQLiteStoreError, is DataFolderError, is ExistingStoresError, is OutputError,
            is ConfigurationError,
            is TransactionError, is MappingError, is ScenarioFileError, is PreparationError, is HistoryFileError,
            is BaselineError, is AccessRule.OpenToOthers, is FeedServer.NoPlace:
            .wrongUsage
        default:
            nil
        }
    }
}
