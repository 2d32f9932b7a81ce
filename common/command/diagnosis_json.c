/* diagnosis_json.c - a diagnosis as JSON: the same facts as in words. */
#include <cjson/cJSON.h>

#include "command/diagnosis.h"

typedef void put_fn(struct scl_diagnosis *d, enum scl_await_check check, struct scl_buffer *out);

static void put_sentence(struct scl_diagnosis *d, enum scl_await_check check, struct scl_buffer *out)
{
	(void)check;
	scl_diagnosis_sentence(d, out);
}

static void add_words(struct scl_diagnosis *d, cJSON *object, const char *key, put_fn *put, enum scl_await_check check)
{
	struct scl_buffer text = {0};

	put(d, check, &text);
	cJSON_AddStringToObject(object, key, scl_buffer_str(&text));
	scl_buffer_destroy(&text);
}

static void add_process(struct scl_diagnosis *d, cJSON *document)
{
	const struct scl_evidence *e = &d->evidence;

	cJSON_AddNumberToObject(document, "lwps", (double)e->lwps);
	cJSON_AddBoolToObject(document, "forked", e->forked);
	if (d->process.parent)
		cJSON_AddNumberToObject(document, "parent", (double)d->process.parent);
	if (d->why.code != SCL_OK)
		cJSON_AddStringToObject(document, "why", d->why.text);
	if (!e->python)
		return;
	cJSON_AddNumberToObject(document, "python_threads", (double)e->python_threads);
	cJSON_AddNumberToObject(document, "dead_threads", (double)e->dead_threads);
	cJSON_AddBoolToObject(document, "initialized", e->initialized);
	cJSON_AddBoolToObject(document, "finalizing", e->finalizing);
	cJSON_AddBoolToObject(document, "gc_collecting", e->gc_collecting);
	if (d->loop_module)
		cJSON_AddStringToObject(document, "foreign_loop", d->loop_module);
}

static void add_threads(struct scl_diagnosis *d, cJSON *document)
{
	cJSON *native = cJSON_AddArrayToObject(document, "native_threads");

	if (d->subject)
		cJSON_AddItemToObject(document, "thread", scl_view_json_thread(d->subject));
	if (d->holder)
		cJSON_AddItemToObject(document, "gil_holder", scl_view_json_thread(d->holder));
	if (d->other)
		cJSON_AddItemToObject(document, "other_interpreter", scl_view_json_thread(d->other));
	for (size_t i = 0; i < d->nnative; i++) {
		const struct scl_lwp_status *status = &d->native[i].status;
		const char *call = status->in_syscall ? scl_syscall_name(status->syscall) : NULL;
		cJSON *object = cJSON_CreateObject();

		cJSON_AddNumberToObject(object, "lwp", (double)d->native[i].lwp);
		cJSON_AddStringToObject(object, "kernel_name", status->name);
		cJSON_AddBoolToObject(object, "on_cpu", scl_diagnosis_on_cpu(status));
		if (call)
			cJSON_AddStringToObject(object, "syscall", call);
		cJSON_AddItemToArray(native, object);
	}
}

static cJSON *json_fd(const struct scl_loop_fd *fd)
{
	cJSON *object = cJSON_CreateObject();
	struct scl_buffer text = {0};

	cJSON_AddNumberToObject(object, "fd", fd->wait.fd);
	cJSON_AddStringToObject(object, "until", fd->wait.writes ? "writable" : "readable");
	if (fd->known) {
		scl_fd_describe(&fd->fd, &text);
		cJSON_AddStringToObject(object, "is", scl_buffer_str(&text));
		cJSON_AddStringToObject(object, "state", fd->fd.state);
	}
	scl_buffer_destroy(&text);
	return object;
}

static void add_loops(struct scl_diagnosis *d, cJSON *document)
{
	cJSON *loops = cJSON_AddArrayToObject(document, "loops");

	for (size_t i = 0; i < d->nloops; i++) {
		const struct scl_loop_state *state = &d->loops[i];
		cJSON *object = cJSON_CreateObject(), *fds;

		scl_view_json_address(object, "address", state->loop->address);
		cJSON_AddStringToObject(object, "class", state->loop->class_name);
		cJSON_AddNumberToObject(object, "lwp", (double)state->loop->lwp);
		cJSON_AddBoolToObject(object, "idle", state->tasks.idle);
		cJSON_AddBoolToObject(object, "readable", state->loop->readable);
		cJSON_AddNumberToObject(object, "tasks", (double)state->tasks.tasks);
		cJSON_AddNumberToObject(object, "suspended", (double)state->tasks.suspended);
		if (state->task)
			cJSON_AddStringToObject(object, "runs", state->task->name);
		cJSON_AddItemToArray(loops, object);
		if (!state->loop->readable)
			continue;
		cJSON_AddNumberToObject(object, "ready", (double)state->loop->ready);
		cJSON_AddNumberToObject(object, "timers", (double)state->timers);
		if (state->next_timer > 0 && d->view.now > 0)
			cJSON_AddNumberToObject(object, "next_timer_sec", state->next_timer - d->view.now);
		cJSON_AddNumberToObject(object, "nfds", (double)state->nfds);
		fds = cJSON_AddArrayToObject(object, "fds");
		for (size_t k = 0; k < state->nfds && k < SCL_DIAGNOSIS_FDS; k++)
			cJSON_AddItemToArray(fds, json_fd(&state->fds[k]));
	}
}

static void add_frames(struct scl_diagnosis *d, cJSON *document)
{
	cJSON *frames = cJSON_AddArrayToObject(document, "frames");

	cJSON_AddNumberToObject(document, "nframes", (double)d->stack.count);
	for (size_t i = 0; i < d->stack.count && i < SCL_DIAGNOSIS_FRAMES; i++) {
		enum scl_filter_rule rule = scl_diagnosis_rule(d, &d->stack.frames[i]);
		const char *option = scl_diagnosis_option(rule);
		cJSON *frame = scl_view_json_frame(&d->stack.frames[i]);

		cJSON_AddBoolToObject(frame, "user", d->user[i]);
		cJSON_AddStringToObject(frame, "rule", scl_filter_rule_text(rule));
		if (option)
			cJSON_AddStringToObject(frame, "option", option);
		cJSON_AddItemToArray(frames, frame);
	}
}

static void add_checks(struct scl_diagnosis *d, cJSON *document)
{
	enum scl_await_check failed = scl_await_check_failed(&d->awaits);
	cJSON *checks = cJSON_AddArrayToObject(document, "checks");

	for (int i = 0; i < SCL_NCHECKS; i++) {
		enum scl_await_check check = (enum scl_await_check)i;
		cJSON *object = cJSON_CreateObject();

		cJSON_AddStringToObject(object, "check", scl_diagnosis_check_name(check));
		cJSON_AddBoolToObject(object, "passed", scl_await_check_passes(&d->awaits, check));
		add_words(d, object, "evidence", scl_diagnosis_check, check);
		cJSON_AddItemToArray(checks, object);
	}
	if (failed == SCL_NCHECKS)
		cJSON_AddNullToObject(document, "failed_check");
	else
		cJSON_AddStringToObject(document, "failed_check", scl_diagnosis_check_name(failed));
}

struct cJSON *scl_diagnosis_json(struct scl_diagnosis *d)
{
	cJSON *document = cJSON_CreateObject();

	cJSON_AddNumberToObject(document, "pid", scl_target_pid(d->session->target));
	if (d->evidence.python)
		cJSON_AddStringToObject(document, "python", d->session->rt->version);
	else
		cJSON_AddNullToObject(document, "python");
	cJSON_AddStringToObject(document, "verdict", scl_verdict_name(d->verdict));
	add_words(d, document, "sentence", put_sentence, SCL_NCHECKS);
	add_process(d, document);
	add_threads(d, document);
	if (d->evidence.python) {
		add_loops(d, document);
		add_frames(d, document);
		add_checks(d, document);
	}
	cJSON_AddStringToObject(document, "next", scl_verdict_next(d->verdict));
	return document;
}
