// The engine's types and functions, found by name: the engines' functions differ in their prefix.
#ifndef TRIVET_GRAPH_FUNCTIONS_H
#define TRIVET_GRAPH_FUNCTIONS_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct { void *p; } graph_handle;
typedef struct { void *p; void *bound; } graph_statement;
typedef struct { void *p; bool owned; } graph_object;

static inline void *graph_function(void *library, const char *prefix, const char *name) {
    char symbol[96];
    snprintf(symbol, sizeof symbol, "%s_%s", prefix, name);
    return dlsym(library, symbol);
}

/// Prepares a statement; false on failure.
static inline bool graph_prepare(
    void *library, const char *prefix, graph_handle *connection, const char *text, graph_statement *into) {
    int (*prepare)(graph_handle *, const char *, graph_statement *) =
        graph_function(library, prefix, "connection_prepare");
    bool (*is_success)(graph_statement *) = graph_function(library, prefix, "prepared_statement_is_success");
    return prepare(connection, text, into) == 0 && is_success(into);
}

#endif
