#include "CGraphReference.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef struct { void *p; } handle;
typedef struct { void *p; void *bound; } statement;
typedef struct { void *p; bool owned; } object;
struct graph_reference {
    void *library;
    handle connection;
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

graph_reference *graph_reference_open(const char *path_of_library, void *connection) {
    // Loaded already; this only gives the handle to look names up with.
    void *library = dlopen(path_of_library, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return NULL;
    }
    typedef int (*prepare_statement)(handle *, const char *, statement *);
    typedef bool (*ask_statement)(statement *);
    LOOK_UP(prepare_statement, connection_prepare);
    LOOK_UP(ask_statement, prepared_statement_is_success);
    graph_reference *reference = calloc(1, sizeof *reference);
    reference->library = library;
    reference->connection.p = connection;
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
    if (connection_prepare(&reference->connection, "MATCH (u:User {id: $id}) RETURN u.name", &reference->read) != 0
        || !prepared_statement_is_success(&reference->read)) {
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
    destroy_statement(&r->read);
    destroy_connection(&r->connection);
    free(r);
}
