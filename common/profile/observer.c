#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "profile/sample.h"
#include "profile/waiting.h"
#include "profile/watched.h"

enum {
	LIST_MAX_AGE_NS = 5 * SCL_NS_PER_MS,
	CODE_RECHECK_NS = 100 * SCL_NS_PER_MS,
	CAPACITY_MAX = 2 * SCL_FRAMES_MAX,
	FRAMES_TOTAL_MAX = 4 * 1024 * 1024, /* of all threads together: a process whose every stack is deep */
};

struct scl_observer {
	struct scl_watch_list list;
	struct scl_codes *codes;
	struct scl_waiting_readers waiting;
	bool watches_tasks;
	struct scl_thread_sample *samples;
	size_t samples_cap;
	size_t frames_total;
	uint64_t listed_ns, taken_ns;
	bool stale; /* the list is to be read again */
};

struct scl_observer *scl_observer_create(const struct scl_runtime *rt)
{
	struct scl_observer *o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->list.rt = rt;
	o->stale = true;
	o->codes = scl_codes_create(rt, CODE_RECHECK_NS);
	if (!o->codes) {
		scl_observer_destroy(o);
		return NULL;
	}
	return o;
}

void scl_observer_destroy(struct scl_observer *o)
{
	if (!o)
		return;
	scl_waiting_destroy(&o->waiting);
	scl_watch_list_destroy(&o->list);
	scl_codes_destroy(o->codes);
	free(o->samples);
	free(o);
}

void scl_observer_watch_tasks(struct scl_observer *o)
{
	o->watches_tasks = true;
}

/* -- the list of threads -------------------------------------------------------------------------------- */

static bool update_list(struct scl_observer *o, uint64_t now, struct scl_error *err)
{
	bool whole = false;
	if (!o->stale && now - o->listed_ns < LIST_MAX_AGE_NS)
		return true;
	o->stale = true;
	if (!scl_watch_list_update(&o->list, &whole, err))
		return scl_wrap(err, "list of threads");
	o->frames_total = 0;
	for (size_t i = 0; i < o->list.n; i++)
		o->frames_total += o->list.threads[i].capacity;
	o->listed_ns = now;
	o->stale = !whole;
	if (o->list.n > o->samples_cap) {
		struct scl_thread_sample *grown = realloc(o->samples, o->list.n * sizeof(*grown));
		if (!grown)
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		o->samples = grown;
		o->samples_cap = o->list.n;
	}
	if (o->list.n)
		return true;
	return scl_fail(err, SCL_ENOTFOUND,
			whole ? "the interpreter has no thread: it starts or finalizes"
			      : "the list of threads cannot be followed");
}

/* The thread state that holds the GIL of an interpreter just now; 0: none, or not known. */
static scl_addr gil_holder(struct scl_observer *o, scl_addr address, uint64_t now)
{
	struct scl_watched_interp *interp = scl_watch_list_interp(&o->list, address);
	struct scl_gil gil;
	if (!interp)
		return 0;
	if (interp->holder_ns != now) {
		bool known = scl_gil_read(o->list.rt, &interp->interp, &gil, NULL) && gil.locked;
		interp->holder = known ? gil.holder : 0;
		interp->holder_ns = now;
	}
	return interp->holder;
}

/* -- one thread ----------------------------------------------------------------------------------------- */

enum look { LOOK_SEEN, LOOK_ENDED, LOOK_FAILED };

/* A larger array from now on, while the observer's frames are not too many. */
static bool grow_frames(struct scl_observer *o, struct scl_watched *w)
{
	size_t wanted = 4 * w->capacity < CAPACITY_MAX ? 4 * w->capacity : CAPACITY_MAX;
	if (wanted <= w->capacity || o->frames_total - w->capacity + wanted > FRAMES_TOTAL_MAX)
		return false;
	struct scl_frame *grown = realloc(w->frames, wanted * sizeof(*grown));
	if (!grown)
		return false;
	o->frames_total += wanted - w->capacity;
	w->frames = grown;
	w->capacity = wanted;
	return true;
}

/* scl_stack_read needs room for the stack twice. Where it has too little, it says so or finds nothing the same. */
static bool needs_room(const struct scl_stack *stack, bool last_try)
{
	return stack->end == SCL_STACK_CUT || (stack->end == SCL_STACK_TORN && stack->count == 0 && last_try);
}

static bool is_dead(const struct scl_lwp_status *status)
{
	return status->state == 'Z' || status->state == 'X';
}

static bool has_ended(const struct scl_observer *o, const struct scl_watched *w)
{
	struct scl_lwp_status status;
	struct scl_error err;
	if (!w->thread.lwp)
		return false;
	if (!scl_lwp_status(o->list.rt->target, w->thread.lwp, SCL_LWP_STAT, &status, &err))
		return err.code == SCL_EGONE;
	return is_dead(&status);
}

/* Not even the thread state could be read: the thread has ended, or its stack is one without frames that says why. */
static enum look note_failure(struct scl_observer *o, const struct scl_watched *w, const struct scl_error *why,
			      struct scl_stack *stack, struct scl_error *err)
{
	o->stale = true;
	if (why->code == SCL_ENOMEM) {
		if (err)
			*err = *why;
		return LOOK_FAILED;
	}
	if (why->code == SCL_EGONE || has_ended(o, w))
		return LOOK_ENDED;
	*stack = (struct scl_stack){.frames = w->frames, .capacity = w->capacity, .end = SCL_STACK_BROKEN, .why = *why};
	return LOOK_SEEN;
}

/*
 * The stack into `ret`, read again while it is torn. The sample's instant is the first try, so a later try counts only
 * when its innermost frame is where the first one found it: the first whole stack would be one of a function that runs
 * long, and time would go from short functions to their callers. A stack that stays torn is kept as far as it did not
 * change, from the outside: leaving it out would take the time from just the code that calls most.
 */
static enum look read_stack(struct scl_observer *o, struct scl_watched *w, unsigned max_retries, struct scl_stack *ret,
			    struct scl_sample *sample, struct scl_error *err)
{
	struct scl_error why;
	scl_addr wanted = 0;
	for (unsigned tries = 0;; tries++) {
		ret->frames = w->frames;
		ret->capacity = w->capacity;
		if (!scl_stack_read(ret, o->list.rt, o->codes, w->snap, &why))
			return note_failure(o, w, &why, ret, err);
		if (needs_room(ret, tries >= max_retries) && grow_frames(o, w))
			continue;
		if (tries == 0)
			wanted = scl_snapshot_innermost(w->snap);
		bool torn = ret->end == SCL_STACK_TORN;
		if (!torn && (tries >= max_retries || scl_snapshot_innermost(w->snap) == wanted))
			break;
		if (tries >= max_retries) {
			sample->torn++;
			return LOOK_SEEN;
		}
		sample->retried++;
	}
	/* The array may move: the frames that were read must go with it. */
	if (2 * ret->count > w->capacity && grow_frames(o, w))
		ret->frames = w->frames;
	return LOOK_SEEN;
}

/* What the kernel says, before the stack is read. False when the thread has ended. */
static bool read_status(struct scl_observer *o, struct scl_watched *w, struct scl_lwp_status *status)
{
	struct scl_error err;
	*status = (struct scl_lwp_status){.state = '?', .syscall = -1};
	if (!w->thread.lwp)
		return true;
	if (!scl_lwp_status(o->list.rt->target, w->thread.lwp, SCL_LWP_STAT | SCL_LWP_NAME, status, &err)) {
		if (err.code == SCL_EGONE) {
			o->stale = true;
			return false;
		}
		*status = (struct scl_lwp_status){.state = '?', .syscall = -1};
	}
	memcpy(w->comm, status->name, sizeof(status->name));
	return !is_dead(status);
}

/* The system call of a thread that does not run; the kernel knows none of one that does. */
static void read_syscall(struct scl_observer *o, const struct scl_watched *w, struct scl_lwp_status *status)
{
	struct scl_lwp_status blocked;
	if (!strchr("SDt", status->state) ||
	    !scl_lwp_status(o->list.rt->target, w->thread.lwp, SCL_LWP_SYSCALL, &blocked, NULL))
		return;
	status->in_syscall = blocked.in_syscall;
	status->syscall = blocked.syscall;
	memcpy(status->args, blocked.args, sizeof(status->args));
}

/* A field of a structure at `base` through the thread's snapshot: from the second time on it comes with the stack, in
 * the same system call. */
static bool read_field(struct scl_observer *o, struct scl_watched *w, scl_addr base, enum scl_field field, void *to)
{
	int32_t offset = o->list.rt->layout.off[field];
	return base && offset != SCL_ABSENT &&
	       scl_snapshot_read(w->snap, base + (uint32_t)offset, to, scl_field_size[field], NULL);
}

static bool collects(struct scl_observer *o, struct scl_watched *w, const struct scl_watched_interp *interp)
{
	int32_t collecting = 0;
	bool known = read_field(o, w, interp->interp.address, SCL_FIELD_interp_gc_collecting, &collecting) ||
		     read_field(o, w, o->list.rt->address, SCL_FIELD_runtime_gc_collecting, &collecting);
	return known && collecting != 0;
}

/* take_gil() sets last_holder with the lock, and drop_gil() leaves it (Python/ceval_gil.h). */
static enum scl_gil_side gil_side(struct scl_observer *o, struct scl_watched *w,
				  const struct scl_watched_interp *interp)
{
	int32_t locked = 0;
	scl_addr holder = 0;
	if (interp->gil.disabled || !read_field(o, w, interp->gil.address, SCL_FIELD_gil_locked, &locked) ||
	    !read_field(o, w, interp->gil.address, SCL_FIELD_gil_last_holder, &holder) || locked < 0)
		return SCL_GIL_NOT_KNOWN;
	if (!locked)
		return SCL_GIL_FREE;
	return holder == w->thread.address ? SCL_GIL_HELD : SCL_GIL_TAKEN;
}

/* Is the thread in C? A torn stack is one of Python functions that call each other and return. */
static bool calls(const struct scl_observer *o, const struct scl_stack *stack)
{
	const struct scl_frame *frame = stack->frames;
	if (stack->end == SCL_STACK_TORN)
		return false;
	if (stack->entered_c || stack->count == 0)
		return true;
	return frame->code && scl_code_calls_at(o->codes, frame->code, frame->offset);
}

static void decide(struct scl_observer *o, struct scl_watched *w, struct scl_thread_sample *t)
{
	static const struct scl_watched_interp unknown;
	const struct scl_watched_interp *interp = scl_watch_list_interp(&o->list, t->thread.interp);
	const struct scl_stack *stack = &t->stack;
	if (!interp)
		interp = &unknown;
	enum scl_gil_side side = gil_side(o, w, interp);
	t->holds_gil = side == SCL_GIL_HELD;
	t->calling = calls(o, stack);
	t->activity = scl_activity_decide(&(struct scl_activity_facts){
		.stack = stack,
		.status = &t->status,
		.calling = t->calling,
		.side = side,
		.gc_collecting = t->holds_gil && collects(o, w, interp),
		.gil = interp->gil.address,
		.gil_end = interp->gil.end,
	});
}

/* CPU times may go back by a tick: the kernel scales them to the run time (cputime_adjust, kernel/sched/cputime.c). */
static uint64_t advance(uint64_t *last, uint64_t now)
{
	uint64_t ret = now > *last ? now - *last : 0;
	if (now > *last)
		*last = now;
	return ret;
}

/*
 * Where the holder of the GIL is sampled, it stands for the time since the last sample, whichever thread had the GIL
 * then; the CPU time of a thread that was not sampled then is nobody's.
 */
static void account(const struct scl_observer *o, struct scl_watched *w, struct scl_thread_sample *t, uint64_t now,
		    enum scl_thread_choice choice)
{
	uint64_t user = advance(&w->user_ns, t->status.user_ns), system = advance(&w->system_ns, t->status.system_ns);
	uint64_t since = choice == SCL_CHOOSE_GIL ? o->taken_ns : w->sampled_ns;
	bool all = since && since == w->sampled_ns;
	t->wall_ns = since ? now - since : 0;
	t->user_ns = all ? user : 0;
	t->system_ns = all ? system : 0;
	w->sampled_ns = now;
}

static enum look observe(struct scl_observer *o, struct scl_watched *w, unsigned max_retries,
			 struct scl_thread_sample *t, struct scl_sample *sample, struct scl_error *err)
{
	t->thread = w->thread;
	t->inner = w->inner;
	t->waiting = (struct scl_waiting){.state = SCL_WAITING_NOT_ASKED};
	if (!read_status(o, w, &t->status))
		return LOOK_ENDED;
	enum look look = read_stack(o, w, max_retries, &t->stack, sample, err);
	if (look != LOOK_SEEN)
		return look;
	read_syscall(o, w, &t->status);
	t->name = w->name[0] ? w->name : w->comm;
	t->unseen = t->stack.end == SCL_STACK_TORN && t->stack.count == 0;
	t->wall_ns = t->user_ns = t->system_ns = 0;
	decide(o, w, t);
	return LOOK_SEEN;
}

/* -- a sample ------------------------------------------------------------------------------------------- */

static bool chosen(struct scl_observer *o, const struct scl_watched *w, enum scl_thread_choice choice, uint64_t now)
{
	switch (choice) {
	case SCL_CHOOSE_ALL:
		break;
	case SCL_CHOOSE_MAIN:
		return w->thread.main;
	case SCL_CHOOSE_GIL:
		return gil_holder(o, w->thread.interp, now) == w->thread.address;
	}
	return true;
}

bool scl_observer_take(struct scl_observer *o, enum scl_thread_choice choice, unsigned max_retries,
		       struct scl_sample *sample, struct scl_error *err)
{
	uint64_t now = scl_clock_monotonic();
	*sample = (struct scl_sample){.t_ns = now};
	/* Nobody holds code objects of this cache between samples. */
	if (scl_codes_full(o->codes)) {
		scl_waiting_forget(&o->waiting);
		scl_codes_reset(o->codes);
	}
	if (!update_list(o, now, err))
		return false;
	sample->threads = o->samples;
	for (size_t i = 0; i < o->list.n; i++) {
		struct scl_watched *w = &o->list.threads[i];
		struct scl_thread_sample *t = &o->samples[sample->nthreads];
		if (!chosen(o, w, choice, now))
			continue;
		enum look look = observe(o, w, max_retries, t, sample, err);
		/* Where reads are refused, what they made of this thread is not to be believed. */
		if (look == LOOK_FAILED || !scl_target_may_read(o->list.rt->target, err))
			return false;
		if (look == LOOK_ENDED)
			continue;
		if (!t->unseen)
			account(o, w, t, now, choice);
		sample->nthreads++;
	}
	o->taken_ns = now;
	return !o->watches_tasks || scl_waiting_read(&o->waiting, &o->list, o->codes, sample, err);
}
