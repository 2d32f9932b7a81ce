/* cmd_task.c - task: one asyncio task whole. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/async_view.h"
#include "command/source.h"
#include "command/table.h"
#include "command/value.h"

enum { LOCALS_SHOWN = 30, FRAMES_SHOWN = 200, CALLBACKS_SHOWN = 20, LINKS_SHOWN = 20 };

struct shower {
	struct scl_session *session;
	struct scl_async_view view;
	struct scl_source_cache source;
	bool locals;
};

static struct scl_buffer *out_of(struct shower *s)
{
	return &s->session->out;
}

/* -- finding it ----------------------------------------------------------------------------------------------- */

struct search {
	const char *word;
	uint64_t address; /* 0: the word is none */
	struct scl_async_ref found;
	size_t n;
	struct scl_buffer candidates;
};

static void consider(struct search *search, struct scl_async_interp *interp, size_t i)
{
	const struct scl_task *task = &interp->tasks.list[i];

	if (search->address ? task->future.address != search->address : strcmp(task->name, search->word) != 0)
		return;
	if (search->n++ == 0)
		search->found = (struct scl_async_ref){interp, i};
	if (search->n <= LINKS_SHOWN)
		scl_buffer_printf(&search->candidates, "%s0x%" PRIx64, search->n > 1 ? ", " : "", task->future.address);
}

static bool find(struct shower *s, const char *word, struct scl_async_ref *ret, struct scl_error *err)
{
	struct search search = {.word = word};
	char *end;

	if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
		search.address = strtoull(word, &end, 16);
		search.address = *end ? 0 : search.address;
	}
	for (size_t i = 0; i < s->view.n; i++)
		for (size_t k = 0; k < s->view.interps[i].tasks.n; k++)
			consider(&search, &s->view.interps[i], k);
	*ret = search.found;
	if (search.n == 0)
		scl_error_set(err, SCL_ENOTFOUND, 0, 0, "no task \"%s\"; \"%stasks\" lists them", word,
			      s->session->host->prompt);
	else if (search.n > 1)
		scl_error_set(err, SCL_EUSAGE, 0, 0, "%zu tasks are called \"%s\", at %s: choose one by its address",
			      search.n, word, scl_buffer_str(&search.candidates));
	scl_buffer_destroy(&search.candidates);
	return search.n == 1 && ret->interp != NULL;
}

/* -- parts ---------------------------------------------------------------------------------------------------- */

static void put_source(struct shower *s, const struct scl_frame *frame)
{
	struct scl_buffer safe = {0};
	size_t len = 0;
	const char *line = s->session->settings.source
				   ? scl_source_line(&s->source, frame->code->filename, frame->line, &len)
				   : NULL;

	if (!line)
		return;
	scl_text_append(&safe, line, len);
	scl_buffer_puts(out_of(s), "    ");
	scl_text_put_cut(out_of(s), scl_buffer_str(&safe), s->session->settings.max_string);
	scl_buffer_putc(out_of(s), '\n');
	scl_buffer_destroy(&safe);
}

static void put_locals(struct shower *s, const struct scl_decoder *decoder, const struct scl_frame *frame)
{
	const char *name;
	scl_addr value;

	for (unsigned i = 0; i < LOCALS_SHOWN && scl_local_at(decoder->locals, frame, i, &name, &value); i++) {
		if (!value)
			continue;
		scl_buffer_puts(out_of(s), "      ");
		scl_text_puts(out_of(s), name);
		scl_buffer_puts(out_of(s), " = ");
		scl_value_put(decoder, value, out_of(s));
		scl_buffer_putc(out_of(s), '\n');
	}
}

static void put_frame(struct shower *s, const struct scl_decoder *decoder, const struct scl_frame *frame)
{
	struct scl_buffer *out = out_of(s);

	if (!frame->code) {
		scl_buffer_printf(out, "  a frame at 0x%" PRIx64 " whose code object is not readable\n",
				  frame->address);
		return;
	}
	scl_buffer_puts(out, "  File \"");
	scl_view_put(s->session, frame->code->filename, out);
	scl_buffer_printf(out, "\", line %" PRId32 ", in ", frame->line);
	scl_view_put(s->session, frame->code->qualname, out);
	scl_buffer_putc(out, '\n');
	put_source(s, frame);
	if (s->locals)
		put_locals(s, decoder, frame);
}

static void put_chain(struct shower *s, const struct scl_async_interp *interp, const struct scl_task *task)
{
	const struct scl_chain *chain = &task->chain;
	size_t first = chain->n > FRAMES_SHOWN ? chain->n - FRAMES_SHOWN : 0;
	struct scl_buffer *out = out_of(s);

	scl_buffer_puts(out, "Await chain, outermost first:\n");
	if (first)
		scl_buffer_printf(out, "  [%zu outer frames not shown]\n", first);
	for (size_t i = first; i < chain->n; i++)
		put_frame(s, &interp->asyncio->decoder, &chain->items[i].frame);
	if (chain->n == 0)
		scl_buffer_puts(out, "  [no frame]\n");
	switch (chain->end) {
	case SCL_CHAIN_FUTURE:
	case SCL_CHAIN_OBJECT:
		scl_buffer_puts(out, "  which awaits ");
		scl_value_put(&interp->asyncio->decoder, chain->object, out);
		scl_buffer_putc(out, '\n');
		break;
	case SCL_CHAIN_BROKEN:
		scl_buffer_puts(out, "  [what it awaits cannot be read: ");
		scl_text_puts(out, chain->why ? chain->why->text : "?");
		scl_buffer_puts(out, "]\n");
		break;
	case SCL_CHAIN_YIELD:
	case SCL_CHAIN_NOT_STARTED:
	case SCL_CHAIN_RUNNING:
	case SCL_CHAIN_DONE:
	case SCL_CHAIN_CUT:
		scl_buffer_printf(out, "  [%s]\n", scl_chain_end_text(chain->end));
		break;
	}
}

static void put_links(struct shower *s, const struct scl_async_interp *interp, const char *what, struct scl_links links)
{
	struct scl_buffer *out = out_of(s);

	if (!links.n)
		return;
	scl_buffer_printf(out, "%-12s", what);
	for (size_t i = 0; i < links.n && i < LINKS_SHOWN; i++) {
		const struct scl_task *task = &interp->tasks.list[links.to[i]];

		scl_buffer_puts(out, i ? ", " : "");
		scl_async_put_name(&s->view, task, out);
		scl_buffer_printf(out, " 0x%" PRIx64, task->future.address);
	}
	if (links.n > LINKS_SHOWN)
		scl_buffer_printf(out, " and %zu more", links.n - LINKS_SHOWN);
	scl_buffer_putc(out, '\n');
}

static void put_callbacks(struct shower *s, struct scl_asyncio *a, const struct scl_future *future)
{
	struct scl_buffer *out = out_of(s);
	char name[SCL_KEY_MAX];
	scl_addr callback;

	for (unsigned i = 0; i < CALLBACKS_SHOWN && (callback = scl_future_callback(a, future, i)); i++) {
		scl_buffer_printf(out, "%-12s", i ? "" : "callbacks");
		scl_callback_name(a, callback, name, sizeof name);
		if (name[0])
			scl_text_puts(out, name);
		else
			scl_value_put(&a->decoder, callback, out);
		scl_buffer_putc(out, '\n');
	}
}

/* The thread that works for it, if it waits for an executor. */
static void put_worker(struct shower *s, const struct scl_async_interp *interp, const struct scl_wait *wait)
{
	const struct scl_thread_view *thread;

	if (!wait->worker)
		return;
	thread = &s->view.threads.threads[wait->worker->thread];
	scl_buffer_printf(out_of(s), "Stack of thread %" PRIu64 ", most recent call last:\n",
			  thread->sample->thread.lwp);
	for (size_t i = thread->sample->stack.count; i-- > 0;) {
		bool locals = s->locals;

		s->locals = false;
		put_frame(s, &interp->asyncio->decoder, &thread->sample->stack.frames[i]);
		s->locals = locals;
	}
}

static void put_outcome(struct shower *s, const struct scl_async_interp *interp, const struct scl_future *future)
{
	struct scl_buffer *out = out_of(s);

	if (future->state == SCL_FUTURE_PENDING)
		return;
	scl_buffer_printf(out, "%-12s%s", "state", scl_future_state_name(future->state));
	if (future->exception || (future->state == SCL_FUTURE_FINISHED && future->result)) {
		scl_buffer_puts(out, future->exception ? ", exception " : ", result ");
		scl_value_put(&interp->asyncio->decoder, future->exception ? future->exception : future->result, out);
	}
	scl_buffer_putc(out, '\n');
}

static void put_head(struct shower *s, const struct scl_async_interp *interp, size_t i)
{
	const struct scl_task *task = &interp->tasks.list[i];
	struct scl_buffer *out = out_of(s);
	struct scl_creation creation;

	scl_buffer_puts(out, "Task ");
	scl_async_put_name(&s->view, task, out);
	scl_buffer_printf(out, " at 0x%" PRIx64 ": %s", task->future.address, scl_task_status_name(task->status));
	scl_buffer_puts(out, interp->graph.stuck[i] ? ", stuck\n" : "\n");
	scl_buffer_printf(out, "%-12s", "coroutine");
	scl_view_put(s->session, task->coro_name, out);
	scl_buffer_putc(out, '\n');
	if (task->future.loop) {
		scl_buffer_printf(out, "%-12s", "loop");
		scl_value_put(&interp->asyncio->decoder, task->future.loop, out);
		scl_buffer_putc(out, '\n');
	}
	if (scl_async_creation(interp, &task->future, &creation)) {
		scl_buffer_printf(out, "%-12s", "made at");
		scl_view_put(s->session, creation.file, out);
		scl_buffer_printf(out, ":%" PRId64 " in ", creation.line);
		scl_view_put(s->session, creation.name, out);
		scl_buffer_putc(out, '\n');
	}
	put_outcome(s, interp, &task->future);
	if (task->status != SCL_TASK_WAITING)
		return;
	scl_buffer_printf(out, "%-12s", "waits for");
	scl_async_put_wait(&s->view, interp, i, out);
	scl_buffer_putc(out, '\n');
}

static void print_text(struct shower *s, const struct scl_async_ref *ref)
{
	const struct scl_async_interp *interp = ref->interp;
	const struct scl_task *task = &interp->tasks.list[ref->task];

	put_head(s, interp, ref->task);
	put_links(s, interp, "awaits", scl_graph_awaits(&interp->graph, ref->task));
	put_links(s, interp, "awaited by", scl_graph_awaited_by(&interp->graph, ref->task));
	put_callbacks(s, interp->asyncio, &task->future);
	if (task->status != SCL_TASK_DONE)
		put_chain(s, interp, task);
	put_worker(s, interp, &interp->graph.waits[ref->task]);
}

static bool print_json(struct shower *s, const struct scl_async_ref *ref, const struct scl_args *args,
		       struct scl_error *err)
{
	cJSON *document = scl_view_json_begin(s->session);
	bool done;

	cJSON_AddItemToObject(document, "task", scl_async_json_task(&s->view, ref->interp, ref->task));
	done = scl_out_json(s->session, scl_arg(args, "--json"), document, err);
	cJSON_Delete(document);
	return done;
}

static bool run_task(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct shower s = {.session = session,
			   .source = {.arena = &session->arena, .target = session->target},
			   .locals = !scl_arg(args, "--no-locals")->given};
	struct scl_async_ref ref;
	bool done;

	if (!scl_async_view_take(session, &s.view, err))
		return false;
	done = find(&s, scl_arg(args, "TASK")->text, &ref, err);
	if (done && scl_arg(args, "--json")->given)
		done = print_json(&s, &ref, args, err);
	else if (done)
		print_text(&s, &ref);
	scl_source_cache_close(&s.source);
	scl_async_view_close(&s.view);
	return done;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "TASK",
	 .kind = SCL_ARG_TASK,
	 .required = true,
	 .help = "its name or its address, as \"tasks\" prints them"},
	{.name = "--no-locals", .kind = SCL_ARG_FLAG, .help = "without the local variables of its frames"},
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON"},
};

const struct scl_command scl_cmd_task = {
	.name = "task",
	.summary = "one asyncio task whole: what it awaits, who awaits it",
	.details = "Local variables are shown by what they are: plain data by value, anything else by its type and "
		   "address. "
		   "No code of the target runs, __repr__ least of all.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_task,
	.example = "$ scalene task Task-11\n"
		   "Task Task-11 at 0x7f51a7b61c00: waiting, stuck\n"
		   "coroutine   audit\n"
		   "loop        <_UnixSelectorEventLoop at 0x7f51a7577cb0>\n"
		   "waits for   Lock 0x7f51a7524530, 1 waiting, held by Task-10 (refund orders.py:7)\n"
		   "awaits      Task-10 0x7f51a7b61b40\n"
		   "awaited by  Task-1 0x7f51a7b60680, Task-10 0x7f51a7b61b40\n"
		   "callbacks   gather.<locals>._done_callback\n"
		   "Await chain, outermost first:\n"
		   "  File \"/srv/orders.py\", line 14, in audit\n"
		   "    async with accounts:\n"
		   "      accounts = <Lock at 0x7f51a7524530>\n"
		   "      journal = <Lock at 0x7f51a7524da0>\n"
		   "  File \"/usr/lib/python3.12/asyncio/locks.py\", line 14, in _ContextManagerMixin.__aenter__\n"
		   "    await self.acquire()\n"
		   "      self = <Lock at 0x7f51a7524530>\n"
		   "  File \"/usr/lib/python3.12/asyncio/locks.py\", line 113, in Lock.acquire\n"
		   "    await fut\n"
		   "      self = <Lock at 0x7f51a7524530>\n"
		   "      fut = <_asyncio.Future at 0x7f51a7b4c2b0>\n"
		   "  which awaits <_asyncio.Future at 0x7f51a7b4c2b0>",
};
