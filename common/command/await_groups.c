#include "command/await_groups.h"

#include <stdlib.h>
#include <string.h>

enum { PARENTS_MAX = 5, FRAMES_MAX = 4, CHECK_EVERY = 4096 };

/* -- who awaits ----------------------------------------------------------------------------------------------- */

static void put_frame(const struct scl_async_view *view, const struct scl_frame *frame, struct scl_buffer *out)
{
	scl_buffer_puts(out, out->len ? " < " : "");
	scl_view_put(view->session, frame->code->qualname, out);
	scl_buffer_putc(out, ' ');
	scl_async_put_place(view, frame, out);
}

/* The user's frames of a chain, from the inside out, but for `except`. */
static void put_frames(const struct scl_async_view *view, const struct scl_task *task, const struct scl_frame *except,
		       struct scl_buffer *out)
{
	const struct scl_chain *chain = &task->chain;
	size_t shown = 0, more = 0;

	for (size_t i = chain->n; i-- > 0;) {
		const struct scl_frame *frame = &chain->items[i].frame;

		if (frame == except || !scl_async_is_user(view, frame))
			continue;
		if (shown == FRAMES_MAX) {
			more++;
			continue;
		}
		put_frame(view, frame, out);
		shown++;
	}
	if (more)
		scl_buffer_printf(out, " < %zu more", more);
}

/* How the parent waits for its children, where that is not a plain await. */
static void put_link(const struct scl_wait *wait, struct scl_buffer *out)
{
	if (wait->kind == SCL_WAIT_TASK)
		return;
	scl_buffer_puts(out, out->len ? " < " : "");
	scl_buffer_puts(out, wait->kind == SCL_WAIT_TASK_GROUP ? "TaskGroup" : scl_wait_name(wait->kind));
}

void scl_await_put_by(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
		      struct scl_buffer *out)
{
	const struct scl_tasks *tasks = &interp->tasks;
	struct scl_buffer text = {0};

	put_frames(view, &tasks->list[task], scl_async_user_frame(view, &tasks->list[task]), &text);
	for (unsigned depth = 0; depth < PARENTS_MAX; depth++) {
		struct scl_links by = scl_graph_awaited_by(&interp->graph, task);

		if (by.n != 1) {
			if (by.n)
				scl_buffer_printf(&text, "%s%zu tasks", text.len ? " < " : "", by.n);
			break;
		}
		put_link(&interp->graph.waits[by.to[0]], &text);
		task = by.to[0];
		put_frames(view, &tasks->list[task], NULL, &text);
	}
	scl_buffer_puts(out, scl_buffer_str(&text));
	scl_buffer_destroy(&text);
}

/* -- keys ----------------------------------------------------------------------------------------------------- */

static void put_leaf(const struct scl_async_view *view, const struct scl_task *task, struct scl_buffer *out)
{
	const struct scl_frame *frame = scl_async_user_frame(view, task);

	if (frame && frame->code) {
		scl_view_put(view->session, frame->code->qualname, out);
		scl_buffer_putc(out, ' ');
	} else {
		scl_view_put(view->session, task->coro_name, out);
		scl_buffer_putc(out, ' ');
	}
	scl_async_put_place(view, frame, out);
}

void scl_await_put_key(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
		       struct scl_buffer *out)
{
	scl_async_put_wait_kind(view, interp, task, out);
	scl_buffer_puts(out, interp->graph.stuck[task] ? "  (stuck)  " : "  ");
	put_leaf(view, &interp->tasks.list[task], out);
}

/* Names that differ in their numbers alone are one: "worker-*". */
static void put_name(const struct scl_async_view *view, const struct scl_task *task, struct scl_buffer *out)
{
	struct scl_buffer name = {0};
	size_t n;

	scl_async_put_name(view, task, &name);
	for (n = name.len; n > 0 && name.data[n - 1] >= '0' && name.data[n - 1] <= '9'; n--)
		;
	scl_buffer_append(out, scl_buffer_str(&name), n);
	scl_buffer_puts(out, n < name.len ? "*" : "");
	scl_buffer_destroy(&name);
}

static void put_creator(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
			struct scl_buffer *out)
{
	const struct scl_task *of = &interp->tasks.list[task];
	struct scl_creation creation;

	if (scl_async_creation(interp, &of->future, &creation)) {
		scl_buffer_puts(out, "made at ");
		scl_view_put(view->session, scl_view_shorten(view->filter, creation.file), out);
		scl_buffer_printf(out, ":%" PRId64 " in ", creation.line);
		scl_view_put(view->session, creation.name, out);
		return;
	}
	scl_buffer_puts(out, "coroutine ");
	scl_view_put(view->session, of->coro_name, out);
}

/* The one before is often the same, and then kept once. */
static const char *key_of(const struct scl_async_view *view, enum scl_group_by by, const struct scl_async_ref *ref,
			  const char *before, struct scl_buffer *text)
{
	scl_buffer_clear(text);
	switch (by) {
	case SCL_GROUP_BY_REASON:
		scl_await_put_key(view, ref->interp, ref->task, text);
		scl_buffer_putc(text, '\n');
		scl_await_put_by(view, ref->interp, ref->task, text);
		break;
	case SCL_GROUP_BY_LINE:
		put_leaf(view, &ref->interp->tasks.list[ref->task], text);
		break;
	case SCL_GROUP_BY_NAME:
		put_name(view, &ref->interp->tasks.list[ref->task], text);
		break;
	case SCL_GROUP_BY_CREATOR:
		put_creator(view, ref->interp, ref->task, text);
		break;
	}
	if (before && strcmp(before, scl_buffer_str(text)) == 0)
		return before;
	return scl_arena_strndup(&view->session->arena, scl_buffer_str(text), text->len);
}

/* -- groups --------------------------------------------------------------------------------------------------- */

struct entry {
	const char *key;
	size_t number;
	struct scl_async_ref ref;
};

static bool same_key(const struct entry *a, const struct entry *b)
{
	return a->key == b->key || strcmp(a->key, b->key) == 0;
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int by_key = a->key == b->key ? 0 : strcmp(a->key, b->key);

	return by_key ? by_key : a->number < b->number ? -1 : a->number > b->number;
}

static int compare_groups(const void *left, const void *right)
{
	const struct scl_await_group *a = left, *b = right;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	if (a->timed != b->timed) /* without a timer a wait may last for ever */
		return a->timed ? 1 : -1;
	if (a->longest != b->longest)
		return a->longest > b->longest ? -1 : 1;
	return strcmp(a->key, b->key);
}

static size_t collect(const struct scl_async_view *view, enum scl_group_by by, struct entry *entries,
		      struct scl_error *err)
{
	struct scl_buffer text = {0};
	size_t n = 0;

	for (size_t i = 0; i < view->n; i++)
		for (size_t k = 0; k < view->interps[i].tasks.n; k++) {
			struct entry *entry = &entries[n];

			if (view->interps[i].tasks.list[k].status == SCL_TASK_DONE)
				continue;
			*entry = (struct entry){.number = n, .ref = {&view->interps[i], k}};
			entry->key = key_of(view, by, &entry->ref, n ? entries[n - 1].key : NULL, &text);
			if (!entry->key || (++n % CHECK_EVERY == 0 && !scl_session_go_on(view->session, err))) {
				if (!entry->key)
					scl_error_set(err, SCL_ENOMEM, 0, 0, "out of memory");
				scl_buffer_destroy(&text);
				return SIZE_MAX;
			}
		}
	scl_buffer_destroy(&text);
	return n;
}

static void add_time(const struct scl_async_view *view, struct scl_await_group *group, const struct scl_wait *wait)
{
	double when = wait->has_deadline ? wait->deadline : wait->timeout, left = when - view->now;

	if ((!wait->has_deadline && !wait->has_timeout) || view->now <= 0)
		return;
	if (!group->timed || left < group->shortest)
		group->shortest = left;
	if (!group->timed || left > group->longest)
		group->longest = left;
	group->timed = true;
}

static void fill(const struct scl_async_view *view, struct scl_await_group *group, const struct entry *entries,
		 size_t n, struct scl_async_ref *refs)
{
	const char *by = strchr(entries[0].key, '\n');

	*group = (struct scl_await_group){.tasks = refs, .n = n, .key = entries[0].key, .by = "", .same_object = true};
	if (by) {
		group->key = scl_arena_strndup(&view->session->arena, group->key, (size_t)(by - group->key));
		group->by = by + 1;
	}
	if (!group->key)
		group->key = "";
	for (size_t i = 0; i < n; i++) {
		const struct scl_wait *wait = &entries[i].ref.interp->graph.waits[entries[i].ref.task];

		refs[i] = entries[i].ref;
		add_time(view, group, wait);
		group->same_object = group->same_object && wait->object &&
				     wait->object == refs[0].interp->graph.waits[refs[0].task].object;
	}
}

bool scl_await_groups_make(const struct scl_async_view *view, enum scl_group_by by, struct scl_await_groups *ret,
			   struct scl_error *err)
{
	struct scl_arena *arena = &view->session->arena;
	size_t count = scl_async_view_count(view), n;
	struct entry *entries = scl_arena_calloc(arena, count, sizeof *entries);
	struct scl_async_ref *refs = scl_arena_calloc(arena, count, sizeof *refs);

	*ret = (struct scl_await_groups){.list = scl_arena_calloc(arena, count, sizeof *ret->list)};
	if (!entries || !refs || !ret->list)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	n = collect(view, by, entries, err);
	if (n == SIZE_MAX)
		return false;
	if (n)
		qsort(entries, n, sizeof *entries, compare_entries);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && same_key(&entries[i], &entries[end]); end++)
			;
		fill(view, &ret->list[ret->n++], &entries[i], end - i, &refs[i]);
	}
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, compare_groups);
	return true;
}
