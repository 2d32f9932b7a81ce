#include "writers/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void scl_json_item(struct scl_json *j, cJSON *object, const char *key, cJSON *value)
{
	if (value && cJSON_AddItemToObjectCS(object, key, value))
		return;
	cJSON_Delete(value);
	j->failed = true;
}

void scl_json_push(struct scl_json *j, cJSON *array, cJSON *value)
{
	if (value && cJSON_AddItemToArray(array, value))
		return;
	cJSON_Delete(value);
	j->failed = true;
}

void scl_json_string(struct scl_json *j, cJSON *object, const char *key, const char *value)
{
	scl_json_item(j, object, key, cJSON_CreateString(value));
}

void scl_json_number(struct scl_json *j, cJSON *object, const char *key, double value)
{
	scl_json_item(j, object, key, cJSON_CreateNumber(isfinite(value) ? value : 0));
}

/* cJSON 1.7 prints 9007199254740991 as 9.00719925474099e+15, which is another number. */
cJSON *scl_json_new_integer(int64_t value)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRId64, value);
	return cJSON_CreateRaw(text);
}

void scl_json_integer(struct scl_json *j, cJSON *object, const char *key, int64_t value)
{
	scl_json_item(j, object, key, scl_json_new_integer(value));
}

void scl_json_bool(struct scl_json *j, cJSON *object, const char *key, bool value)
{
	scl_json_item(j, object, key, cJSON_CreateBool(value));
}

void scl_json_null(struct scl_json *j, cJSON *object, const char *key)
{
	scl_json_item(j, object, key, cJSON_CreateNull());
}

/*
 * The file is ASCII. Scalene's viewers splice it into an inline <script>, where a raw "</script" would end the page;
 * JSON has `<` within strings alone.
 */
static bool is_escaped(uint32_t c)
{
	return c >= 0x7f || c == '<';
}

static void print(struct scl_json *j, const cJSON *value)
{
	char *text = j->failed ? NULL : cJSON_PrintUnformatted(value);
	if (text)
		scl_text_put_json(j->out, text, is_escaped);
	else
		j->failed = true;
	cJSON_free(text);
}

static void begin_record(struct scl_json *j, const char *key)
{
	if (j->separate)
		scl_buffer_putc(j->out, ',');
	if (j->out->len)
		scl_buffer_putc(j->out, '\n');
	j->separate = true;
	if (!key)
		return;
	cJSON *name = cJSON_CreateString(key);
	print(j, name);
	cJSON_Delete(name);
	scl_buffer_puts(j->out, ": ");
}

void scl_json_open(struct scl_json *j, const char *key, char bracket)
{
	begin_record(j, key);
	scl_buffer_putc(j->out, bracket);
	j->separate = false;
}

void scl_json_close(struct scl_json *j, char bracket)
{
	if (j->separate)
		scl_buffer_putc(j->out, '\n');
	scl_buffer_putc(j->out, bracket);
	j->separate = true;
}

void scl_json_emit(struct scl_json *j, const char *key, cJSON *value)
{
	begin_record(j, key);
	print(j, value);
	cJSON_Delete(value);
}

void scl_json_emit_members(struct scl_json *j, cJSON *object)
{
	for (cJSON *member = object ? object->child : NULL; member; member = member->next) {
		begin_record(j, member->string);
		print(j, member);
	}
	j->failed |= !object;
	cJSON_Delete(object);
}
