#include "CGraphReference.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef struct { void *p; } handle;
typedef struct { void *p; void *bound; } statement;
typedef struct { void *p; bool owned; } object;
typedef struct {
    uint64_t buffer_pool_size, max_num_threads;
    bool enable_compression, read_only;
    uint64_t max_db_size;
    bool auto_checkpoint;
    uint64_t checkpoint_threshold;
#if defined(__APPLE__)
    uint32_t thread_qos;
#endif
} system_config;

struct graph_reference {
    void *library;
    handle database, connection;
    statement read;
    int (*bind_int64)(statement *, const char *, int64_t);
    int (*execute)(handle *, statement *, object *);
    bool (*has_next)(object *);
    int (*get_next)(object *, object *);
    int (*get_value)(object *, uint64_t, object *);
    int (*get_string)(object *, char **);
    void (*destroy_string)(char *);
    void (*destroy_value)(object *);
    void (*destroy_tuple)(object *);
    void (*destroy_result)(object *);
};

#define LOOK_UP(type, name) type name = (type)dlsym(library, "kuzu_" #name)

graph_reference *graph_reference_open(const char *path_of_library, const char *path, uint64_t threads) {
    void *library = dlopen(path_of_library, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return NULL;
    }
    typedef int (*init_database)(const char *, system_config, handle *);
    typedef int (*init_connection)(handle *, handle *);
    typedef int (*prepare_statement)(handle *, const char *, statement *);
    LOOK_UP(init_database, database_init);
    LOOK_UP(init_connection, connection_init);
    LOOK_UP(prepare_statement, connection_prepare);
    graph_reference *reference = calloc(1, sizeof *reference);
    reference->library = library;
    reference->bind_int64 = dlsym(library, "kuzu_prepared_statement_bind_int64");
    reference->execute = dlsym(library, "kuzu_connection_execute");
    reference->has_next = dlsym(library, "kuzu_query_result_has_next");
    reference->get_next = dlsym(library, "kuzu_query_result_get_next");
    reference->get_value = dlsym(library, "kuzu_flat_tuple_get_value");
    reference->get_string = dlsym(library, "kuzu_value_get_string");
    reference->destroy_string = dlsym(library, "kuzu_destroy_string");
    reference->destroy_value = dlsym(library, "kuzu_value_destroy");
    reference->destroy_tuple = dlsym(library, "kuzu_flat_tuple_destroy");
    reference->destroy_result = dlsym(library, "kuzu_query_result_destroy");
    system_config config = {128 << 20, threads, true, false, 1ULL << 36, false, UINT64_MAX};
    if (database_init(path, config, &reference->database) != 0
        || connection_init(&reference->database, &reference->connection) != 0
        || connection_prepare(&reference->connection, "MATCH (u:User {id: $id}) RETURN u.name", &reference->read) != 0) {
        free(reference);
        return NULL;
    }
    return reference;
}

uint64_t graph_reference_read(graph_reference *r, uint64_t first, uint64_t count, uint64_t users) {
    uint64_t found = 0;
    for (uint64_t index = first; index < first + count; index++) {
        object result = {0}, tuple = {0}, value = {0};
        char *name = NULL;
        r->bind_int64(&r->read, "id", (int64_t)(index % users));
        if (r->execute(&r->connection, &r->read, &result) == 0 && r->has_next(&result)
            && r->get_next(&result, &tuple) == 0 && r->get_value(&tuple, 0, &value) == 0
            && r->get_string(&value, &name) == 0) {
            found += strlen(name) > 0;
            r->destroy_string(name);
            r->destroy_value(&value);
            r->destroy_tuple(&tuple);
        }
        r->destroy_result(&result);
    }
    return found;
}

void graph_reference_close(graph_reference *r) {
    void (*destroy_statement)(statement *) = dlsym(r->library, "kuzu_prepared_statement_destroy");
    void (*destroy_connection)(handle *) = dlsym(r->library, "kuzu_connection_destroy");
    void (*destroy_database)(handle *) = dlsym(r->library, "kuzu_database_destroy");
    destroy_statement(&r->read);
    destroy_connection(&r->connection);
    destroy_database(&r->database);
    free(r);
}
