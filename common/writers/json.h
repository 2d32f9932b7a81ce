/*
 * json.h - what every JSON writer needs on top of cJSON: plain ASCII, exact integers, no NaN, sticky failure.
 *
 * A document is emitted record by record (a line, a stack, a run), so memory holds its text and one record.
 */
#ifndef SCL_WRITERS_JSON_H
#define SCL_WRITERS_JSON_H

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/error.h"

struct scl_json {
	struct scl_buffer *out;
	bool failed;   /* memory ran out */
	bool separate; /* a comma is due before the next record */
};

/* Each adds one member; `key` must be a literal. */
void scl_json_string(struct scl_json *j, cJSON *object, const char *key, const char *value);
void scl_json_number(struct scl_json *j, cJSON *object, const char *key, double value);
void scl_json_integer(struct scl_json *j, cJSON *object, const char *key, int64_t value);
void scl_json_bool(struct scl_json *j, cJSON *object, const char *key, bool value);
void scl_json_null(struct scl_json *j, cJSON *object, const char *key);
/* Take over `value`, which may be NULL where memory ran out. */
void scl_json_item(struct scl_json *j, cJSON *object, const char *key, cJSON *value);
/* The same for an array. */
void scl_json_push(struct scl_json *j, cJSON *array, cJSON *value);
cJSON *scl_json_new_integer(int64_t value);

/* `"key": [` or `{`; records follow; then the closing bracket. The key of the target's own is NULL-safe text. */
void scl_json_open(struct scl_json *j, const char *key, char bracket);
void scl_json_close(struct scl_json *j, char bracket);
/* Print one record on a line of its own and free it; `key` NULL inside an array. */
void scl_json_emit(struct scl_json *j, const char *key, cJSON *value);
/* Print the members of an object without its braces, and free it. */
void scl_json_emit_members(struct scl_json *j, cJSON *object);

#endif
