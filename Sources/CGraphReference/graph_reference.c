#include "CGraphReference.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { void *p; } handle;
typedef struct { void *p; void *bound; } statement;
typedef struct { void *p; bool owned; } object;
struct graph_reference {
    void *library;
    char prefix[16];
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

// The engines' functions differ in their prefix.
static void *look_up(void *library, const char *prefix, const char *name) {
    char symbol[96];
    snprintf(symbol, sizeof symbol, "%s_%s", prefix, name);
    return dlsym(library, symbol);
}

graph_reference *graph_reference_open(const char *path_of_library, const char *prefix, void *connection) {
    // Loaded already; this only gives the handle to look names up with.
    void *library = dlopen(path_of_library, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return NULL;
    }
    typedef int (*prepare_statement)(handle *, const char *, statement *);
    typedef bool (*ask_statement)(statement *);
    prepare_statement connection_prepare = (prepare_statement)look_up(library, prefix, "connection_prepare");
    ask_statement prepared_statement_is_success =
        (ask_statement)look_up(library, prefix, "prepared_statement_is_success");
    graph_reference *reference = calloc(1, sizeof *reference);
    reference->library = library;
    snprintf(reference->prefix, sizeof reference->prefix, "%s", prefix);
    reference->connection.p = connection;
    reference->bind_int64 = look_up(library, prefix, "prepared_statement_bind_int64");
    reference->execute = look_up(library, prefix, "connection_execute");
    reference->has_next = look_up(library, prefix, "query_result_has_next");
    reference->get_next = look_up(library, prefix, "query_result_get_next");
    reference->get_value = look_up(library, prefix, "flat_tuple_get_value");
    reference->get_string = look_up(library, prefix, "value_get_string");
    reference->destroy_string = look_up(library, prefix, "destroy_string");
    reference->destroy_value = look_up(library, prefix, "value_destroy");
    reference->destroy_tuple = look_up(library, prefix, "flat_tuple_destroy");
    reference->destroy_result = look_up(library, prefix, "query_result_destroy");
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
    void (*destroy_statement)(statement *) = look_up(r->library, r->prefix, "prepared_statement_destroy");
    void (*destroy_connection)(handle *) = look_up(r->library, r->prefix, "connection_destroy");
    destroy_statement(&r->read);
    destroy_connection(&r->connection);
    free(r);
}
