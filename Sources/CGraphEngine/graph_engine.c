#include "CGraphEngine.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const char *prefix_of(graph_engine_kind kind) {
    switch (kind) {
    case GRAPH_ENGINE_KUZU:
        return "kuzu_";
    case GRAPH_ENGINE_LADYBUG:
        return "lbug_";
    }
    return "";
}

static bool look_up(void *library, const char *prefix, const char *name, void *field, size_t size) {
    char symbol[128];
    snprintf(symbol, sizeof symbol, "%s%s", prefix, name);
    void *address = dlsym(library, symbol);
    if (address == NULL) {
        return false;
    }
    // POSIX guarantees that a function's address fits an object pointer; memcpy is the conversion that ISO C allows.
    memcpy(field, &address, size);
    return true;
}

static void *open_library(const char *path, char *error, size_t error_size) {
    // RTLD_LOCAL: two engines in one process must not bind to each other's C++ symbols.
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        snprintf(error, error_size, "%s", reason != NULL ? reason : "unknown reason");
    }
    return library;
}

int graph_engine_version(const char *path, graph_engine_kind kind, char *version, size_t version_size, char *error,
                         size_t error_size) {
    void *library = open_library(path, error, error_size);
    if (library == NULL) {
        return 1;
    }
    char *(*get_version)(void);
    void (*destroy_string)(char *);
    if (!look_up(library, prefix_of(kind), "get_version", &get_version, sizeof get_version)
        || !look_up(library, prefix_of(kind), "destroy_string", &destroy_string, sizeof destroy_string)) {
        snprintf(error, error_size, "%sget_version", prefix_of(kind));
        return 2;
    }
    char *text = get_version();
    snprintf(version, version_size, "%s", text != NULL ? text : "of unknown version");
    if (text != NULL) {
        destroy_string(text);
    }
    return 0;
}

int graph_engine_load(const char *path, graph_engine_kind kind, graph_engine *out, char *error, size_t error_size) {
    void *library = open_library(path, error, error_size);
    if (library == NULL) {
        return 1;
    }
    const char *prefix = prefix_of(kind);
    out->kind = kind;
#define GRAPH_ENGINE_LOOK_UP(result, name, parameters)                                                              \
    if (!look_up(library, prefix, #name, &out->functions.name, sizeof out->functions.name)) {                       \
        snprintf(error, error_size, "%s%s", prefix, #name);                                                         \
        return 2;                                                                                                   \
    }
    GRAPH_ENGINE_FUNCTIONS(GRAPH_ENGINE_LOOK_UP)
#undef GRAPH_ENGINE_LOOK_UP
    memset(&out->extras, 0, sizeof out->extras);
#define GRAPH_ENGINE_LOOK_UP(result, name, parameters)                                                              \
    if (!look_up(library, prefix, #name, &out->extras.name, sizeof out->extras.name)) {                             \
        snprintf(error, error_size, "%s%s", prefix, #name);                                                         \
        return 2;                                                                                                   \
    }
    // Not for Kùzu: of its function of one of these names the parameters are others.
    if (kind == GRAPH_ENGINE_LADYBUG) {
        GRAPH_ENGINE_EXTRAS(GRAPH_ENGINE_LOOK_UP)
    }
#undef GRAPH_ENGINE_LOOK_UP
    // Not in the table: its options differ from engine to engine, and graph_engine_open knows how.
    void *database_init;
    if (!look_up(library, prefix, "database_init", &database_init, sizeof database_init)) {
        snprintf(error, error_size, "%sdatabase_init", prefix);
        return 2;
    }
    out->database_init = database_init;
    return 0;
}

// The layout of Kùzu 0.11's kuzu_system_config.
typedef struct {
    uint64_t buffer_pool_size;
    uint64_t max_num_threads;
    bool enable_compression;
    bool read_only;
    uint64_t max_db_size;
    bool auto_checkpoint;
    uint64_t checkpoint_threshold;
#if defined(__APPLE__)
    uint32_t thread_qos;
#endif
} kuzu_system_config;

// The layout of LadybugDB 0.22's lbug_system_config.
typedef struct {
    uint64_t buffer_pool_size;
    uint64_t max_num_threads;
    bool enable_compression;
    bool read_only;
    uint64_t max_db_size;
    bool auto_checkpoint;
    uint64_t checkpoint_threshold;
    bool throw_on_wal_replay_failure;
    bool enable_checksums;
    bool enable_multi_writes;
    bool enable_default_hash_index;
    uint64_t physical_plan_pool_per_thread;
#if defined(__APPLE__)
    uint32_t thread_qos;
#endif
} lbug_system_config;

typedef graph_state (*kuzu_database_init)(const char *, kuzu_system_config, graph_database *);
typedef graph_state (*lbug_database_init)(const char *, lbug_system_config, graph_database *);

static graph_state open_kuzu(const graph_engine *engine, const char *path, graph_engine_options options,
                             graph_database *out) {
    kuzu_system_config config = {
        .buffer_pool_size = options.buffer_pool_size,
        .max_num_threads = options.max_num_threads,
        .enable_compression = options.enable_compression,
        .read_only = options.read_only,
        .max_db_size = options.max_db_size,
        .auto_checkpoint = false,
        .checkpoint_threshold = UINT64_MAX,
    };
    kuzu_database_init init;
    memcpy(&init, &engine->database_init, sizeof init);
    return init(path, config, out);
}

static graph_state open_ladybug(const graph_engine *engine, const char *path, graph_engine_options options,
                                graph_database *out) {
    lbug_system_config config = {
        .buffer_pool_size = options.buffer_pool_size,
        .max_num_threads = options.max_num_threads,
        .enable_compression = options.enable_compression,
        .read_only = options.read_only,
        .max_db_size = options.max_db_size,
        .auto_checkpoint = false,
        .checkpoint_threshold = UINT64_MAX,
        .throw_on_wal_replay_failure = options.refuse_damaged_log,
        .enable_checksums = true,
        // Corrupts the database when two connections insert.
        .enable_multi_writes = false,
        .enable_default_hash_index = true,
        // The engine's own default.
        .physical_plan_pool_per_thread = 5,
    };
    lbug_database_init init;
    memcpy(&init, &engine->database_init, sizeof init);
    return init(path, config, out);
}

graph_state graph_engine_open(const graph_engine *engine, const char *path, graph_engine_options options,
                              graph_database *out, char *error, size_t error_size) {
    graph_state state = GRAPH_ERROR;
    switch (engine->kind) {
    case GRAPH_ENGINE_KUZU:
        state = open_kuzu(engine, path, options, out);
        break;
    case GRAPH_ENGINE_LADYBUG:
        state = open_ladybug(engine, path, options, out);
        break;
    }
    if (error_size > 0) {
        error[0] = '\0';
    }
    if (state != GRAPH_SUCCESS && engine->extras.get_last_error != NULL) {
        char *reason = engine->extras.get_last_error();
        if (reason != NULL) {
            snprintf(error, error_size, "%s", reason);
            engine->functions.destroy_string(reason);
        }
    }
    return state;
}

void graph_engine_return_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
