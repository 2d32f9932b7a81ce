/* out.c - what a command prints: collected, handed to the host in large pieces. */
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "command/command.h"

enum { FLUSH_AT = 32 * 1024 };

void scl_out(struct scl_session *session, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(text)) {
		char *longer = scl_arena_alloc(&session->arena, (size_t)len + 1);
		va_start(ap, fmt);
		if (longer)
			vsnprintf(longer, (size_t)len + 1, fmt, ap);
		va_end(ap);
		scl_buffer_puts(&session->out, longer ? longer : text);
	} else if (len > 0) {
		scl_buffer_append(&session->out, text, (size_t)len);
	}
	if (session->out.len > FLUSH_AT)
		scl_out_flush(session);
}

bool scl_out_flush(struct scl_session *session)
{
	struct scl_buffer *out = &session->out;

	if (out->len && !session->quit)
		session->quit = !session->host->write(session->host, out->data, out->len);
	scl_buffer_clear(out);
	return !session->quit;
}

bool scl_session_color(const struct scl_session *session)
{
	if (strcmp(session->settings.color, "auto") == 0)
		return session->host->color;
	return strcmp(session->settings.color, "on") == 0;
}

bool scl_session_go_on(struct scl_session *session, struct scl_error *err)
{
	if (session->quit || (session->host->interrupted && session->host->interrupted(session->host)))
		return scl_fail(err, SCL_EINTERRUPTED, "interrupted");
	return true;
}

/*
 * cJSON escapes what JSON asks for, which leaves DEL, C1 and marks that deceive as they are. They can only be inside
 * strings, where \u says the same without moving a cursor. What is below U+0020 in its text is its own layout.
 */
static bool is_harmful_string(uint32_t c)
{
	return c >= 0x7f && scl_text_is_harmful(c);
}

bool scl_is_output(const char *path)
{
	return strcmp(path, "-") == 0;
}

bool scl_out_document(struct scl_session *session, const char *path, const char *text, size_t len,
		      struct scl_error *err)
{
	if (!scl_is_output(path))
		return scl_write_file(path, text, len, err);
	scl_buffer_append(&session->out, text, len);
	return true;
}

bool scl_out_json(struct scl_session *session, const struct scl_arg_value *json, struct cJSON *document,
		  struct scl_error *err)
{
	struct scl_buffer text = {0};
	char *printed = document ? cJSON_Print(document) : NULL;
	bool done;

	if (printed) {
		scl_text_put_json(&text, printed, is_harmful_string);
		scl_buffer_putc(&text, '\n');
	}
	cJSON_free(printed);
	if (!printed || text.failed)
		done = scl_fail(err, SCL_ENOMEM, "out of memory for the JSON document");
	else
		done = scl_out_document(session, json->text ? json->text : "-", text.data, text.len, err);
	scl_buffer_destroy(&text);
	return done;
}
