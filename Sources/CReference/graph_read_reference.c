#include "CReference.h"
#include "graph_functions.h"

#include <stdlib.h>
#include <string.h>

struct graph_reference {
    void *library;
    char prefix[16];
    graph_handle connection;
    graph_statement read;
    int (*bind_int64)(graph_statement *, const char *, int64_t);
    int (*execute)(graph_handle *, graph_statement *, graph_object *);
    bool (*has_next)(graph_object *);
    int (*get_next)(graph_object *, graph_object *);
    int (*get_value)(graph_object *, uint64_t, graph_object *);
    int (*get_string)(graph_object *, char **);
    void (*destroy_string)(char *);
    void (*destroy_value)(graph_object *);
    void (*destroy_tuple)(graph_object *);
    void (*destroy_result)(graph_object *);
};

graph_reference *graph_reference_open(const char *path_of_library, const char *prefix, void *connection) {
    // Loaded already; this only gives the handle to look names up with.
    void *library = dlopen(path_of_library, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return NULL;
    }
    graph_reference *reference = calloc(1, sizeof *reference);
    reference->library = library;
    snprintf(reference->prefix, sizeof reference->prefix, "%s", prefix);
    reference->connection.p = connection;
    reference->bind_int64 = graph_function(library, prefix, "prepared_statement_bind_int64");
    reference->execute = graph_function(library, prefix, "connection_execute");
    reference->has_next = graph_function(library, prefix, "query_result_has_next");
    reference->get_next = graph_function(library, prefix, "query_result_get_next");
    reference->get_value = graph_function(library, prefix, "flat_tuple_get_value");
    reference->get_string = graph_function(library, prefix, "value_get_string");
    reference->destroy_string = graph_function(library, prefix, "destroy_string");
    reference->destroy_value = graph_function(library, prefix, "value_destroy");
    reference->destroy_tuple = graph_function(library, prefix, "flat_tuple_destroy");
    reference->destroy_result = graph_function(library, prefix, "query_result_destroy");
    if (!graph_prepare(
            library, prefix, &reference->connection, "MATCH (u:User {id: $id}) RETURN u.name", &reference->read)) {
        free(reference);
        return NULL;
    }
    return reference;
}

uint64_t graph_reference_read(graph_reference *r, uint64_t first, uint64_t count, uint64_t users) {
    uint64_t found = 0;
    for (uint64_t index = first; index < first + count; index++) {
        graph_object result = {0}, tuple = {0}, value = {0};
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
    void (*destroy_statement)(graph_statement *) = graph_function(r->library, r->prefix, "prepared_statement_destroy");
    void (*destroy_connection)(graph_handle *) = graph_function(r->library, r->prefix, "connection_destroy");
    destroy_statement(&r->read);
    destroy_connection(&r->connection);
    free(r);
}
