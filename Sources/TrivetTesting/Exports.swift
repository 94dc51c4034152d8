// A test imports TrivetTesting and has the servers and folders that the traits provide.
@_exported import LocalEngines
