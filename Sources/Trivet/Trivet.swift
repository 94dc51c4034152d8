@_exported import GraphClient
@_exported import Measurement
@_exported import RedisClient
@_exported import Stores
@_exported import Transactions
