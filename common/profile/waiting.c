#include "profile/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const uint64_t RUNS = UINT64_MAX;

enum { RETRY_NS = 250 * SCL_NS_PER_MS }; /* an asyncio that cannot be read is looked at again that often */

static void reader_destroy(struct scl_waiting_reader *r)
{
	scl_suspended_destroy(r->reader);
	free(r);
}

void scl_waiting_destroy(struct scl_waiting_readers *readers)
{
	for (size_t i = 0; i < readers->n; i++)
		reader_destroy(readers->list[i]);
	free(readers->list);
	free(readers->tasks);
	*readers = (struct scl_waiting_readers){0};
}

void scl_waiting_forget(struct scl_waiting_readers *readers)
{
	for (size_t i = 0; i < readers->n; i++)
		if (readers->list[i]->reader)
			scl_suspended_forget(readers->list[i]->reader);
}

/* -- readers -------------------------------------------------------------------------------------------- */

/* Those whose interpreter is gone make room. */
static void drop_gone(struct scl_waiting_readers *readers, struct scl_watch_list *list)
{
	for (size_t i = readers->n; i-- > 0;) {
		if (scl_watch_list_interp(list, readers->list[i]->interp))
			continue;
		reader_destroy(readers->list[i]);
		readers->list[i] = readers->list[--readers->n];
	}
}

static bool grow(struct scl_waiting_readers *readers)
{
	size_t cap = readers->cap ? 2 * readers->cap : 4;
	struct scl_waiting_reader **grown = realloc(readers->list, cap * sizeof(struct scl_waiting_reader *));
	if (!grown)
		return false;
	readers->list = grown;
	readers->cap = cap;
	return true;
}

static struct scl_waiting_reader *reader_of(struct scl_waiting_readers *readers, scl_addr interp)
{
	for (size_t i = 0; i < readers->n; i++)
		if (readers->list[i]->interp == interp)
			return readers->list[i];
	struct scl_waiting_reader *r = calloc(1, sizeof(*r));
	if (!r || (readers->n == readers->cap && !grow(readers))) {
		free(r);
		return NULL;
	}
	r->interp = interp;
	readers->list[readers->n++] = r;
	return r;
}

/* Read the tasks of an interpreter, once for each sample. Without any, `set.why` says why. */
static bool read_interp(struct scl_waiting_reader *r, struct scl_watch_list *list, struct scl_codes *codes,
			struct scl_error *err)
{
	uint64_t now = scl_clock_monotonic();
	if (r->read)
		return true;
	r->read = true;
	if (!r->reader && (!r->tried_ns || now - r->tried_ns >= RETRY_NS)) {
		const struct scl_watched_interp *interp = scl_watch_list_interp(list, r->interp);
		r->tried_ns = now;
		r->set = (struct scl_suspended_set){0};
		if (!interp)
			scl_error_set(&r->set.why, SCL_ENOTFOUND, 0, 0, "its interpreter is gone");
		else
			r->reader = scl_suspended_create(list->rt, codes, &interp->interp, &r->set.why);
	}
	r->known = r->newest;
	if (r->reader && !scl_suspended_read(r->reader, &r->set, err))
		return false;
	for (size_t i = 0; i < r->set.n; i++)
		if (r->set.tasks[i]->serial > r->newest)
			r->newest = r->set.tasks[i]->serial;
	return true;
}

/* -- threads -------------------------------------------------------------------------------------------- */

static bool reserve(struct scl_waiting_readers *readers, size_t n)
{
	if (n <= readers->tasks_cap)
		return true;
	const struct scl_suspended **grown = realloc(readers->tasks, 2 * n * sizeof(const struct scl_suspended *));
	if (!grown)
		return false;
	readers->tasks = grown;
	readers->tasks_cap = 2 * n;
	return true;
}

/* Those of the loop that the thread runs, into readers->tasks from `first` on. */
static size_t pick(struct scl_waiting_readers *readers, const struct scl_waiting_reader *r, struct scl_thread_sample *t,
		   size_t first)
{
	scl_addr loop = scl_suspended_loop(r->reader, t->thread.address);
	size_t n = first;
	for (size_t i = 0; i < r->set.n; i++)
		if (r->set.tasks[i]->loop == loop)
			readers->tasks[n++] = r->set.tasks[i];
	t->waiting = (struct scl_waiting){
		.state = SCL_WAITING_READ,
		.runs = t->waiting.runs,
		.stood = t->waiting.stood,
		.tasks = readers->tasks + first,
		.n = n - first,
		.unreadable = r->set.unreadable,
		.cut = r->set.cut,
		.why = r->set.why.code != SCL_OK ? &r->set.why : NULL,
	};
	return n;
}

static bool is_idle(const struct scl_thread_sample *t)
{
	return t->activity == SCL_ACTIVITY_LOOP_IDLE;
}

static bool read_threads(struct scl_waiting_readers *readers, struct scl_watch_list *list, struct scl_codes *codes,
			 struct scl_sample *sample, struct scl_error *err)
{
	size_t n = 0;
	for (size_t i = 0; i < sample->nthreads; i++) {
		struct scl_thread_sample *t = &sample->threads[i];
		if (!is_idle(t))
			continue;
		struct scl_waiting_reader *r = reader_of(readers, t->thread.interp);
		if (!r)
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		if (!read_interp(r, list, codes, err))
			return false;
		/* A loop in C may be that of another library. */
		bool none = !r->reader && r->set.why.code == SCL_ENOTFOUND && !scl_stack_in_selector(&t->stack);
		t->waiting.state = none ? SCL_WAITING_NOT_ASKED : SCL_WAITING_FAILED;
		t->waiting.why = &r->set.why;
		if (!r->reader)
			continue;
		/* The slices of the sample must not move: each task is in one of them at most. */
		if (n == 0 && !reserve(readers, SCL_SUSPENDED_MAX))
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		if (n + r->set.n <= readers->tasks_cap)
			n = pick(readers, r, t, n);
	}
	return true;
}

/* The instruction field of a frame as it is now. */
static bool still_at(const struct scl_runtime *rt, const struct scl_frame *frame)
{
	struct scl_window window = scl_frame_window(&rt->layout);
	uint8_t bytes[SCL_WINDOW_MAX];
	return window.size && scl_read(rt->target, frame->address + (uint32_t)window.low, bytes, window.size, NULL) &&
	       scl_raw_frame_of(&rt->layout, window, bytes).instruction == frame->instruction;
}

/*
 * How often the thread has run, of one that does not run: when that number is the same later, it has not run in
 * between. A loop that wakes, does a little and waits again has the same frame at the same instruction. RUNS: it does
 * just now; 0: the kernel does not say. A system call that a debugger interrupted is state 't'.
 */
static uint64_t runs_of(struct scl_watch_list *list, const struct scl_thread_sample *t)
{
	struct scl_lwp_status status;
	/* The count first: it advances when a thread that sleeps now begins to run. */
	if (!scl_lwp_status(list->rt->target, t->thread.lwp, SCL_LWP_RUNS | SCL_LWP_STAT, &status, NULL))
		return 0;
	return strchr("SDt", status.state) ? status.runs : RUNS;
}

/* The thread has the innermost frame that it had when its stack was read, at the same instruction. */
static bool still_idle(struct scl_watch_list *list, const struct scl_thread_sample *t)
{
	uint32_t index;
	bool torn;
	if (t->waiting.runs == RUNS || t->waiting.runs != runs_of(list, t))
		return false;
	return scl_map_get(&list->by_address, t->thread.address, &index) &&
	       scl_snapshot_recheck(list->threads[index].snap, &torn, NULL) && !torn &&
	       still_at(list->rt, &t->stack.frames[0]);
}

static bool any_idle(const struct scl_sample *sample)
{
	for (size_t i = 0; i < sample->nthreads; i++)
		if (is_idle(&sample->threads[i]))
			return true;
	return false;
}

/*
 * All that the last sample wanted is copied at once. Where nothing else is read until the end, only a thread that ran
 * before the copy was there has moved anything.
 */
static void copy_foreseen(struct scl_watch_list *list, struct scl_sample *sample)
{
	for (size_t i = 0; i < sample->nthreads; i++)
		if (is_idle(&sample->threads[i]))
			sample->threads[i].waiting.runs = runs_of(list, &sample->threads[i]);
	scl_target_set_still(list->rt->target, true);
	scl_target_foresee(list->rt->target);
	for (size_t i = 0; i < sample->nthreads; i++) {
		struct scl_waiting *w = &sample->threads[i].waiting;
		if (is_idle(&sample->threads[i]) && w->runs && w->runs != RUNS)
			w->stood = w->runs == runs_of(list, &sample->threads[i]);
	}
}

/* Only what the sample before found in the same place, to the front of the thread's slice. */
static void keep_known(struct scl_waiting_readers *readers, struct scl_thread_sample *t)
{
	const struct scl_waiting_reader *r = reader_of(readers, t->thread.interp);
	const struct scl_suspended **tasks = readers->tasks + (t->waiting.tasks - readers->tasks);
	size_t kept = 0;
	for (size_t i = 0; r && i < t->waiting.n; i++)
		if (tasks[i]->serial <= r->known)
			tasks[kept++] = tasks[i];
	t->waiting.state = SCL_WAITING_MOVED;
	t->waiting.unknown = t->waiting.n - kept;
	t->waiting.n = kept;
}

/*
 * While the tasks are read, memory that has been read once counts as it was then, so that what refers to each other fits
 * together; whether the loops were idle all the time is asked of the process as it is.
 */
bool scl_waiting_read(struct scl_waiting_readers *readers, struct scl_watch_list *list, struct scl_codes *codes,
		      struct scl_sample *sample, struct scl_error *err)
{
	struct scl_target *target = list->rt->target;
	bool still = scl_target_is_still(target);
	if (!any_idle(sample))
		return true;
	drop_gone(readers, list);
	for (size_t i = 0; i < readers->n; i++)
		readers->list[i]->read = false;
	if (!still)
		copy_foreseen(list, sample);
	uint64_t reads = scl_target_spent(target).calls;
	bool done = read_threads(readers, list, codes, sample, err);
	bool copied = reads == scl_target_spent(target).calls;
	if (!still)
		scl_target_set_still(target, false);
	for (size_t i = 0; i < sample->nthreads && done && !still; i++) {
		struct scl_thread_sample *t = &sample->threads[i];
		if (t->waiting.state == SCL_WAITING_READ && !(copied && t->waiting.stood) && !still_idle(list, t))
			keep_known(readers, t);
	}
	return done;
}
