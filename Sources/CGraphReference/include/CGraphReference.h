// The calls of a prepared point read, in plain C: what the Swift client is measured against.
#ifndef TRIVET_CGRAPHREFERENCE_H
#define TRIVET_CGRAPHREFERENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct graph_reference graph_reference;

/// Prepares `MATCH (u:User {id: $id}) RETURN u.name` on a connection of the engine `library`, whose functions begin with `prefix`, and takes the
/// connection over; NULL on failure.
graph_reference *graph_reference_open(const char *library, const char *prefix, void *connection);

/// Reads the names of `count` users, one statement each. Returns how many were found.
uint64_t graph_reference_read(graph_reference *reference, uint64_t first, uint64_t count, uint64_t users);

void graph_reference_close(graph_reference *reference);

#endif
