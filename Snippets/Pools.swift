// snippet.hide
import GRDB
import Trivet

struct Player: Codable, Sendable, PersistableRecord {
    var name: String
}

let player = Player(name: "Ann")

// snippet.show
let configuration = try await StoresConfiguration.load(file: "stores.yaml")
try await PoolManager.withManager(configuration) { stores in
    try await stores.sqlite.write { db in try player.insert(db) }
    try await stores.redis.set("player:1", "Ann")
}
