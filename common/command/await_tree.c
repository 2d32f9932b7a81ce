#include "command/await_tree.h"

#include <stdlib.h>
#include <string.h>

#include "command/await_groups.h"

enum { DEPTH_MAX = 64, NAMES_SHOWN = 4 };

/* A task to be printed below its parent, with what makes it equal to others. */
struct leaf {
	const char *key;
	uint32_t task;
};

struct tree {
	const struct scl_async_view *view;
	const struct scl_async_interp *interp;
	bool *printed;
	struct leaf *leaves; /* scratch for the children at hand */
	uint64_t lines, limit, hidden;
	struct scl_buffer prefix;
	bool failed;
};

static struct scl_buffer *out_of(struct tree *t)
{
	return &t->view->session->out;
}

static const struct scl_task *task_at(const struct tree *t, uint32_t task)
{
	return &t->interp->tasks.list[task];
}

/* False when no more lines fit; what does not fit is counted. */
static bool begin_line(struct tree *t, const char *joint, size_t tasks)
{
	if (t->limit && t->lines >= t->limit) {
		t->hidden += tasks;
		return false;
	}
	t->lines++;
	scl_buffer_puts(out_of(t), scl_buffer_str(&t->prefix));
	scl_buffer_puts(out_of(t), joint);
	return true;
}

static void put_task(struct tree *t, uint32_t task)
{
	const struct scl_frame *frame = scl_async_user_frame(t->view, task_at(t, task));

	scl_async_put_name(t->view, task_at(t, task), out_of(t));
	scl_buffer_puts(out_of(t), "  ");
	scl_view_put(t->view->session, frame && frame->code ? frame->code->qualname : task_at(t, task)->coro_name,
		     out_of(t));
	scl_buffer_putc(out_of(t), ' ');
	if (frame)
		scl_async_put_place(t->view, frame, out_of(t));
	scl_buffer_puts(out_of(t), "  ");
	scl_async_put_wait(t->view, t->interp, task, out_of(t));
	scl_buffer_puts(out_of(t), t->interp->graph.stuck[task] ? "  (stuck)\n" : "\n");
}

/* -- folding -------------------------------------------------------------------------------------------------- */

static bool is_leaf(const struct tree *t, uint32_t task)
{
	return !t->printed[task] && scl_graph_awaits(&t->interp->graph, task).n == 0;
}

static int compare(const void *left, const void *right)
{
	const struct leaf *a = left, *b = right;
	int by_key = strcmp(a->key, b->key);

	return by_key ? by_key : a->task < b->task ? -1 : a->task > b->task;
}

static void print_fold(struct tree *t, const struct leaf *leaves, size_t n, const char *joint)
{
	struct scl_buffer *out = out_of(t);

	for (size_t i = 0; i < n; i++)
		t->printed[leaves[i].task] = true;
	if (!begin_line(t, joint, n))
		return;
	if (n == 1) {
		put_task(t, leaves[0].task);
		return;
	}
	scl_buffer_printf(out, "×%zu  %s ", n, leaves[0].key);
	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
		scl_buffer_putc(out, ' ');
		scl_async_put_name(t->view, task_at(t, leaves[i].task), out);
	}
	if (n > NAMES_SHOWN)
		scl_buffer_printf(out, " and %zu more", n - NAMES_SHOWN);
	scl_buffer_putc(out, '\n');
}

/* The leaves among `tasks` into t->leaves, equal ones side by side. */
static size_t collect_leaves(struct tree *t, const uint32_t *tasks, size_t n)
{
	struct scl_buffer key = {0};
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_leaf(t, tasks[i]))
			continue;
		scl_buffer_clear(&key);
		scl_await_put_key(t->view, t->interp, tasks[i], &key);
		t->leaves[found].task = tasks[i];
		t->leaves[found].key = scl_arena_strndup(&t->view->session->arena, scl_buffer_str(&key), key.len);
		t->failed = t->failed || !t->leaves[found].key;
		found += t->leaves[found].key != NULL;
	}
	scl_buffer_destroy(&key);
	if (found)
		qsort(t->leaves, found, sizeof *t->leaves, compare);
	return found;
}

/* -- the tree ------------------------------------------------------------------------------------------------- */

static void print_below(struct tree *t, const uint32_t *tasks, size_t n, bool root, unsigned depth);

static void print_node(struct tree *t, uint32_t task, const char *joint, const char *below, unsigned depth)
{
	struct scl_links links = scl_graph_awaits(&t->interp->graph, task);
	size_t len = t->prefix.len;

	if (t->printed[task]) {
		if (begin_line(t, joint, 0)) {
			scl_async_put_name(t->view, task_at(t, task), out_of(t));
			scl_buffer_puts(out_of(t), "  (above)\n");
		}
		return;
	}
	t->printed[task] = true;
	if (begin_line(t, joint, 1))
		put_task(t, task);
	if (depth == DEPTH_MAX)
		return; /* what is below is printed as if it were nobody's */
	scl_buffer_puts(&t->prefix, below);
	print_below(t, links.to, links.n, false, depth + 1);
	t->prefix.len = len;
	if (t->prefix.data)
		t->prefix.data[len] = '\0';
}

/* Nodes that have something below them, then the leaves, folded. */
static void print_below(struct tree *t, const uint32_t *tasks, size_t n, bool root, unsigned depth)
{
	size_t nleaves, nodes = 0, seen = 0;

	for (size_t i = 0; i < n; i++)
		nodes += !is_leaf(t, tasks[i]);
	for (size_t i = 0; i < n; i++) {
		if (is_leaf(t, tasks[i]))
			continue;
		bool last = ++seen == nodes && nodes == n;

		print_node(t, tasks[i], root ? "" : last ? "└─ " : "├─ ", root ? "" : last ? "   " : "│  ", depth);
	}
	nleaves = collect_leaves(t, tasks, n);
	for (size_t i = 0, end; i < nleaves; i = end) {
		for (end = i + 1; end < nleaves && strcmp(t->leaves[end].key, t->leaves[i].key) == 0; end++)
			;
		print_fold(t, &t->leaves[i], end - i, root ? "" : end == nleaves ? "└─ " : "├─ ");
	}
}

static bool print_interp(struct tree *t)
{
	size_t n = t->interp->tasks.n, nroots = 0;
	struct scl_arena *arena = &t->view->session->arena;
	uint32_t *roots = scl_arena_calloc(arena, n, sizeof *roots);

	t->printed = scl_arena_calloc(arena, n, sizeof *t->printed);
	t->leaves = scl_arena_calloc(arena, n, sizeof *t->leaves);
	if (!roots || !t->printed || !t->leaves)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (task_at(t, i)->status == SCL_TASK_DONE)
			t->printed[i] = true;
		else if (scl_graph_awaited_by(&t->interp->graph, i).n == 0)
			roots[nroots++] = i;
	print_below(t, roots, nroots, true, 0);
	/* What is left is in rings, or very deep. */
	for (uint32_t i = 0; i < n; i++)
		if (!t->printed[i])
			print_node(t, i, "", "", 0);
	return !t->failed;
}

bool scl_await_tree_print(const struct scl_async_view *view, uint64_t limit, struct scl_error *err)
{
	struct tree t = {.view = view, .limit = limit};
	bool done = true;

	for (size_t i = 0; i < view->n && done; i++) {
		t.interp = &view->interps[i];
		done = print_interp(&t) && !t.prefix.failed;
	}
	scl_buffer_destroy(&t.prefix);
	if (t.hidden)
		scl_buffer_printf(&view->session->out, "%" PRIu64 " more tasks: --limit 0 shows all\n", t.hidden);
	return done || scl_fail(err, SCL_ENOMEM, "out of memory");
}
