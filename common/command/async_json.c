/* async_json.c - tasks, loops and cycles as JSON. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "command/async_view.h"

static void add_text(cJSON *object, const char *key, const struct scl_buffer *text)
{
	if (text->len)
		cJSON_AddStringToObject(object, key, scl_buffer_str(text));
}

/* -- a wait --------------------------------------------------------------------------------------------------- */

static void add_count(cJSON *object, const char *key, int64_t value)
{
	if (value >= 0)
		cJSON_AddNumberToObject(object, key, (double)value);
}

static void add_left(const struct scl_async_view *view, cJSON *object, const char *key, bool has, double when)
{
	if (!has)
		return;
	if (view->now > 0)
		cJSON_AddNumberToObject(object, key, when > view->now ? when - view->now : 0);
}

static void add_worker(const struct scl_async_view *view, cJSON *object, const struct scl_worker *worker)
{
	const struct scl_thread_view *thread = &view->threads.threads[worker->thread];
	cJSON *json = scl_view_json_thread(thread), *frames = cJSON_AddArrayToObject(json, "frames");

	for (size_t i = thread->sample->stack.count; i-- > 0;)
		cJSON_AddItemToArray(frames, scl_view_json_frame(&thread->sample->stack.frames[i]));
	cJSON_AddItemToObject(object, "thread", json);
}

static void add_fd(const struct scl_async_view *view, const struct scl_async_interp *interp, cJSON *object,
		   const struct scl_fd_wait *wait)
{
	struct scl_buffer text = {0};
	struct scl_fd fd;

	cJSON_AddNumberToObject(object, "fd", wait->fd);
	cJSON_AddStringToObject(object, "until", wait->writes ? "writable" : "readable");
	if (scl_async_fd(view, interp, wait, &fd)) {
		scl_fd_describe(&fd, &text);
		add_text(object, "endpoint", &text);
	}
	scl_buffer_destroy(&text);
}

static cJSON *json_wait(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task)
{
	const struct scl_wait *wait = &interp->graph.waits[task];
	struct scl_buffer text = {0};
	cJSON *object = cJSON_CreateObject();

	scl_async_put_wait(view, interp, task, &text);
	cJSON_AddStringToObject(object, "reason", scl_wait_name(wait->kind));
	add_text(object, "text", &text);
	scl_buffer_destroy(&text);
	if (wait->object) {
		scl_view_json_address(object, "object", wait->object);
		cJSON_AddStringToObject(object, "class", wait->class_name);
	}
	add_left(view, object, "seconds_left", wait->has_deadline, wait->deadline);
	add_left(view, object, "timeout_seconds_left", wait->has_timeout, wait->timeout);
	if (wait->has_fd)
		add_fd(view, interp, object, &wait->fd);
	add_count(object, "waiters", wait->waiters);
	add_count(object, "size", wait->size);
	add_count(object, "maxsize", wait->maxsize);
	add_count(object, "value", wait->value);
	if (wait->pid > 0)
		cJSON_AddNumberToObject(object, "pid", (double)wait->pid);
	if (wait->total) {
		cJSON_AddNumberToObject(object, "done", (double)wait->done);
		cJSON_AddNumberToObject(object, "total", (double)wait->total);
	}
	if (wait->any)
		cJSON_AddTrueToObject(object, "any");
	if (wait->holder)
		scl_view_json_address(object, "holder", wait->holder);
	if (wait->worker)
		add_worker(view, object, wait->worker);
	if (wait->orphan)
		cJSON_AddTrueToObject(object, "orphan");
	return object;
}

/* -- a task --------------------------------------------------------------------------------------------------- */

static const char *kind_name(enum scl_await_kind kind)
{
	return kind == SCL_AWAIT_COROUTINE   ? "coroutine"
	       : kind == SCL_AWAIT_GENERATOR ? "generator"
					     : "async generator";
}

static void add_links(const struct scl_async_interp *interp, cJSON *object, const char *key, struct scl_links links)
{
	cJSON *array = cJSON_AddArrayToObject(object, key);

	for (size_t i = 0; i < links.n; i++) {
		char text[24];

		snprintf(text, sizeof text, "0x%" PRIx64, interp->tasks.list[links.to[i]].future.address);
		cJSON_AddItemToArray(array, cJSON_CreateString(text));
	}
}

static void add_creation(const struct scl_async_interp *interp, cJSON *object, const struct scl_future *future)
{
	struct scl_creation creation;

	if (!scl_async_creation(interp, future, &creation))
		return;
	cJSON *created = cJSON_AddObjectToObject(object, "created");
	cJSON_AddStringToObject(created, "file", creation.file);
	cJSON_AddNumberToObject(created, "line", (double)creation.line);
	cJSON_AddStringToObject(created, "name", creation.name);
}

static void add_outcome(const struct scl_async_interp *interp, cJSON *object, const struct scl_future *future)
{
	struct scl_asyncio *a = interp->asyncio;

	if (future->state == SCL_FUTURE_PENDING)
		return;
	cJSON_AddStringToObject(object, "state", scl_future_state_name(future->state));
	if (future->exception)
		cJSON_AddStringToObject(object, "exception", scl_asyncio_class_name(a, future->exception));
	else if (future->state == SCL_FUTURE_FINISHED && future->result)
		cJSON_AddStringToObject(object, "result", scl_asyncio_class_name(a, future->result));
}

static void add_chain(cJSON *object, const struct scl_chain *chain)
{
	cJSON *frames = cJSON_AddArrayToObject(object, "frames");

	for (size_t i = 0; i < chain->n; i++) {
		cJSON *frame = scl_view_json_frame(&chain->items[i].frame);

		cJSON_AddStringToObject(frame, "kind", kind_name(chain->items[i].kind));
		cJSON_AddItemToArray(frames, frame);
	}
	cJSON_AddStringToObject(object, "chain", scl_chain_end_text(chain->end));
	if (chain->why)
		cJSON_AddStringToObject(object, "why", chain->why->text);
}

struct cJSON *scl_async_json_task(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t i)
{
	const struct scl_task *task = &interp->tasks.list[i];
	cJSON *object = cJSON_CreateObject();

	scl_view_json_address(object, "address", task->future.address);
	cJSON_AddStringToObject(object, "name", task->name);
	cJSON_AddStringToObject(object, "status", scl_task_status_name(task->status));
	cJSON_AddStringToObject(object, "coroutine", task->coro_name);
	scl_view_json_address(object, "loop", task->future.loop);
	if (interp->asyncio->interp.id)
		cJSON_AddNumberToObject(object, "interpreter", (double)interp->asyncio->interp.id);
	cJSON_AddBoolToObject(object, "accelerated", task->future.kind == SCL_AWAIT_C_TASK);
	add_chain(object, &task->chain);
	if (task->status == SCL_TASK_WAITING)
		cJSON_AddItemToObject(object, "wait", json_wait(view, interp, i));
	add_links(interp, object, "awaits", scl_graph_awaits(&interp->graph, i));
	add_links(interp, object, "awaited_by", scl_graph_awaited_by(&interp->graph, i));
	cJSON_AddBoolToObject(object, "stuck", interp->graph.stuck[i]);
	add_outcome(interp, object, &task->future);
	add_creation(interp, object, &task->future);
	return object;
}

/* -- loops, cycles, trouble ----------------------------------------------------------------------------------- */

void scl_async_json_add_loops(const struct scl_async_view *view, struct cJSON *document)
{
	cJSON *loops = cJSON_AddArrayToObject(document, "loops");

	for (size_t i = 0; i < view->n; i++) {
		const struct scl_loops *list = &view->interps[i].tasks.loops;

		for (size_t k = 0; k < list->n; k++) {
			const struct scl_loop *loop = &list->list[k];
			cJSON *object = cJSON_CreateObject();

			scl_view_json_address(object, "address", loop->address);
			cJSON_AddStringToObject(object, "class", loop->class_name);
			cJSON_AddBoolToObject(object, "running", loop->running);
			cJSON_AddBoolToObject(object, "idle", scl_async_loop_is_idle(view, loop));
			cJSON_AddBoolToObject(object, "closed", loop->closed);
			if (loop->running)
				cJSON_AddNumberToObject(object, "lwp", (double)loop->lwp);
			if (loop->readable) {
				cJSON_AddNumberToObject(object, "ready", (double)loop->ready);
				cJSON_AddNumberToObject(object, "timers", (double)loop->scheduled);
				cJSON_AddNumberToObject(object, "fds", (double)loop->fds);
			}
			cJSON_AddItemToArray(loops, object);
		}
	}
}

void scl_async_json_add_cycles(const struct scl_async_view *view, struct cJSON *document)
{
	cJSON *cycles = cJSON_AddArrayToObject(document, "cycles");

	for (size_t i = 0; i < view->n; i++) {
		const struct scl_graph *graph = &view->interps[i].graph;

		for (size_t k = 0; k < graph->ncycles; k++) {
			cJSON *cycle = cJSON_CreateObject();

			add_links(&view->interps[i], cycle, "tasks",
				  (struct scl_links){graph->cycles[k].tasks, graph->cycles[k].n});
			cJSON_AddNumberToObject(cycle, "members", (double)graph->cycles[k].members);
			cJSON_AddItemToArray(cycles, cycle);
		}
	}
}

void scl_async_json_add_trouble(const struct scl_async_view *view, struct cJSON *document)
{
	cJSON *trouble = cJSON_AddArrayToObject(document, "trouble");

	if (view->why.code != SCL_OK)
		cJSON_AddItemToArray(trouble, cJSON_CreateString(view->why.text));
	for (size_t i = 0; i < view->n; i++)
		if (view->interps[i].tasks.why)
			cJSON_AddItemToArray(trouble, cJSON_CreateString(view->interps[i].tasks.why->text));
}
