/* cmd_await_report.c - await-report: what everybody is waiting for, folded, and what can never end. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/text.h"
#include "command/await_groups.h"
#include "command/await_tree.h"
#include "command/source.h"
#include "command/table.h"

enum { NAMES_SHOWN = 6, RING_SHOWN = 12, SOURCE_COLUMNS = 60 };

struct report {
	struct scl_session *session;
	struct scl_async_view view;
	struct scl_source_cache source;
	bool color;
};

static struct scl_buffer *out_of(struct report *r)
{
	return &r->session->out;
}

/* -- deadlocks ------------------------------------------------------------------------------------------------ */

static void put_edge(struct report *r, const struct scl_async_interp *interp, uint32_t task)
{
	const struct scl_wait *wait = &interp->graph.waits[task];
	struct scl_buffer *out = out_of(r);

	scl_async_put_name(&r->view, &interp->tasks.list[task], out);
	scl_buffer_printf(out, " 0x%" PRIx64 " ", interp->tasks.list[task].future.address);
	scl_async_put_place(&r->view, scl_async_user_frame(&r->view, &interp->tasks.list[task]), out);
	if (wait->kind == SCL_WAIT_LOCK)
		scl_buffer_printf(out, " (Lock 0x%" PRIx64 ")", wait->object);
	else if (wait->kind != SCL_WAIT_TASK)
		scl_buffer_printf(out, " (%s)", scl_wait_name(wait->kind));
}

static void put_cycle(struct report *r, const struct scl_async_interp *interp, const struct scl_cycle *cycle)
{
	struct scl_buffer *out = out_of(r);

	scl_buffer_puts(out, r->color ? "\033[1;31mDEADLOCK\033[m  " : "DEADLOCK  ");
	for (size_t i = 0; i < cycle->n; i++) {
		if (i == RING_SHOWN && cycle->n > RING_SHOWN + 1) {
			scl_buffer_printf(out, "%zu more → ", cycle->n - RING_SHOWN);
			break;
		}
		put_edge(r, interp, cycle->tasks[i]);
		scl_buffer_puts(out, " → ");
	}
	scl_async_put_name(&r->view, &interp->tasks.list[cycle->tasks[0]], out);
	if (cycle->members > cycle->n)
		scl_buffer_printf(out, "  (%zu tasks are knotted together here)", cycle->members);
	scl_buffer_puts(out, "  no timer, fd or thread can end it\n");
}

static void put_cycles(struct report *r, uint64_t limit)
{
	size_t n = 0;

	for (size_t i = 0; i < r->view.n; i++) {
		const struct scl_graph *graph = &r->view.interps[i].graph;

		for (size_t k = 0; k < graph->ncycles; k++, n++)
			if (!limit || n < limit)
				put_cycle(r, &r->view.interps[i], &graph->cycles[k]);
	}
	if (limit && n > limit)
		scl_buffer_printf(out_of(r), "%zu more deadlocks: --limit 0 shows all\n", n - (size_t)limit);
	if (n)
		scl_buffer_putc(out_of(r), '\n');
}

/* -- groups --------------------------------------------------------------------------------------------------- */

static void put_source(struct report *r, const struct scl_frame *frame)
{
	size_t len = 0;
	const char *line = frame && frame->code && r->session->settings.source
				   ? scl_source_line(&r->source, frame->code->filename, frame->line, &len)
				   : NULL;
	struct scl_buffer safe = {0};

	if (!line)
		return;
	scl_text_append(&safe, line, len);
	scl_buffer_puts(out_of(r), "   ");
	scl_text_put_cut(out_of(r), scl_buffer_str(&safe), SOURCE_COLUMNS);
	scl_buffer_destroy(&safe);
}

static void put_times(struct report *r, const struct scl_await_group *group, const char *before)
{
	if (!group->timed || group->n == 1)
		return;
	if (group->longest - group->shortest < 0.1)
		scl_buffer_printf(out_of(r), "%s%s%.1f s left", before, r->view.at_most, group->longest);
	else
		scl_buffer_printf(out_of(r), "%s%s%.1f to %.1f s left", before, r->view.at_most, group->shortest,
				  group->longest);
}

static void put_names(struct report *r, const struct scl_await_group *group)
{
	struct scl_buffer *out = out_of(r);

	scl_buffer_puts(out, "       ");
	for (size_t i = 0; i < group->n && i < NAMES_SHOWN; i++) {
		scl_buffer_puts(out, i ? " " : "");
		scl_async_put_name(&r->view, &group->tasks[i].interp->tasks.list[group->tasks[i].task], out);
	}
	if (group->n > NAMES_SHOWN)
		scl_buffer_printf(out, " and %zu more", group->n - NAMES_SHOWN);
	if (group->by[0])
		scl_buffer_printf(out, "   by  %s", group->by);
	scl_buffer_putc(out, '\n');
}

/* The reason in full where all have it in common; then where, with the source. */
static void put_group(struct report *r, const struct scl_await_group *group, enum scl_group_by by)
{
	const struct scl_async_ref *first = &group->tasks[0];
	const struct scl_task *task = &first->interp->tasks.list[first->task];
	const struct scl_frame *frame = scl_async_user_frame(&r->view, task);
	struct scl_buffer *out = out_of(r);

	scl_buffer_printf(out, "×%-5zu ", group->n);
	if (by != SCL_GROUP_BY_REASON)
		scl_buffer_printf(out, "%s   ", group->key);
	if (group->n == 1 || (group->same_object && !group->timed))
		scl_async_put_wait(&r->view, first->interp, first->task, out);
	else if (by == SCL_GROUP_BY_REASON)
		scl_async_put_wait_kind(&r->view, first->interp, first->task, out);
	put_times(r, group, by == SCL_GROUP_BY_REASON ? ", " : "");
	if (first->interp->graph.stuck[first->task] && by == SCL_GROUP_BY_REASON)
		scl_buffer_puts(out, r->color ? "  \033[31m(stuck)\033[m" : "  (stuck)");
	if (by == SCL_GROUP_BY_REASON) {
		scl_buffer_puts(out, "   ");
		scl_view_put(r->session, frame && frame->code ? frame->code->qualname : task->coro_name, out);
		scl_buffer_putc(out, ' ');
		if (frame)
			scl_async_put_place(&r->view, frame, out);
		put_source(r, frame);
	}
	scl_buffer_putc(out, '\n');
	put_names(r, group);
}

static bool put_groups(struct report *r, enum scl_group_by by, uint64_t limit, struct scl_error *err)
{
	struct scl_await_groups groups;
	size_t shown, hidden = 0;

	if (!scl_await_groups_make(&r->view, by, &groups, err))
		return false;
	shown = limit && limit < groups.n ? (size_t)limit : groups.n;
	for (size_t i = 0; i < groups.n; i++) {
		if (i < shown)
			put_group(r, &groups.list[i], by);
		else
			hidden += groups.list[i].n;
	}
	if (shown < groups.n)
		scl_out(r->session, "%zu more groups with %zu tasks: --limit 0 shows all\n", groups.n - shown, hidden);
	return true;
}

/* -- JSON ----------------------------------------------------------------------------------------------------- */

static cJSON *json_group(struct report *r, const struct scl_await_group *group)
{
	const struct scl_async_ref *first = &group->tasks[0];
	const struct scl_wait *wait = &first->interp->graph.waits[first->task];
	const struct scl_task *task = &first->interp->tasks.list[first->task];
	const struct scl_frame *frame = scl_async_user_frame(&r->view, task);
	cJSON *object = cJSON_CreateObject(), *tasks;

	cJSON_AddNumberToObject(object, "count", (double)group->n);
	cJSON_AddStringToObject(object, "key", group->key);
	cJSON_AddStringToObject(object, "by", group->by);
	cJSON_AddStringToObject(object, "status", scl_task_status_name(task->status));
	cJSON_AddStringToObject(object, "reason", scl_wait_name(wait->kind));
	cJSON_AddBoolToObject(object, "stuck", first->interp->graph.stuck[first->task]);
	if (group->timed) {
		cJSON_AddNumberToObject(object, "shortest_seconds_left", group->shortest);
		cJSON_AddNumberToObject(object, "longest_seconds_left", group->longest);
	}
	if (frame)
		cJSON_AddItemToObject(object, "frame", scl_view_json_frame(frame));
	tasks = cJSON_AddArrayToObject(object, "tasks");
	for (size_t i = 0; i < group->n; i++) {
		const struct scl_task *member = &group->tasks[i].interp->tasks.list[group->tasks[i].task];
		cJSON *item = cJSON_CreateObject();

		scl_view_json_address(item, "address", member->future.address);
		cJSON_AddStringToObject(item, "name", member->name);
		cJSON_AddItemToArray(tasks, item);
	}
	return object;
}

static bool print_json(struct report *r, enum scl_group_by by, const struct scl_args *args, struct scl_error *err)
{
	cJSON *document = scl_view_json_begin(r->session), *list;
	struct scl_await_groups groups;
	bool done = scl_await_groups_make(&r->view, by, &groups, err);

	if (done) {
		scl_async_json_add_loops(&r->view, document);
		cJSON_AddNumberToObject(document, "tasks", (double)scl_async_view_count(&r->view));
		list = cJSON_AddArrayToObject(document, "groups");
		for (size_t i = 0; i < groups.n; i++)
			cJSON_AddItemToArray(list, json_group(r, &groups.list[i]));
		scl_async_json_add_cycles(&r->view, document);
		scl_async_json_add_trouble(&r->view, document);
		done = scl_out_json(r->session, scl_arg(args, "--json"), document, err);
	}
	cJSON_Delete(document);
	return done;
}

/* -- the command ---------------------------------------------------------------------------------------------- */

static const char *const groupings[] = {"reason", "line", "name", "creator", NULL};

static enum scl_group_by grouping(const struct scl_args *args)
{
	for (unsigned i = 0; groupings[i]; i++)
		if (strcmp(scl_arg(args, "--group-by")->text, groupings[i]) == 0)
			return (enum scl_group_by)i;
	return SCL_GROUP_BY_REASON;
}

static bool print_text(struct report *r, const struct scl_args *args, struct scl_error *err)
{
	const struct scl_arg_value *limit = scl_arg(args, "--limit");
	bool tree = scl_arg(args, "--tree")->given;

	scl_async_put_head(&r->view);
	scl_buffer_putc(out_of(r), '\n');
	put_cycles(r, limit->count);
	if (tree)
		return scl_await_tree_print(&r->view, limit->given || !limit->count ? limit->count : 2 * limit->count,
					    err);
	return put_groups(r, grouping(args), limit->count, err);
}

static bool run_await_report(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct report r = {.session = session,
			   .source = {.arena = &session->arena, .target = session->target},
			   .color = scl_session_color(session)};
	bool done;

	if (!scl_async_view_take(session, &r.view, err))
		return false;
	if (scl_arg(args, "--json")->given)
		done = print_json(&r, grouping(args), args, err);
	else
		done = print_text(&r, args, err);
	scl_source_cache_close(&r.source);
	scl_async_view_close(&r.view);
	return done;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "--group-by",
	 .letter = 'g',
	 .kind = SCL_ARG_CHOICE,
	 .choices = groupings,
	 .standard = "reason",
	 .metavar = "WHAT",
	 .help = "what makes tasks one group: reason, place and who awaits them; the line; the name but for its "
		 "number; "
		 "or where they were made (known in asyncio's debug mode)"},
	{.name = "--tree", .letter = 't', .kind = SCL_ARG_FLAG, .help = "who waits for whom, as a tree"},
	{.name = "--limit",
	 .letter = 'n',
	 .kind = SCL_ARG_WHOLE,
	 .metavar = "N",
	 .max = 1000000,
	 .standard = "20",
	 .help = "groups, deadlocks or lines of the tree that are shown; 0: all"},
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON, without a limit"},
};

const struct scl_command scl_cmd_await_report = {
	.name = "await-report",
	.summary = "what everybody is waiting for, folded; deadlocks edge by edge",
	.details =
		"Tasks that wait for the same reason at the same place, awaited from the same place, are one group: "
		"its "
		"size, the reason with its object where they share it, the innermost frame of the user's own code, the "
		"names, and who awaits them from the inside out. The largest group comes first, then the longest "
		"wait.\n\n"
		"A deadlock is a ring of tasks that only each other can end: by an await, gather, wait or TaskGroup, "
		"or by a "
		"lock whose holder a frame proves (it is inside \"async with lock\"). It is named beside everything "
		"else. A "
		"task is stuck when it is in a ring, waits for one, or waits for a future that nothing can complete.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_await_report,
	.example = "$ scalene await-report\n"
		   "Python 3.12.1, pid 4248 (live), 1 loop\n"
		   "loop   _UnixSelectorEventLoop on thread 4248 \"MainThread\": idle in event loop: epoll_wait · "
		   "ready 0 · "
		   "timers 5, next in 58.1 s · fds 0 · GIL free\n"
		   "tasks  11 · 11 waiting · 3 stuck · 1 cycle\n\n"
		   "DEADLOCK  Task-10 0x7f51a7b61b40 orders.py:7 (Lock 0x7f51a7524da0) → Task-11 0x7f51a7b61c00 "
		   "orders.py:14 (Lock 0x7f51a7524530) → Task-10  no timer, fd or thread can end it\n\n"
		   "×5     timer, 58.1 s left   deliver orders.py:21   await asyncio.sleep(60)\n"
		   "       Task-2 Task-3 Task-4 Task-5 Task-6\n"
		   "×3     Queue 0x7f51a75258b0 empty, maxsize 10, 3 getters   deliver orders.py:20   order = await "
		   "queue.get()\n"
		   "       Task-7 Task-8 Task-9\n"
		   "×1     Lock 0x7f51a7524530, 1 waiting, held by Task-10 (refund orders.py:7)  (stuck)   audit "
		   "orders.py:14   async with accounts:\n"
		   "       Task-11   by  2 tasks\n"
		   "×1     Lock 0x7f51a7524da0, 1 waiting, held by Task-11 (audit orders.py:14)  (stuck)   refund "
		   "orders.py:7   async with journal:\n"
		   "       Task-10   by  2 tasks\n"
		   "×1     gather, 0 of 2 done  (stuck)   main orders.py:29   await asyncio.gather(refund(accounts, "
		   "journal), "
		   "audit(accou…\n"
		   "       Task-1",
};
