#include "CGraphEngine.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *prefix_of(graph_engine_kind kind) {
    switch (kind) {
    case GRAPH_ENGINE_KUZU:
        return "kuzu_";
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

typedef graph_state (*kuzu_database_init)(const char *, kuzu_system_config, graph_database *);

graph_state graph_engine_open(const graph_engine *engine, const char *path, graph_engine_options options,
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
