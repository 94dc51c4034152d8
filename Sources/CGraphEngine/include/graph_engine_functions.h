// One row for each function of the C interface that Trivet calls: return type, name without prefix, parameters.
// `graph_engine_functions` and the look-up in graph_engine.c are both made from this list, so they can't disagree.
#ifndef TRIVET_GRAPH_ENGINE_FUNCTIONS_H
#define TRIVET_GRAPH_ENGINE_FUNCTIONS_H

#include "graph_engine_types.h"

// clang-format off
#define GRAPH_ENGINE_FUNCTIONS(X) \
    /* Library */ \
    X(char *_Nullable, get_version, (void)) \
    X(uint64_t, get_storage_version, (void)) \
    X(void, destroy_string, (char *_Nonnull)) \
    X(void, destroy_blob, (uint8_t *_Nonnull)) \
    /* Database and connection */ \
    X(void, database_destroy, (graph_database *_Nonnull)) \
    X(graph_state, connection_init, (graph_database *_Nonnull, graph_connection *_Nonnull)) \
    X(void, connection_destroy, (graph_connection *_Nonnull)) \
    X(graph_state, connection_set_max_num_thread_for_exec, (graph_connection *_Nonnull, uint64_t)) \
    X(graph_state, connection_query, (graph_connection *_Nonnull, const char *_Nonnull, graph_query_result *_Nonnull)) \
    X(graph_state, connection_prepare, (graph_connection *_Nonnull, const char *_Nonnull, graph_prepared_statement *_Nonnull)) \
    X(graph_state, connection_execute, (graph_connection *_Nonnull, graph_prepared_statement *_Nonnull, graph_query_result *_Nonnull)) \
    X(void, connection_interrupt, (graph_connection *_Nonnull)) \
    X(graph_state, connection_set_query_timeout, (graph_connection *_Nonnull, uint64_t milliseconds)) \
    /* Prepared statement */ \
    X(void, prepared_statement_destroy, (graph_prepared_statement *_Nonnull)) \
    X(bool, prepared_statement_is_success, (graph_prepared_statement *_Nonnull)) \
    X(char *_Nullable, prepared_statement_get_error_message, (graph_prepared_statement *_Nonnull)) \
    X(graph_state, prepared_statement_bind_bool, (graph_prepared_statement *_Nonnull, const char *_Nonnull, bool)) \
    X(graph_state, prepared_statement_bind_int64, (graph_prepared_statement *_Nonnull, const char *_Nonnull, int64_t)) \
    X(graph_state, prepared_statement_bind_int32, (graph_prepared_statement *_Nonnull, const char *_Nonnull, int32_t)) \
    X(graph_state, prepared_statement_bind_int16, (graph_prepared_statement *_Nonnull, const char *_Nonnull, int16_t)) \
    X(graph_state, prepared_statement_bind_int8, (graph_prepared_statement *_Nonnull, const char *_Nonnull, int8_t)) \
    X(graph_state, prepared_statement_bind_uint64, (graph_prepared_statement *_Nonnull, const char *_Nonnull, uint64_t)) \
    X(graph_state, prepared_statement_bind_uint32, (graph_prepared_statement *_Nonnull, const char *_Nonnull, uint32_t)) \
    X(graph_state, prepared_statement_bind_uint16, (graph_prepared_statement *_Nonnull, const char *_Nonnull, uint16_t)) \
    X(graph_state, prepared_statement_bind_uint8, (graph_prepared_statement *_Nonnull, const char *_Nonnull, uint8_t)) \
    X(graph_state, prepared_statement_bind_double, (graph_prepared_statement *_Nonnull, const char *_Nonnull, double)) \
    X(graph_state, prepared_statement_bind_float, (graph_prepared_statement *_Nonnull, const char *_Nonnull, float)) \
    X(graph_state, prepared_statement_bind_string, (graph_prepared_statement *_Nonnull, const char *_Nonnull, const char *_Nonnull)) \
    X(graph_state, prepared_statement_bind_value, (graph_prepared_statement *_Nonnull, const char *_Nonnull, graph_value *_Nonnull)) \
    /* Query result */ \
    X(void, query_result_destroy, (graph_query_result *_Nonnull)) \
    X(bool, query_result_is_success, (graph_query_result *_Nonnull)) \
    X(char *_Nullable, query_result_get_error_message, (graph_query_result *_Nonnull)) \
    X(uint64_t, query_result_get_num_columns, (graph_query_result *_Nonnull)) \
    X(graph_state, query_result_get_column_name, (graph_query_result *_Nonnull, uint64_t, char *_Nullable *_Nonnull)) \
    X(graph_state, query_result_get_column_data_type, (graph_query_result *_Nonnull, uint64_t, graph_logical_type *_Nonnull)) \
    X(uint64_t, query_result_get_num_tuples, (graph_query_result *_Nonnull)) \
    X(bool, query_result_has_next, (graph_query_result *_Nonnull)) \
    X(graph_state, query_result_get_next, (graph_query_result *_Nonnull, graph_flat_tuple *_Nonnull)) \
    X(void, flat_tuple_destroy, (graph_flat_tuple *_Nonnull)) \
    X(graph_state, flat_tuple_get_value, (graph_flat_tuple *_Nonnull, uint64_t, graph_value *_Nonnull)) \
    /* Logical type */ \
    X(void, data_type_create, (graph_type_id, graph_logical_type *_Nullable, uint64_t, graph_logical_type *_Nonnull)) \
    X(void, data_type_destroy, (graph_logical_type *_Nonnull)) \
    X(graph_state, data_type_get_num_elements_in_array, (graph_logical_type *_Nonnull, uint64_t *_Nonnull)) \
    X(graph_type_id, data_type_get_id, (graph_logical_type *_Nonnull)) \
    /* Value: creation */ \
    X(graph_value *_Nullable, value_create_null, (void)) \
    X(graph_value *_Nullable, value_create_null_with_data_type, (graph_logical_type *_Nonnull)) \
    X(graph_value *_Nullable, value_create_default, (graph_logical_type *_Nonnull)) \
    X(graph_value *_Nullable, value_create_bool, (bool)) \
    X(graph_value *_Nullable, value_create_int8, (int8_t)) \
    X(graph_value *_Nullable, value_create_int16, (int16_t)) \
    X(graph_value *_Nullable, value_create_int32, (int32_t)) \
    X(graph_value *_Nullable, value_create_int64, (int64_t)) \
    X(graph_value *_Nullable, value_create_uint8, (uint8_t)) \
    X(graph_value *_Nullable, value_create_uint16, (uint16_t)) \
    X(graph_value *_Nullable, value_create_uint32, (uint32_t)) \
    X(graph_value *_Nullable, value_create_uint64, (uint64_t)) \
    X(graph_value *_Nullable, value_create_int128, (graph_int128)) \
    X(graph_value *_Nullable, value_create_float, (float)) \
    X(graph_value *_Nullable, value_create_double, (double)) \
    X(graph_value *_Nullable, value_create_internal_id, (graph_internal_id)) \
    X(graph_value *_Nullable, value_create_date, (graph_date)) \
    X(graph_value *_Nullable, value_create_timestamp, (graph_timestamp)) \
    X(graph_value *_Nullable, value_create_timestamp_ns, (graph_timestamp)) \
    X(graph_value *_Nullable, value_create_timestamp_ms, (graph_timestamp)) \
    X(graph_value *_Nullable, value_create_timestamp_sec, (graph_timestamp)) \
    X(graph_value *_Nullable, value_create_timestamp_tz, (graph_timestamp)) \
    X(graph_value *_Nullable, value_create_interval, (graph_interval)) \
    X(graph_value *_Nullable, value_create_string, (const char *_Nonnull)) \
    X(graph_state, value_create_list, (uint64_t, graph_value *_Nonnull *_Nonnull, graph_value *_Nullable *_Nonnull)) \
    X(graph_state, value_create_struct, (uint64_t, const char *_Nonnull *_Nonnull, graph_value *_Nonnull *_Nonnull, graph_value *_Nullable *_Nonnull)) \
    X(graph_state, value_create_map, (uint64_t, graph_value *_Nonnull *_Nonnull, graph_value *_Nonnull *_Nonnull, graph_value *_Nullable *_Nonnull)) \
    X(void, value_set_null, (graph_value *_Nonnull, bool)) \
    X(void, value_destroy, (graph_value *_Nonnull)) \
    /* Value: reading */ \
    X(bool, value_is_null, (graph_value *_Nonnull)) \
    X(void, value_get_data_type, (graph_value *_Nonnull, graph_logical_type *_Nonnull)) \
    X(graph_state, value_get_bool, (graph_value *_Nonnull, bool *_Nonnull)) \
    X(graph_state, value_get_int8, (graph_value *_Nonnull, int8_t *_Nonnull)) \
    X(graph_state, value_get_int16, (graph_value *_Nonnull, int16_t *_Nonnull)) \
    X(graph_state, value_get_int32, (graph_value *_Nonnull, int32_t *_Nonnull)) \
    X(graph_state, value_get_int64, (graph_value *_Nonnull, int64_t *_Nonnull)) \
    X(graph_state, value_get_uint8, (graph_value *_Nonnull, uint8_t *_Nonnull)) \
    X(graph_state, value_get_uint16, (graph_value *_Nonnull, uint16_t *_Nonnull)) \
    X(graph_state, value_get_uint32, (graph_value *_Nonnull, uint32_t *_Nonnull)) \
    X(graph_state, value_get_uint64, (graph_value *_Nonnull, uint64_t *_Nonnull)) \
    X(graph_state, value_get_int128, (graph_value *_Nonnull, graph_int128 *_Nonnull)) \
    X(graph_state, value_get_float, (graph_value *_Nonnull, float *_Nonnull)) \
    X(graph_state, value_get_double, (graph_value *_Nonnull, double *_Nonnull)) \
    X(graph_state, value_get_internal_id, (graph_value *_Nonnull, graph_internal_id *_Nonnull)) \
    X(graph_state, value_get_date, (graph_value *_Nonnull, graph_date *_Nonnull)) \
    X(graph_state, value_get_timestamp, (graph_value *_Nonnull, graph_timestamp *_Nonnull)) \
    X(graph_state, value_get_timestamp_ns, (graph_value *_Nonnull, graph_timestamp *_Nonnull)) \
    X(graph_state, value_get_timestamp_ms, (graph_value *_Nonnull, graph_timestamp *_Nonnull)) \
    X(graph_state, value_get_timestamp_sec, (graph_value *_Nonnull, graph_timestamp *_Nonnull)) \
    X(graph_state, value_get_timestamp_tz, (graph_value *_Nonnull, graph_timestamp *_Nonnull)) \
    X(graph_state, value_get_interval, (graph_value *_Nonnull, graph_interval *_Nonnull)) \
    X(graph_state, value_get_decimal_as_string, (graph_value *_Nonnull, char *_Nullable *_Nonnull)) \
    X(graph_state, value_get_string, (graph_value *_Nonnull, char *_Nullable *_Nonnull)) \
    X(graph_state, value_get_uuid, (graph_value *_Nonnull, char *_Nullable *_Nonnull)) \
    X(char *_Nullable, value_to_string, (graph_value *_Nonnull)) \
    X(graph_state, value_get_list_size, (graph_value *_Nonnull, uint64_t *_Nonnull)) \
    X(graph_state, value_get_list_element, (graph_value *_Nonnull, uint64_t, graph_value *_Nonnull)) \
    X(graph_state, value_get_struct_num_fields, (graph_value *_Nonnull, uint64_t *_Nonnull)) \
    X(graph_state, value_get_struct_field_name, (graph_value *_Nonnull, uint64_t, char *_Nullable *_Nonnull)) \
    X(graph_state, value_get_struct_field_value, (graph_value *_Nonnull, uint64_t, graph_value *_Nonnull)) \
    X(graph_state, value_get_map_size, (graph_value *_Nonnull, uint64_t *_Nonnull)) \
    X(graph_state, value_get_map_key, (graph_value *_Nonnull, uint64_t, graph_value *_Nonnull)) \
    X(graph_state, value_get_map_value, (graph_value *_Nonnull, uint64_t, graph_value *_Nonnull)) \
    X(graph_state, value_get_recursive_rel_node_list, (graph_value *_Nonnull, graph_value *_Nonnull)) \
    X(graph_state, value_get_recursive_rel_rel_list, (graph_value *_Nonnull, graph_value *_Nonnull)) \
    X(graph_state, node_val_get_id_val, (graph_value *_Nonnull, graph_value *_Nonnull)) \
    X(graph_state, node_val_get_label_val, (graph_value *_Nonnull, graph_value *_Nonnull)) \
    X(graph_state, node_val_get_property_size, (graph_value *_Nonnull, uint64_t *_Nonnull)) \
    X(graph_state, node_val_get_property_name_at, (graph_value *_Nonnull, uint64_t, char *_Nullable *_Nonnull)) \
    X(graph_state, node_val_get_property_value_at, (graph_value *_Nonnull, uint64_t, graph_value *_Nonnull)) \
    X(graph_state, rel_val_get_id_val, (graph_value *_Nonnull, graph_value *_Nonnull)) \
    X(graph_state, rel_val_get_label_val, (graph_value *_Nonnull, graph_value *_Nonnull)) \
    X(graph_state, rel_val_get_property_size, (graph_value *_Nonnull, uint64_t *_Nonnull)) \
    X(graph_state, rel_val_get_property_name_at, (graph_value *_Nonnull, uint64_t, char *_Nullable *_Nonnull)) \
    X(graph_state, rel_val_get_property_value_at, (graph_value *_Nonnull, uint64_t, graph_value *_Nonnull)) \
    X(graph_state, rel_val_get_src_id_val, (graph_value *_Nonnull, graph_value *_Nonnull)) \
    X(graph_state, rel_val_get_dst_id_val, (graph_value *_Nonnull, graph_value *_Nonnull))
// clang-format on

// The same for functions that only some engines have; the fields of the others are NULL.
// clang-format off
#define GRAPH_ENGINE_EXTRAS(X) \
    /* The reason of the last failure on this thread, once; the caller destroys it. */ \
    X(char *_Nullable, get_last_error, (void)) \
    X(graph_value *_Nullable, value_create_blob, (const uint8_t *_Nullable, uint64_t length)) \
    X(graph_value *_Nullable, value_create_uuid, (const char *_Nonnull)) \
    X(graph_value *_Nullable, value_create_decimal, (const char *_Nonnull, uint32_t precision, uint32_t scale)) \
    /* Kùzu's tells no length, so a zero byte would end the blob. */ \
    X(graph_state, value_get_blob, (graph_value *_Nonnull, uint8_t *_Nullable *_Nonnull, uint64_t *_Nonnull length))
// clang-format on

typedef struct GRAPH_SENDABLE {
#define GRAPH_ENGINE_FIELD(result, name, parameters) result (*_Nonnull name) parameters;
    GRAPH_ENGINE_FUNCTIONS(GRAPH_ENGINE_FIELD)
#undef GRAPH_ENGINE_FIELD
} graph_engine_functions;

typedef struct GRAPH_SENDABLE {
#define GRAPH_ENGINE_FIELD(result, name, parameters) result (*_Nullable name) parameters;
    GRAPH_ENGINE_EXTRAS(GRAPH_ENGINE_FIELD)
#undef GRAPH_ENGINE_FIELD
} graph_engine_extras;

#endif
