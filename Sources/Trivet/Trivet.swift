// What an application imports: `import Trivet` gives the three stores' clients and the measurement.
@_exported import GraphClient
@_exported import Measurement
@_exported import RedisClient
@_exported import Stores
