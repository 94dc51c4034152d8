// What an application imports: `import Trivet` gives the three stores and their pools, transactions across them, and the measurement.
@_exported import GraphClient
@_exported import Measurement
@_exported import Pooling
@_exported import RedisClient
@_exported import Stores
@_exported import Transactions
