// Data types of the C interface. Their layout is the engine's; only the names are ours.
#ifndef TRIVET_GRAPH_ENGINE_TYPES_H
#define TRIVET_GRAPH_ENGINE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__has_attribute) && __has_attribute(swift_attr)
#define GRAPH_SENDABLE __attribute__((swift_attr("@Sendable")))
#else
#define GRAPH_SENDABLE
#endif

typedef enum { GRAPH_ENGINE_KUZU = 0, GRAPH_ENGINE_LADYBUG = 1 } graph_engine_kind;

typedef enum { GRAPH_SUCCESS = 0, GRAPH_ERROR = 1 } graph_state;

// The engine locks databases and connections internally, so these handles may go from thread to thread.
typedef struct GRAPH_SENDABLE { void *_Nullable pointer; } graph_database;
typedef struct GRAPH_SENDABLE { void *_Nullable pointer; } graph_connection;
typedef struct { void *_Nullable pointer; void *_Nullable bound_values; } graph_prepared_statement;
typedef struct { void *_Nullable pointer; bool is_owned_by_cpp; } graph_query_result;
typedef struct { void *_Nullable pointer; bool is_owned_by_cpp; } graph_flat_tuple;
typedef struct { void *_Nullable pointer; } graph_logical_type;
typedef struct { void *_Nullable pointer; bool is_owned_by_cpp; } graph_value;

typedef struct { uint64_t table_id; uint64_t offset; } graph_internal_id;
typedef struct { int32_t days; } graph_date;
typedef struct { int64_t value; } graph_timestamp;
typedef struct { int32_t months; int32_t days; int64_t micros; } graph_interval;
typedef struct { uint64_t low; int64_t high; } graph_int128;

typedef enum {
    GRAPH_ANY = 0,
    GRAPH_NODE = 10,
    GRAPH_REL = 11,
    GRAPH_RECURSIVE_REL = 12,
    GRAPH_SERIAL = 13,
    GRAPH_BOOL = 22,
    GRAPH_INT64 = 23,
    GRAPH_INT32 = 24,
    GRAPH_INT16 = 25,
    GRAPH_INT8 = 26,
    GRAPH_UINT64 = 27,
    GRAPH_UINT32 = 28,
    GRAPH_UINT16 = 29,
    GRAPH_UINT8 = 30,
    GRAPH_INT128 = 31,
    GRAPH_DOUBLE = 32,
    GRAPH_FLOAT = 33,
    GRAPH_DATE = 34,
    GRAPH_TIMESTAMP = 35,
    GRAPH_TIMESTAMP_SEC = 36,
    GRAPH_TIMESTAMP_MS = 37,
    GRAPH_TIMESTAMP_NS = 38,
    GRAPH_TIMESTAMP_TZ = 39,
    GRAPH_INTERVAL = 40,
    GRAPH_DECIMAL = 41,
    GRAPH_INTERNAL_ID = 42,
    GRAPH_STRING = 50,
    GRAPH_BLOB = 51,
    GRAPH_LIST = 52,
    GRAPH_ARRAY = 53,
    GRAPH_STRUCT = 54,
    GRAPH_MAP = 55,
    GRAPH_UNION = 56,
    GRAPH_POINTER = 58,
    GRAPH_UUID = 59
} graph_type_id;

#endif
