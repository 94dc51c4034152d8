#include "CReference.h"
#include "graph_functions.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct group_reference {
    void *library;
    char prefix[16];
    graph_handle connection;
    graph_statement create;
    int (*query)(graph_handle *, const char *, graph_object *);
    int (*execute)(graph_handle *, graph_statement *, graph_object *);
    int (*bind_int64)(graph_statement *, const char *, int64_t);
    int (*bind_string)(graph_statement *, const char *, const char *);
    bool (*is_success)(graph_object *);
    void (*destroy_result)(graph_object *);
    sqlite3 *database;
    sqlite3_stmt *begin, *insert, *commit;
    int redis;
};

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return -1;
    }
    strcpy(address.sun_path, path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static bool open_sqlite(group_reference *r, const char *path) {
    return sqlite3_open_v2(path, &r->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
        && sqlite3_exec(r->database, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(r->database, "BEGIN IMMEDIATE", -1, &r->begin, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(r->database, "INSERT INTO users VALUES (?, ?)", -1, &r->insert, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(r->database, "COMMIT", -1, &r->commit, NULL) == SQLITE_OK;
}

group_reference *group_reference_open(
    const char *path_of_library, const char *prefix, void *connection, const char *sqlite_path,
    const char *redis_socket) {
    // Loaded already; this only gives the handle to look names up with.
    void *library = dlopen(path_of_library, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return NULL;
    }
    group_reference *r = calloc(1, sizeof *r);
    r->library = library;
    snprintf(r->prefix, sizeof r->prefix, "%s", prefix);
    r->connection.p = connection;
    r->query = graph_function(library, prefix, "connection_query");
    r->execute = graph_function(library, prefix, "connection_execute");
    r->bind_int64 = graph_function(library, prefix, "prepared_statement_bind_int64");
    r->bind_string = graph_function(library, prefix, "prepared_statement_bind_string");
    r->is_success = graph_function(library, prefix, "query_result_is_success");
    r->destroy_result = graph_function(library, prefix, "query_result_destroy");
    r->redis = connect_to(redis_socket);
    if (r->redis < 0 || !open_sqlite(r, sqlite_path)
        || !graph_prepare(
            library, prefix, &r->connection, "CREATE (:User {id: $id, name: $name})", &r->create)) {
        group_reference_close(r);
        return NULL;
    }
    return r;
}

static bool run(sqlite3_stmt *statement) {
    bool done = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_reset(statement);
    return done;
}

static bool run_graph(group_reference *r, const char *text) {
    graph_object result = {0};
    bool done = r->query(&r->connection, text, &result) == 0 && r->is_success(&result);
    r->destroy_result(&result);
    return done;
}

static bool insert(group_reference *r, int64_t id, const char *name) {
    sqlite3_bind_int64(r->insert, 1, id);
    sqlite3_bind_text(r->insert, 2, name, -1, SQLITE_STATIC);
    return run(r->insert);
}

static bool create(group_reference *r, int64_t id, const char *name) {
    graph_object result = {0};
    r->bind_int64(&r->create, "id", id);
    r->bind_string(&r->create, "name", name);
    bool done = r->execute(&r->connection, &r->create, &result) == 0 && r->is_success(&result);
    r->destroy_result(&result);
    return done;
}

static bool send_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(descriptor, bytes, count);
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

/// Reads `+OK`, so often.
static bool receive_all(int descriptor, uint64_t count) {
    static const char ok[] = "+OK\r\n";
    char buffer[4096];
    size_t left = count * (sizeof ok - 1), seen = 0;
    while (left > 0) {
        ssize_t received = read(descriptor, buffer, left < sizeof buffer ? left : sizeof buffer);
        if (received <= 0) {
            return false;
        }
        for (ssize_t index = 0; index < received; index++, seen++) {
            if (buffer[index] != ok[seen % (sizeof ok - 1)]) {
                return false;
            }
        }
        left -= (size_t)received;
    }
    return true;
}

/// One commit of each store: SQLite's decides, the graph's and Redis' follow.
static bool write_group(group_reference *r, int64_t first, uint64_t count) {
    char name[32], key[32];
    size_t length = 0;
    char *commands = malloc(count * 160);
    bool done = run(r->begin) && run_graph(r, "BEGIN TRANSACTION");
    for (uint64_t index = 0; done && index < count; index++) {
        int64_t id = first + (int64_t)index;
        int name_length = snprintf(name, sizeof name, "user %lld", (long long)id);
        int key_length = snprintf(key, sizeof key, "c:%lld", (long long)id);
        done = insert(r, id, name) && create(r, id, name);
        length += (size_t)sprintf(
            commands + length, "*5\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n$2\r\nEX\r\n$4\r\n3600\r\n", key_length,
            key, name_length, name);
    }
    done = done && run(r->commit) && run_graph(r, "COMMIT") && send_all(r->redis, commands, length)
        && receive_all(r->redis, count);
    free(commands);
    return done;
}

uint64_t group_reference_write(group_reference *r, int64_t first, uint64_t count, uint64_t per_commit) {
    uint64_t written = 0;
    while (written < count) {
        uint64_t size = count - written < per_commit ? count - written : per_commit;
        if (!write_group(r, first + (int64_t)written, size)) {
            break;
        }
        written += size;
    }
    return written;
}

void group_reference_close(group_reference *r) {
    void (*destroy_statement)(graph_statement *) = graph_function(r->library, r->prefix, "prepared_statement_destroy");
    void (*destroy_connection)(graph_handle *) = graph_function(r->library, r->prefix, "connection_destroy");
    if (r->create.p != NULL) {
        destroy_statement(&r->create);
    }
    destroy_connection(&r->connection);
    sqlite3_finalize(r->begin);
    sqlite3_finalize(r->insert);
    sqlite3_finalize(r->commit);
    sqlite3_close(r->database);
    if (r->redis >= 0) {
        close(r->redis);
    }
    free(r);
}
