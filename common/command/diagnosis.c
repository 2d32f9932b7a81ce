/* diagnosis.c - gathering the evidence about a process. */
#include "command/diagnosis.h"

#include <stdlib.h>
#include <string.h>

#include "python/snapshot.h"

static bool no_memory(struct scl_error *err)
{
	return scl_fail(err, SCL_ENOMEM, "out of memory");
}

/* -- threads of the process ------------------------------------------------------------------------------------- */

struct lwps {
	struct scl_diagnosis *d;
	struct scl_map all, python;
	size_t capacity;
	bool failed;
};

bool scl_diagnosis_on_cpu(const struct scl_lwp_status *status)
{
	return status->state == 'R' || (status->state == 't' && !status->in_syscall);
}

static bool count_lwp(uint64_t lwp, void *arg)
{
	struct lwps *l = arg;

	l->d->evidence.lwps++;
	l->failed = l->failed || !scl_map_put(&l->all, lwp, 1);
	return !l->failed;
}

static void add_native(struct lwps *l, const struct scl_native_thread *thread)
{
	struct scl_diagnosis *d = l->d;
	bool runs = scl_diagnosis_on_cpu(&thread->status);

	if (d->nnative == SCL_DIAGNOSIS_NATIVE && (!runs || d->nrunning == SCL_DIAGNOSIS_NATIVE))
		return;
	/* Those that run first: the last of the others makes room. */
	size_t at = runs ? d->nrunning++ : d->nnative;
	if (d->nnative < SCL_DIAGNOSIS_NATIVE)
		d->nnative++;
	memmove(&d->native[at + 1], &d->native[at], (d->nnative - 1 - at) * sizeof *d->native);
	d->native[at] = *thread;
}

static bool look_at_native(uint64_t lwp, void *arg)
{
	struct lwps *l = arg;
	struct scl_native_thread thread = {.lwp = lwp};
	uint32_t known;

	if (scl_map_get(&l->python, lwp, &known) ||
	    !scl_lwp_status(l->d->session->target, lwp, SCL_LWP_STAT | SCL_LWP_SYSCALL | SCL_LWP_NAME, &thread.status,
			    NULL))
		return true;
	thread.status.name[sizeof thread.status.name - 1] = '\0';
	add_native(l, &thread);
	return true;
}

/* Threads of Python's by their states; those whose thread is none of this process are dead. */
static void count_python(struct lwps *l)
{
	struct scl_threads cursor;
	struct scl_thread thread;
	uint32_t there;

	scl_threads_init(&cursor, l->d->session->rt);
	while (scl_threads_next(&cursor, &thread, NULL)) {
		l->d->evidence.python_threads++;
		if (l->all.count && (!thread.lwp || !scl_map_get(&l->all, thread.lwp, &there)))
			l->d->evidence.dead_threads++;
		else
			l->failed = l->failed || !scl_map_put(&l->python, thread.lwp, 1);
	}
}

static bool read_threads(struct scl_diagnosis *d, struct scl_error *err)
{
	struct lwps l = {.d = d};
	struct scl_error why = {.code = SCL_OK};

	d->native = scl_arena_calloc(&d->session->arena, SCL_DIAGNOSIS_NATIVE, sizeof *d->native);
	l.failed = !d->native;
	bool done = scl_for_each_lwp(d->session->target, count_lwp, &l, &why);
	if (d->evidence.python)
		count_python(&l);
	done = done && !l.failed && scl_for_each_lwp(d->session->target, look_at_native, &l, &why);
	scl_map_destroy(&l.all);
	scl_map_destroy(&l.python);
	d->evidence.native_runs = d->nrunning > 0;
	if (l.failed)
		return no_memory(err);
	return done || why.code == SCL_EUNSUPPORTED || scl_fail(err, why.code, "%s", why.text);
}

/* -- the runtime -------------------------------------------------------------------------------------------------- */

static void read_runtime(struct scl_diagnosis *d)
{
	const struct scl_runtime *rt = d->session->rt;
	const struct scl_layout *layout = &rt->layout;
	int32_t initialized = 1;
	scl_addr finalizing = 0;

	if (scl_has(layout, runtime, initialized) &&
	    !scl_read_i32(rt->target, rt->address + (uint32_t)scl_off(layout, runtime, initialized), &initialized,
			  NULL))
		initialized = 1;
	if (scl_has(layout, runtime, finalizing) &&
	    !scl_read_ptr(rt->target, rt->address + (uint32_t)scl_off(layout, runtime, finalizing), &finalizing, NULL))
		finalizing = 0;
	d->evidence.initialized = initialized != 0;
	d->evidence.finalizing = finalizing != 0;
}

static void read_collecting(struct scl_diagnosis *d)
{
	struct scl_interpreter interp = {0};

	while (d->subject && scl_interpreter_next(d->session->rt, &interp, NULL))
		if (interp.address == d->subject->sample->thread.interp)
			d->evidence.gc_collecting = interp.gc_collecting;
}

/* -- the subject -------------------------------------------------------------------------------------------------- */

/* The selected thread; else the main one of the main interpreter, which comes first, or whoever there is. */
static void find_subject(struct scl_diagnosis *d)
{
	struct scl_host *host = d->session->host;
	uint64_t lwp = host->selected_lwp ? host->selected_lwp(host) : 0;
	const struct scl_view *threads = &d->view.threads;

	d->subject_lwp = lwp ? lwp : (uint64_t)scl_target_pid(d->session->target);
	for (size_t i = 0; i < threads->n; i++) {
		const struct scl_thread *thread = &threads->threads[i].sample->thread;
		bool better = !d->subject || thread->interp_id < d->subject->sample->thread.interp_id;

		if ((lwp ? thread->lwp == lwp : thread->main) && better)
			d->subject = &threads->threads[i];
	}
	if (!d->subject && !lwp && threads->n)
		d->subject = &threads->threads[0];
	d->evidence.foreign = lwp && !d->subject;
	if (d->subject && d->subject->sample->thread.lwp)
		d->subject_lwp = d->subject->sample->thread.lwp;
}

static void find_holder(struct scl_diagnosis *d)
{
	const struct scl_thread *subject = &d->subject->sample->thread;
	bool shared = d->session->rt->layout.gil_home == SCL_GIL_RUNTIME;

	for (size_t i = 0; i < d->view.threads.n; i++) {
		const struct scl_thread_view *thread = &d->view.threads.threads[i];

		if (thread != d->subject && thread->sample->holds_gil &&
		    (shared || thread->sample->thread.interp == subject->interp))
			d->holder = thread;
	}
	d->evidence.holder_differs = d->holder && d->holder->sample->thread.interp != subject->interp;
}

/* One thread may have a state in each of several interpreters: it executes the one that it entered last. */
static void look_around(struct scl_diagnosis *d)
{
	const struct scl_thread *subject = &d->subject->sample->thread;

	for (size_t i = 0; i < d->view.threads.n; i++) {
		const struct scl_thread_view *thread = &d->view.threads.threads[i];
		const struct scl_thread_sample *sample = thread->sample;
		bool runs = scl_activity_runs(sample->activity);
		bool same = sample->thread.lwp == subject->lwp && sample->thread.ident == subject->ident;

		if (thread == d->subject)
			continue;
		if (sample->thread.interp == subject->interp) {
			d->evidence.python_runs = d->evidence.python_runs || runs;
			continue;
		}
		if (same && sample->stack.count && !d->evidence.elsewhere) {
			d->evidence.elsewhere = true;
			d->other = thread;
		} else if (!same && runs) {
			d->evidence.interpreter_runs = true;
			d->other = d->other ? d->other : thread;
		}
	}
	if (d->evidence.holder_differs && !d->evidence.elsewhere)
		d->other = d->holder;
}

static bool judge_frames(struct scl_diagnosis *d, struct scl_error *err)
{
	d->user = scl_arena_calloc(&d->session->arena, d->stack.count + 1, sizeof *d->user);
	if (!d->user)
		return no_memory(err);
	for (size_t i = 0; i < d->stack.count; i++)
		d->user[i] = scl_filter_rule_accepts(scl_diagnosis_rule(d, &d->stack.frames[i]));
	d->evidence.clues = scl_clues_find(&d->stack, d->user);
	return true;
}

static bool examine_subject(struct scl_diagnosis *d, struct scl_error *err)
{
	d->evidence.activity = SCL_ACTIVITY_UNKNOWN;
	if (!d->subject)
		return true;
	d->evidence.activity = d->subject->sample->activity;
	d->stack = d->subject->sample->stack;
	find_holder(d);
	look_around(d);
	if (d->evidence.elsewhere)
		d->stack = d->other->sample->stack;
	read_collecting(d);
	return judge_frames(d, err);
}

/* -- a copy of a process ------------------------------------------------------------------------------------------ */

/* Who called fork(2) has the GIL or has given it up since; then the main thread is the likeliest. */
static scl_addr copied_thread(const struct scl_runtime *rt)
{
	struct scl_interpreter interp = {0};
	struct scl_gil gil = {0};
	struct scl_threads cursor;
	struct scl_thread thread;

	while (scl_interpreter_next(rt, &interp, NULL))
		if (interp.id == 0 && scl_gil_read(rt, &interp, &gil, NULL) && gil.locked)
			return gil.holder;
	scl_threads_init(&cursor, rt);
	while (scl_threads_next(&cursor, &thread, NULL))
		if (thread.main && thread.interp_id == 0)
			return thread.address;
	return 0;
}

/*
 * Since 3.11 a thread state has the id of its thread (native_thread_id), and in a copy that is still the parent's: no
 * sample knows it.
 */
static bool read_copied_stack(struct scl_diagnosis *d, struct scl_error *err)
{
	enum { CAPACITY = 1024 };
	const struct scl_runtime *rt = d->session->rt;
	scl_addr thread = d->stack.count || !d->viewed ? 0 : copied_thread(rt);

	if (!thread)
		return true;
	d->codes = scl_codes_create(rt, 0);
	struct scl_snapshot *snap = scl_snapshot_create(rt, thread);
	d->stack = (struct scl_stack){.capacity = CAPACITY};
	d->stack.frames = scl_arena_calloc(&d->session->arena, CAPACITY, sizeof *d->stack.frames);
	bool ready = d->codes && snap && d->stack.frames;
	if (ready && !scl_stack_read(&d->stack, rt, d->codes, snap, NULL))
		d->stack.count = 0;
	scl_snapshot_destroy(snap);
	return ready ? judge_frames(d, err) : no_memory(err);
}

/* -- all of it ---------------------------------------------------------------------------------------------------- */

static bool take_view(struct scl_diagnosis *d, struct scl_error *err)
{
	d->viewed = scl_async_view_take(d->session, &d->view, &d->why);
	/* It starts or ends: there is no thread, or no list that holds together. */
	if (!d->viewed && (d->why.code == SCL_EGONE || d->why.code == SCL_ENOMEM || d->why.code == SCL_EINTERRUPTED ||
			   d->why.code == SCL_EBUDGET))
		return scl_fail_errno(err, d->why.code, d->why.sys_errno, "%s", d->why.text);
	if (!d->viewed)
		return true;
	find_subject(d);
	return examine_subject(d, err) && scl_diagnosis_read_loops(d, err);
}

static bool examine_python(struct scl_diagnosis *d, struct scl_error *err)
{
	read_runtime(d);
	if (!read_threads(d, err) || !take_view(d, err))
		return false;
	return !(d->evidence.forked && d->evidence.dead_threads) || read_copied_stack(d, err);
}

bool scl_diagnosis_take(struct scl_session *session, struct scl_diagnosis *d, struct scl_error *err)
{
	*d = (struct scl_diagnosis){.session = session,
				    .source = {.arena = &session->arena, .target = session->target},
				    .why = {.code = SCL_OK}};
	d->subject_lwp = (uint64_t)scl_target_pid(session->target);
	if (scl_target_process(session->target, &d->process, NULL))
		d->evidence.forked = d->process.forked;
	d->evidence.python = scl_session_prepare_runtime(session, &d->why);
	if (!d->evidence.python && d->why.code != SCL_ENOTFOUND)
		return scl_fail_errno(err, d->why.code, d->why.sys_errno, "%s", d->why.text);
	if (!(d->evidence.python ? examine_python(d, err) : read_threads(d, err)))
		return false;
	d->verdict = scl_verdict_decide(&d->evidence);
	return true;
}

void scl_diagnosis_close(struct scl_diagnosis *d)
{
	scl_source_cache_close(&d->source);
	scl_codes_destroy(d->codes);
	if (d->viewed)
		scl_async_view_close(&d->view);
}
