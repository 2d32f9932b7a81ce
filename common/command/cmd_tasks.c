/* cmd_tasks.c - tasks: every asyncio task of every loop in a list. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/async_view.h"
#include "command/columns.h"
#include "command/table.h"

enum { COL_NAME, COL_STATE, COL_CORO, COL_PLACE, COL_REASON, COL_BY, NCOLUMNS };

enum order { BY_LOOP, BY_NAME, BY_STATE, BY_REASON, BY_PLACE, NORDERS };

struct row {
	struct scl_async_ref ref;
	size_t number; /* in the order of the registry, which makes sorting stable */
	const char *cell[NCOLUMNS];
};

struct lister {
	struct scl_session *session;
	struct scl_async_view view;
	struct row *rows;
	size_t n;
};

static const struct scl_task *task_of(const struct scl_async_ref *ref)
{
	return &ref->interp->tasks.list[ref->task];
}

/* -- cells ---------------------------------------------------------------------------------------------------- */

static const char *keep(struct lister *l, struct scl_buffer *text)
{
	const char *kept = scl_arena_strndup(&l->session->arena, scl_buffer_str(text), text->len);

	scl_buffer_clear(text);
	return kept ? kept : "";
}

static void put_awaited_by(struct lister *l, const struct scl_async_ref *ref, struct scl_buffer *out)
{
	enum { SHOWN = 3 };
	struct scl_links by = scl_graph_awaited_by(&ref->interp->graph, ref->task);

	for (size_t i = 0; i < by.n && i < SHOWN; i++) {
		scl_buffer_puts(out, i ? ", " : "");
		scl_async_put_name(&l->view, &ref->interp->tasks.list[by.to[i]], out);
	}
	if (by.n > SHOWN)
		scl_buffer_printf(out, " and %zu more", by.n - SHOWN);
}

static void put_state(const struct scl_task *task, struct scl_buffer *out)
{
	if (task->status != SCL_TASK_DONE || task->future.state == SCL_FUTURE_PENDING)
		scl_buffer_puts(out, scl_task_status_name(task->status));
	else if (task->future.exception)
		scl_buffer_puts(out, "failed");
	else
		scl_buffer_puts(out, scl_future_state_name(task->future.state));
}

static void put_reason(struct lister *l, const struct scl_async_ref *ref, struct scl_buffer *out)
{
	const struct scl_future *future = &task_of(ref)->future;

	if (task_of(ref)->status == SCL_TASK_WAITING)
		scl_async_put_wait(&l->view, ref->interp, ref->task, out);
	else if (future->exception)
		scl_view_put(l->session, scl_asyncio_class_name(ref->interp->asyncio, future->exception), out);
	if (task_of(ref)->chain.why) {
		scl_buffer_puts(out, " [");
		scl_view_put(l->session, task_of(ref)->chain.why->text, out);
		scl_buffer_putc(out, ']');
	}
}

static void fill_row(struct lister *l, struct row *row)
{
	struct scl_buffer text = {0};
	const struct scl_task *task = task_of(&row->ref);

	scl_async_put_name(&l->view, task, &text);
	row->cell[COL_NAME] = keep(l, &text);
	put_state(task, &text);
	row->cell[COL_STATE] = keep(l, &text);
	scl_view_put(l->session, task->coro_name, &text);
	row->cell[COL_CORO] = keep(l, &text);
	if (task->chain.n)
		scl_async_put_place(&l->view, scl_async_user_frame(&l->view, task), &text);
	row->cell[COL_PLACE] = keep(l, &text);
	put_reason(l, &row->ref, &text);
	row->cell[COL_REASON] = keep(l, &text);
	put_awaited_by(l, &row->ref, &text);
	row->cell[COL_BY] = keep(l, &text);
	scl_buffer_destroy(&text);
}

/* -- choosing and ordering ------------------------------------------------------------------------------------ */

static bool contains(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* A part of any cell, of the address or of the name as the target has it. */
static bool wanted(const struct row *row, const char *filter)
{
	char address[24];

	if (!filter)
		return true;
	snprintf(address, sizeof address, "0x%" PRIx64, task_of(&row->ref)->future.address);
	for (size_t i = 0; i < NCOLUMNS; i++)
		if (contains(row->cell[i], filter))
			return true;
	return contains(address, filter) || contains(task_of(&row->ref)->name, filter);
}

static bool collect(struct lister *l, const char *filter, struct scl_error *err)
{
	l->rows = scl_arena_calloc(&l->session->arena, scl_async_view_count(&l->view), sizeof *l->rows);
	if (!l->rows)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	for (size_t i = 0; i < l->view.n; i++)
		for (size_t k = 0; k < l->view.interps[i].tasks.n; k++) {
			struct row *row = &l->rows[l->n];

			*row = (struct row){.ref = {&l->view.interps[i], k}, .number = l->n};
			fill_row(l, row);
			l->n += wanted(row, filter);
			if (l->n % 1024 == 0 && !scl_session_go_on(l->session, err))
				return false;
		}
	return true;
}

static int compare_cells(const struct row *a, const struct row *b, size_t column)
{
	int by_cell = strcmp(a->cell[column], b->cell[column]);

	return by_cell ? by_cell : a->number < b->number ? -1 : a->number > b->number;
}

static int by_name(const void *a, const void *b)
{
	return compare_cells(a, b, COL_NAME);
}

static int by_state(const void *a, const void *b)
{
	return compare_cells(a, b, COL_STATE);
}

static int by_reason(const void *a, const void *b)
{
	return compare_cells(a, b, COL_REASON);
}

static int by_place(const void *a, const void *b)
{
	return compare_cells(a, b, COL_PLACE);
}

static void sort(struct lister *l, const char *order)
{
	static const struct {
		const char *name;
		int (*compare)(const void *, const void *);
	} orders[] = {{"name", by_name}, {"state", by_state}, {"reason", by_reason}, {"place", by_place}};

	for (size_t i = 0; l->n && i < sizeof orders / sizeof *orders; i++)
		if (strcmp(orders[i].name, order) == 0)
			qsort(l->rows, l->n, sizeof *l->rows, orders[i].compare);
}

/* -- output --------------------------------------------------------------------------------------------------- */

static void print_text(struct lister *l, uint64_t limit)
{
	static const char *const heads[NCOLUMNS] = {
		[COL_NAME] = "NAME", [COL_STATE] = "STATE",	 [COL_CORO] = "COROUTINE",
		[COL_PLACE] = "AT",  [COL_REASON] = "WAITS FOR", [COL_BY] = "AWAITED BY",
	};
	struct scl_columns columns = {.arena = &l->session->arena, .n = NCOLUMNS};
	size_t shown = limit && limit < l->n ? (size_t)limit : l->n;

	if (l->n) {
		scl_columns_add(&columns, heads);
		for (size_t i = 0; i < shown; i++)
			scl_columns_add(&columns, l->rows[i].cell);
		scl_columns_print(&columns, l->session->host->width, &l->session->out);
	}
	if (shown < l->n)
		scl_out(l->session, "%zu more: --limit 0 shows all\n", l->n - shown);
	if (!l->n)
		scl_out(l->session, l->view.n ? "no task\n" : "no task: asyncio is not in use\n");
	scl_async_put_trouble(&l->view);
}

static bool print_json(struct lister *l, const struct scl_args *args, struct scl_error *err)
{
	cJSON *document = scl_view_json_begin(l->session), *tasks;
	bool done;

	scl_async_json_add_loops(&l->view, document);
	tasks = cJSON_AddArrayToObject(document, "tasks");
	for (size_t i = 0; i < l->n; i++)
		cJSON_AddItemToArray(tasks, scl_async_json_task(&l->view, l->rows[i].ref.interp, l->rows[i].ref.task));
	scl_async_json_add_cycles(&l->view, document);
	scl_async_json_add_trouble(&l->view, document);
	done = scl_out_json(l->session, scl_arg(args, "--json"), document, err);
	cJSON_Delete(document);
	return done;
}

static bool run_tasks(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct lister l = {.session = session};
	bool done;

	if (!scl_async_view_take(session, &l.view, err))
		return false;
	done = collect(&l, scl_arg(args, "--filter")->text, err);
	if (done) {
		sort(&l, scl_arg(args, "--sort")->text);
		if (scl_arg(args, "--json")->given)
			done = print_json(&l, args, err);
		else
			print_text(&l, scl_arg(args, "--limit")->count);
	}
	scl_async_view_close(&l.view);
	return done;
}

static const char *const orders[] = {"loop", "name", "state", "reason", "place", NULL};

static const struct scl_arg_spec args_table[] = {
	{.name = "--filter",
	 .letter = 'f',
	 .kind = SCL_ARG_TEXT,
	 .metavar = "TEXT",
	 .help = "only tasks with that text in their name, address or any column"},
	{.name = "--sort",
	 .letter = 's',
	 .kind = SCL_ARG_CHOICE,
	 .choices = orders,
	 .standard = "loop",
	 .metavar = "ORDER",
	 .help = "the order; within a loop it is that of the numbers of default names"},
	{.name = "--limit",
	 .letter = 'n',
	 .kind = SCL_ARG_WHOLE,
	 .metavar = "N",
	 .max = 1000000,
	 .standard = "200",
	 .help = "tasks that are shown; 0: all"},
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON, without a limit"},
};

const struct scl_command scl_cmd_tasks = {
	.name = "tasks",
	.summary = "every asyncio task: its state, its place, what it waits for",
	.details = "Tasks of every loop in any thread and interpreter, those that are done and not yet collected "
		   "included. "
		   "The place is the innermost frame of the user's own code in the chain of what the task awaits; "
		   "where it "
		   "has none, the innermost of all. A task that is ready has its next step in the loop's queue.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_tasks,
	.example = "$ scalene tasks --filter Lock\n"
		   "NAME     STATE    COROUTINE  AT            WAITS FOR                                               "
		   "     "
		   "                 AWAITED BY\n"
		   "Task-10  waiting  refund     orders.py:7   Lock 0x7f51a7524da0, 1 waiting, held by Task-11 (audit "
		   "orders.py:14)  Task-1, Task-11\n"
		   "Task-11  waiting  audit      orders.py:14  Lock 0x7f51a7524530, 1 waiting, held by Task-10 (refund "
		   "orders.py:7)  Task-1, Task-10",
};
