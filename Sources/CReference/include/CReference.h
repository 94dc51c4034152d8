// What the engines do when C calls them, with nothing around it: what Trivet is measured against.
#ifndef TRIVET_CREFERENCE_H
#define TRIVET_CREFERENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct graph_reference graph_reference;

/// Prepares `MATCH (u:User {id: $id}) RETURN u.name` on a connection of the engine `library`, whose functions begin with `prefix`, and takes the
/// connection over; NULL on failure.
graph_reference *graph_reference_open(const char *library, const char *prefix, void *connection);

/// Reads the names of `count` users, one statement each. Returns how many were found.
uint64_t graph_reference_read(graph_reference *reference, uint64_t first, uint64_t count, uint64_t users);

void graph_reference_close(graph_reference *reference);

typedef struct group_reference group_reference;

/// Three stores, to write users to: SQLite's database at `sqlite_path` and the graph have their tables, Redis listens on a Unix socket. Takes the
/// graph's connection over; NULL on failure.
group_reference *group_reference_open(
    const char *library, const char *prefix, void *connection, const char *sqlite_path, const char *redis_socket);

/// Writes `count` users to the three stores, so many to a commit of each, durably. Returns how many were written.
uint64_t group_reference_write(group_reference *reference, int64_t first, uint64_t count, uint64_t per_commit);

void group_reference_close(group_reference *reference);

#endif
