// The C interface shared by Kùzu and LadybugDB, declared here so that Trivet builds without either library installed.
// The libraries export the same functions under another prefix (kuzu_, lbug_); `graph_engine_load` fills the table. What else
// tells them apart at this level is known to graph_engine.c only.
#ifndef TRIVET_CGRAPHENGINE_H
#define TRIVET_CGRAPHENGINE_H

#include "graph_engine_types.h"
#include "graph_engine_functions.h"

/// A loaded library. Never unloaded: the engine's worker threads and thread-local storage outlive any moment at which
/// unloading would be safe. Written once, by `graph_engine_load`, and constant from then on: any thread may read it.
typedef struct GRAPH_SENDABLE {
    graph_engine_kind kind;
    graph_engine_functions functions;
    graph_engine_extras extras;
    void *_Nonnull database_init;
} graph_engine;

/// Options that Trivet sets for every database; `graph_engine_open` turns them into the structure of the engine.
typedef struct {
    uint64_t buffer_pool_size;
    uint64_t max_num_threads;
    uint64_t max_db_size;
    bool enable_compression;
    bool read_only;
    /// Whether a log that can't be read to its end is an error. Where it isn't, or in Kùzu, which can't be told, what can't be
    /// read counts as the end of a transaction that was not committed.
    bool refuse_damaged_log;
} graph_engine_options;

/// Loads the library at `path` and looks up every function. Returns 0; or 1 when the library can't be loaded, 2 when a
/// function is missing. Then `error` holds the reason, cut to `error_size`.
int graph_engine_load(const char *_Nonnull path, graph_engine_kind kind, graph_engine *_Nonnull out,
                      char *_Nonnull error, size_t error_size);

/// Writes the version that the library at `path` reports to `version`. Same results as `graph_engine_load`.
int graph_engine_version(const char *_Nonnull path, graph_engine_kind kind, char *_Nonnull version,
                         size_t version_size, char *_Nonnull error, size_t error_size);

/// Opens a database with automatic checkpoints off: within one COMMIT stalls and, in Kùzu, a reader makes it fail and a kill can
/// destroy the file. After an error `error` holds the engine's reason, cut to `error_size`; empty where it gives none.
graph_state graph_engine_open(const graph_engine *_Nonnull engine, const char *_Nonnull path,
                              graph_engine_options options, graph_database *_Nonnull out, char *_Nonnull error,
                              size_t error_size);

/// Gives memory back to the system that an engine has freed and the C library keeps for later. Blocks for some milliseconds; does nothing where the
/// C library does so by itself.
void graph_engine_return_memory(void);

#endif
