/* view.c - taking one sample for a listing. */
#include "command/view.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum {
	RETRIES = 200, /* of one stack that moves; each takes some ten microseconds */
	SETTLE_NS = 200 * SCL_NS_PER_MS,
};

/* -- one sample that holds together ------------------------------------------------------------------------------ */

static bool shares_gil(const struct scl_runtime *rt, const struct scl_thread_sample *a,
		       const struct scl_thread_sample *b)
{
	return rt->layout.gil_home == SCL_GIL_RUNTIME || a->thread.interp == b->thread.interp;
}

/* Threads of a running target are read one after the other: the GIL may change hands from one to the next. */
static struct scl_thread_sample *second_holder(const struct scl_runtime *rt, const struct scl_sample *sample)
{
	const struct scl_thread_sample *holder = NULL;

	for (size_t i = 0; i < sample->nthreads; i++) {
		struct scl_thread_sample *thread = &sample->threads[i];
		if (!thread->holds_gil)
			continue;
		if (holder && shares_gil(rt, holder, thread))
			return thread;
		holder = thread;
	}
	return NULL;
}

/* Looks again for a while when a stack moved or two threads seemed to hold one GIL. */
static bool take_settled(struct scl_session *session, struct scl_view *view, struct scl_error *err)
{
	uint64_t deadline = scl_clock_monotonic() + SETTLE_NS;
	struct scl_thread_sample *extra;

	do {
		if (!scl_session_go_on(session, err) ||
		    !scl_observer_take(view->observer, SCL_CHOOSE_ALL, RETRIES, &view->sample, err))
			return false;
		extra = second_holder(session->rt, &view->sample);
	} while ((extra || view->sample.torn) && scl_clock_monotonic() < deadline);
	for (; extra; extra = second_holder(session->rt, &view->sample))
		extra->holds_gil = false;
	return true;
}

/* -- the view ---------------------------------------------------------------------------------------------------- */

bool scl_view_take(struct scl_session *session, struct scl_view *view, struct scl_error *err)
{
	*view = (struct scl_view){.observer = scl_observer_create(session->rt)};
	if (!view->observer)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (!take_settled(session, view, err)) {
		scl_view_close(view);
		return false;
	}
	view->n = view->sample.nthreads;
	view->threads = scl_arena_calloc(&session->arena, view->n, sizeof(*view->threads));
	if (!view->threads) {
		scl_view_close(view);
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < view->n; i++) {
		const struct scl_thread_sample *sample = &view->sample.threads[i];
		view->threads[i] =
			(struct scl_thread_view){.sample = sample,
						 .kernel_name = sample->status.name,
						 .name = sample->name[0] ? sample->name : sample->status.name};
	}
	return true;
}

void scl_view_close(struct scl_view *view)
{
	scl_observer_destroy(view->observer);
	*view = (struct scl_view){0};
}

void scl_view_doing(const struct scl_thread_sample *thread, struct scl_buffer *out)
{
	const char *call = thread->status.in_syscall ? scl_syscall_name(thread->status.syscall) : NULL;

	if (thread->inner)
		scl_buffer_printf(out, "in interpreter %" PRId64, thread->inner);
	else if (thread->activity == SCL_ACTIVITY_SYSCALL && call)
		scl_buffer_printf(out, "blocked in %s", call);
	else if (thread->activity == SCL_ACTIVITY_LOOP_IDLE && call)
		scl_buffer_printf(out, "%s: %s", scl_activity_name(thread->activity), call);
	else
		scl_buffer_puts(out, scl_activity_name(thread->activity));
}

void scl_view_put(const struct scl_session *session, const char *text, struct scl_buffer *out)
{
	struct scl_buffer safe = {0};

	scl_text_puts(&safe, text);
	scl_text_put_cut(out, scl_buffer_str(&safe), session->settings.max_string);
	scl_buffer_destroy(&safe);
}

/* What follows site-packages/ or lib/pythonX.Y/; else the path. */
static const char *in_library(const char *path)
{
	const char *packages = strstr(path, "/site-packages/"), *library = strstr(path, "/lib/python");
	const char *rest = library ? strchr(library + sizeof("/lib/python") - 1, '/') : NULL;

	if (packages)
		return packages + sizeof("/site-packages/") - 1;
	return rest && rest[1] ? rest + 1 : path;
}

const char *scl_view_shorten(const struct scl_filter *filter, const char *path)
{
	const char *directory = scl_filter_directory(filter);
	const char *library = in_library(path);
	size_t len = strlen(directory);

	if (library != path)
		return library;
	while (len > 0 && directory[len - 1] == '/')
		len--;
	if (len > 0 && strncmp(path, directory, len) == 0 && path[len] == '/' && path[len + 1])
		return path + len + 1;
	return path;
}

/* -- JSON ------------------------------------------------------------------------------------------------------ */

void scl_view_json_address(struct cJSON *object, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	cJSON_AddStringToObject(object, key, text);
}

struct cJSON *scl_view_json_begin(const struct scl_session *session)
{
	cJSON *document = cJSON_CreateObject();

	cJSON_AddNumberToObject(document, "pid", scl_target_pid(session->target));
	cJSON_AddStringToObject(document, "python", session->rt->version);
	if (session->rt->unverified)
		cJSON_AddBoolToObject(document, "unverified", true);
	return document;
}

struct cJSON *scl_view_json_thread(const struct scl_thread_view *view)
{
	const struct scl_thread_sample *sample = view->sample;
	const char *call = sample->status.in_syscall ? scl_syscall_name(sample->status.syscall) : NULL;
	cJSON *object = cJSON_CreateObject();

	cJSON_AddNumberToObject(object, "lwp", (double)sample->thread.lwp);
	scl_view_json_address(object, "ident", sample->thread.ident);
	cJSON_AddStringToObject(object, "name", view->name);
	cJSON_AddStringToObject(object, "kernel_name", view->kernel_name);
	cJSON_AddBoolToObject(object, "main", sample->thread.main);
	cJSON_AddNumberToObject(object, "interpreter", (double)sample->thread.interp_id);
	if (sample->inner)
		cJSON_AddNumberToObject(object, "inner_interpreter", (double)sample->inner);
	cJSON_AddStringToObject(object, "activity", scl_activity_name(sample->activity));
	if (call)
		cJSON_AddStringToObject(object, "syscall", call);
	cJSON_AddBoolToObject(object, "holds_gil", sample->holds_gil);
	return object;
}

struct cJSON *scl_view_json_frame(const struct scl_frame *frame)
{
	cJSON *object = cJSON_CreateObject();

	if (frame->code) {
		cJSON_AddStringToObject(object, "file", frame->code->filename);
		cJSON_AddStringToObject(object, "name", frame->code->name);
		cJSON_AddStringToObject(object, "qualname", frame->code->qualname);
	}
	if (frame->line > 0)
		cJSON_AddNumberToObject(object, "line", frame->line);
	else
		cJSON_AddNullToObject(object, "line");
	return object;
}
