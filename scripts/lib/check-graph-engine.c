// Proves that a graph engine's library works before the bootstrap accepts it: loads it, opens a database, writes
// and reads through prepared statements, closes. Prints the engine's version.
//
//     check-graph-engine LIBRARY PREFIX FOLDER        (PREFIX: kuzu_ or lbug_; FOLDER: an empty one)
//
// Loading alone would not do: a library whose parts do not belong together loads well and fails at the first use.
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0 };

// What both engines' configurations begin with. Only these fields are touched; the room after them lets a longer
// configuration pass through by value unharmed (structures of this size travel in memory on every ABI that we serve).
typedef struct {
    uint64_t bufferPoolSize;
    uint64_t threads;
    bool compression;
    bool readOnly;
    uint64_t maxDatabaseSize;
    uint64_t room[16];
} Configuration;

typedef struct { void *handle; } Handle;
typedef struct { void *statement; void *boundValues; } Statement;
typedef struct { void *object; bool ownedByEngine; } Owned;
typedef struct { uint64_t low; int64_t high; } Int128;

static void *library;
static const char *prefix;

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why ? why : "failed");
    exit(1);
}

static void *function(const char *name) {
    char symbol[128];
    snprintf(symbol, sizeof symbol, "%s%s", prefix, name);
    void *found = dlsym(library, symbol);
    if (!found) fail(symbol, "not in the library");
    return found;
}

// The engine's function of that name, with this result and these parameters.
#define ENGINE(result, name, ...) ((result(*)(__VA_ARGS__))function(name))

static void check(int state, const char *what) {
    if (state != SUCCESS) fail(what, NULL);
}

static void finish(Owned *result, const char *what) {
    if (!result->object || !ENGINE(bool, "query_result_is_success", Owned *)(result)) {
        fail(what, result->object ? ENGINE(char *, "query_result_get_error_message", Owned *)(result) : NULL);
    }
}

static void run(Handle *connection, const char *text) {
    Owned result = {0};
    ENGINE(int, "connection_query", Handle *, const char *, Owned *)(connection, text, &result);
    finish(&result, text);
    ENGINE(void, "query_result_destroy", Owned *)(&result);
}

static Statement prepare(Handle *connection, const char *text) {
    Statement statement = {0};
    ENGINE(int, "connection_prepare", Handle *, const char *, Statement *)(connection, text, &statement);
    if (!statement.statement || !ENGINE(bool, "prepared_statement_is_success", Statement *)(&statement)) fail(text, NULL);
    return statement;
}

static void bindNumber(Statement *statement, int64_t number) {
    check(ENGINE(int, "prepared_statement_bind_int64", Statement *, const char *, int64_t)(statement, "id", number),
          "bind a number");
}

static void insert(Handle *connection) {
    Statement statement = prepare(connection, "CREATE (:City {id: $id, name: $name, area: $area})");
    Int128 area = {42, 1};
    void *value = ENGINE(void *, "value_create_int128", Int128)(area);
    for (int64_t number = 1; number <= 2; number++) {
        bindNumber(&statement, number);
        check(ENGINE(int, "prepared_statement_bind_string", Statement *, const char *, const char *)(
                  &statement, "name", number == 1 ? "Köln" : "Bonn"), "bind a text");
        check(ENGINE(int, "prepared_statement_bind_value", Statement *, const char *, void *)(&statement, "area", value),
              "bind a value");
        Owned result = {0};
        ENGINE(int, "connection_execute", Handle *, Statement *, Owned *)(connection, &statement, &result);
        finish(&result, "prepared insert");
        ENGINE(void, "query_result_destroy", Owned *)(&result);
    }
    ENGINE(void, "value_destroy", void *)(value);
    ENGINE(void, "prepared_statement_destroy", Statement *)(&statement);
}

static void read(Handle *connection) {
    Statement statement = prepare(
        connection, "MATCH p = (a:City {id: $id})-[:Road*1..2]->(:City) RETURN a.name, a.area, p");
    bindNumber(&statement, 1);
    Owned result = {0}, row = {0}, name = {0}, area = {0}, path = {0}, nodes = {0};
    ENGINE(int, "connection_execute", Handle *, Statement *, Owned *)(connection, &statement, &result);
    finish(&result, "prepared query");
    if (!ENGINE(bool, "query_result_has_next", Owned *)(&result)) fail("prepared query", "no row came back");
    check(ENGINE(int, "query_result_get_next", Owned *, Owned *)(&result, &row), "read a row");

    int (*get)(Owned *, uint64_t, Owned *) = ENGINE(int, "flat_tuple_get_value", Owned *, uint64_t, Owned *);
    check(get(&row, 0, &name), "read a column");
    check(get(&row, 1, &area), "read a column");
    check(get(&row, 2, &path), "read a column");

    char *text = NULL;
    check(ENGINE(int, "value_get_string", Owned *, char **)(&name, &text), "read a text");
    if (!text || strcmp(text, "Köln") != 0) fail("read a text", "another text came back");
    ENGINE(void, "destroy_string", char *)(text);

    Int128 number = {0, 0};
    check(ENGINE(int, "value_get_int128", Owned *, Int128 *)(&area, &number), "read a 128-bit number");
    if (number.low != 42 || number.high != 1) fail("read a 128-bit number", "another number came back");
    char *digits = NULL;
    check(ENGINE(int, "int128_t_to_string", Int128, char **)(number, &digits), "print a 128-bit number");
    if (!digits || strcmp(digits, "18446744073709551658") != 0) fail("print a 128-bit number", "wrong digits");
    ENGINE(void, "destroy_string", char *)(digits);

    uint64_t count = 0;
    check(ENGINE(int, "value_get_recursive_rel_node_list", Owned *, Owned *)(&path, &nodes), "read a path");
    check(ENGINE(int, "value_get_list_size", Owned *, uint64_t *)(&nodes, &count), "count a path's nodes");

    void (*destroyValue)(Owned *) = ENGINE(void, "value_destroy", Owned *);
    destroyValue(&nodes);
    destroyValue(&path);
    destroyValue(&area);
    destroyValue(&name);
    ENGINE(void, "flat_tuple_destroy", Owned *)(&row);
    ENGINE(void, "query_result_destroy", Owned *)(&result);
    ENGINE(void, "prepared_statement_destroy", Statement *)(&statement);
}

int main(int count, char **arguments) {
    if (count != 4) fail("usage", "check-graph-engine LIBRARY PREFIX FOLDER");
    prefix = arguments[2];
    library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) fail("load", dlerror());
    char *version = ENGINE(char *, "get_version", void)();

    char path[4096];
    snprintf(path, sizeof path, "%s/check.db", arguments[3]);
    Configuration configuration = ENGINE(Configuration, "default_system_config", void)();
    configuration.bufferPoolSize = 64 << 20;
    configuration.threads = 2;
    configuration.maxDatabaseSize = 1 << 30;
    Handle database = {0}, connection = {0};
    check(ENGINE(int, "database_init", const char *, Configuration, Handle *)(path, configuration, &database),
          "open a database");
    check(ENGINE(int, "connection_init", Handle *, Handle *)(&database, &connection), "connect");
    run(&connection, "CREATE NODE TABLE City(id INT64, name STRING, area INT128, PRIMARY KEY (id))");
    run(&connection, "CREATE REL TABLE Road(FROM City TO City)");
    insert(&connection);
    run(&connection, "MATCH (a:City {id: 1}), (b:City {id: 2}) CREATE (a)-[:Road]->(b)");
    read(&connection);
    ENGINE(void, "connection_destroy", Handle *)(&connection);
    ENGINE(void, "database_destroy", Handle *)(&database);
    puts(version);
    return 0;
}
