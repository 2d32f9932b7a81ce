#include "profile/collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "profile/await.h"
#include "profile/tables.h"
#include "profile/timeline.h"

enum {
	CODE_IDS_MAX = 262144,
	/* Weight of the first sample of a thread where samples are taken as fast as possible. */
	FIRST_WEIGHT_NS = 100 * SCL_NS_PER_US,
	/* System time that stays on a thread's account for the native code that is to come. */
	PYTHON_LEAVES_NS = 50 * SCL_NS_PER_MS,
};

/* One sample of one thread on its way into the tables. */
struct counted {
	const struct scl_thread_sample *from;
	double weight, python, native, system; /* ns; the last three add up to weight */
	double utilization;		       /* 0..1; negative where not known */
	const uint32_t *frames;		       /* innermost first */
	size_t nframes;
	size_t user; /* the innermost user frame; nframes where there is none */
};

/* -- weights -------------------------------------------------------------------------------------------- */

/* At most the weight, and never below what is to stay on the account. */
static double pay_out(double *account, double weight, double stays)
{
	double paid = *account - stays;
	if (paid < 0)
		paid = 0;
	else if (paid > weight)
		paid = weight;
	*account -= paid;
	return paid;
}

static double weight_of(const struct scl_profile *p, const struct scl_thread_sample *t)
{
	if (t->wall_ns)
		return (double)t->wall_ns;
	return (double)(p->summary.interval_ns ? p->summary.interval_ns : FIRST_WEIGHT_NS);
}

/* See struct scl_profile_cost for what is done here and why. */
static void weigh(struct counted *c, struct scl_profile *p, struct scl_profile_thread *account)
{
	const struct scl_thread_sample *t = c->from;
	c->weight = weight_of(p, t);
	account->user_account_ns += (double)t->user_ns;
	account->system_account_ns += (double)t->system_ns;
	bool known = t->activity != SCL_ACTIVITY_UNKNOWN;
	if (known && !scl_activity_runs(t->activity)) {
		c->system = c->weight;
		return;
	}
	bool python = t->activity == SCL_ACTIVITY_PYTHON || (!known && !t->calling);
	c->system = pay_out(&account->system_account_ns, c->weight, python ? PYTHON_LEAVES_NS : 0);
	if (python)
		c->python = c->weight - c->system;
	else
		c->native = c->weight - c->system;
	if (!t->wall_ns || !known)
		c->utilization = -1;
	else
		c->utilization = pay_out(&account->user_account_ns, c->weight - c->system, 0) / c->weight;
}

static void add_cost(struct scl_profile_cost *cost, const struct counted *c)
{
	cost->samples++;
	cost->python_ns += c->python;
	cost->native_ns += c->native;
	cost->system_ns += c->system;
	if (c->utilization >= 0)
		scl_stats_add(&cost->utilization, c->utilization);
}

/* -- frames --------------------------------------------------------------------------------------------- */

static uint32_t intern(struct scl_profile *p, const char *s)
{
	return scl_intern_put(p->strings, s, strlen(s));
}

/* A frame for what has none of its own: an activity, a C function, a code object that could not be read. */
static bool pseudo_frame(struct scl_profile *p, const char *name, bool native, uint32_t *id)
{
	struct scl_profile_frame frame = {.function = intern(p, name), .native = native};
	return scl_table_frame(p, &frame, id);
}

bool scl_collect_frame(struct scl_profile *p, struct scl_filter *filter, const struct scl_frame *f, uint32_t *id)
{
	if (!f->code)
		return pseudo_frame(p, "?", false, id);
	uint64_t key = scl_map_pair(f->code->serial, f->line);
	if (scl_map_get(&p->code_ids, key, id))
		return true;
	struct scl_profile_frame frame = {
		.file = intern(p, f->code->filename),
		.function = intern(p, f->code->qualname),
		.line = f->line > 0 ? f->line : f->code->firstlineno,
		.firstlineno = f->code->firstlineno,
		.user = scl_filter_rule_accepts(scl_filter_rule_for(filter, f->code->filename)),
	};
	if (!scl_table_frame(p, &frame, id))
		return false;
	if (p->code_ids.count >= CODE_IDS_MAX)
		scl_map_clear(&p->code_ids);
	if (!scl_map_put(&p->code_ids, key, *id))
		p->failed = true;
	return !p->failed;
}

/* The frames of a stack as ids in profile->scratch. A frame that does not fit into the tables ends it: false. */
static bool collect_frames(struct counted *c, struct scl_profile *p, struct scl_filter *filter)
{
	const struct scl_stack *stack = &c->from->stack;
	if (!scl_table_reserve(p, &p->scratch, &p->scratch_cap, stack->count, sizeof(*p->scratch)))
		return false;
	c->frames = p->scratch;
	c->user = c->nframes = stack->count;
	for (size_t i = 0; i < stack->count; i++) {
		if (!scl_collect_frame(p, filter, &stack->frames[i], &p->scratch[i])) {
			c->nframes = i;
			c->user = c->user < i ? c->user : i;
			return false;
		}
		if (c->user == stack->count && p->frames[p->scratch[i]].user)
			c->user = i;
	}
	return true;
}

/* -- lines and functions -------------------------------------------------------------------------------- */

/* Reservoir sampling (Vitter 1985, algorithm R). */
static void add_time(struct scl_profile *p, struct scl_profile_line *line, uint64_t t_ns)
{
	uint64_t at = line->times_seen++;
	if (at >= SCL_PROFILE_TIMES_PER_LINE)
		at = scl_profile_random(p) % line->times_seen;
	if (at >= SCL_PROFILE_TIMES_PER_LINE)
		return;
	size_t cap = line->ntimes;
	if (at == line->ntimes) {
		/* It is full whenever its length is a power of two: the capacity need not be stored. */
		if ((cap & (cap - 1)) == 0) {
			size_t wanted = cap ? cap * 2 : 1;
			double *grown = realloc(line->times, wanted * sizeof(*grown));
			if (!grown) {
				p->failed = true;
				return;
			}
			line->times = grown;
		}
		line->ntimes++;
	}
	line->times[at] = (double)t_ns / SCL_NS_PER_S;
}

/*
 * The function that a line counts for: the nearest frame outwards whose name has no '<', if that is a user's. So a
 * lambda or a comprehension counts for its function, and module code for none.
 */
static const struct scl_profile_frame *enclosing_function(const struct scl_profile *p, const struct counted *c,
							  bool *coroutine)
{
	for (size_t i = c->user; i < c->nframes; i++) {
		const struct scl_frame *f = &c->from->stack.frames[i];
		const struct scl_profile_frame *frame = &p->frames[c->frames[i]];
		if (!f->code || strchr(f->code->name, '<'))
			continue;
		*coroutine = scl_await_is_coroutine(f->code);
		return frame->user ? frame : NULL;
	}
	return NULL;
}

static void charge_user(struct scl_profile *p, const struct counted *c, uint64_t t_ns)
{
	const struct scl_profile_frame *frame = &p->frames[c->frames[c->user]];
	bool coroutine = false;
	const struct scl_profile_frame *function = enclosing_function(p, c, &coroutine);
	uint32_t id;
	p->total_ns += c->weight;
	p->samples_with_user_frame++;
	if (scl_table_line(p, frame->file, frame->line > 0 ? frame->line : 1, &id)) {
		add_cost(&p->lines[id].cost, c);
		p->lines[id].await.coroutine |= coroutine;
		if (c->from->thread.main)
			add_time(p, &p->lines[id], t_ns);
	}
	if (function && scl_table_function(p, function->file, function->function, function->firstlineno, &id)) {
		add_cost(&p->functions[id].cost, c);
		p->functions[id].await.coroutine |= coroutine;
	}
}

/* -- stacks --------------------------------------------------------------------------------------------- */

static bool push(struct scl_profile *p, const char *name, bool make, uint32_t *node)
{
	uint32_t frame;
	return !name || (pseudo_frame(p, name, true, &frame) && scl_table_node(p, *node, frame, make, node));
}

/*
 * Below the Python frames, what the thread does there when it does not run Python code: its name, and the C function
 * or the system call, bare, which is what Scalene's timeline recognises. "Running native code" is said only
 * where no user frame says more.
 */
static bool push_activity(struct scl_profile *p, const struct counted *c, bool make, uint32_t *node)
{
	const struct scl_thread_sample *t = c->from;
	const char *syscall = t->status.in_syscall ? scl_syscall_name(t->status.syscall) : NULL;
	bool user = c->user < c->nframes;
	if (t->activity == SCL_ACTIVITY_PYTHON || (t->activity == SCL_ACTIVITY_NATIVE && user))
		return true;
	if (t->activity == SCL_ACTIVITY_SYSCALL && syscall)
		return push(p, syscall, make, node);
	if (t->activity == SCL_ACTIVITY_LOOP_IDLE)
		return push(p, scl_activity_name(t->activity), make, node) && push(p, syscall, make, node);
	return push(p, scl_activity_name(t->activity), make, node) &&
	       push(p, scl_activity_symbol(t->activity), make, node);
}

static bool find_stack(struct scl_profile *p, const struct counted *c, uint32_t *stack)
{
	bool user = c->user < c->nframes, make = p->nstacks < SCL_PROFILE_STACKS_MAX;
	uint32_t node = 0;
	for (size_t i = c->nframes; i-- > 0;) {
		if (user && !p->frames[c->frames[i]].user)
			continue;
		if (!scl_table_node(p, node, c->frames[i], make, &node))
			return false;
	}
	return push_activity(p, c, make, &node) && node && scl_table_stack(p, node, stack);
}

/* -- samples -------------------------------------------------------------------------------------------- */

static void add_to_part(struct scl_profile *p, const struct counted *c, uint32_t stack)
{
	uint32_t thread, id;
	if (!scl_map_get(&p->thread_ids, c->from->thread.ident, &thread) ||
	    !scl_table_part(p, thread, c->from->activity, stack, &id))
		return;
	struct scl_profile_part *part = &p->parts[id];
	part->hits++;
	part->cpu_ns += c->python + c->native;
	part->wait_ns += c->system;
}

static void add_to_stack(struct scl_profile *p, const struct counted *c, bool whole, size_t *n)
{
	uint32_t id;
	if (!whole || !find_stack(p, c, &id)) {
		p->dropped_stacks++;
		p->dropped_runs++;
		return;
	}
	struct scl_profile_stack *stack = &p->stacks[id];
	stack->hits++;
	stack->python_ns += c->python;
	stack->native_ns += c->native;
	stack->system_ns += c->system;
	add_to_part(p, c, id);
	if (scl_table_reserve(p, &p->instant, &p->instant_cap, *n + 1, sizeof(*p->instant)))
		p->instant[(*n)++] = (struct scl_profile_run){.stack = id, .count = 1, .thread = c->from->thread.ident};
}

static struct scl_profile_thread *thread_of(struct scl_profile *p, const struct scl_thread_sample *t)
{
	uint32_t id;
	if (!scl_table_thread(p, t->thread.ident, &id))
		return NULL;
	struct scl_profile_thread *thread = &p->threads[id];
	if (thread->lwp != t->thread.lwp)
		thread->user_account_ns = thread->system_account_ns = 0;
	thread->lwp = t->thread.lwp;
	thread->main = t->thread.main;
	if (t->name && (thread->samples == 0 || strcmp(t->name, scl_profile_str(p, thread->name)) != 0))
		thread->name = intern(p, t->name);
	if (thread->main)
		p->main_ident = thread->ident;
	return thread;
}

static void add_thread(struct scl_profile *p, struct scl_filter *filter, const struct scl_thread_sample *t,
		       uint64_t t_ns, size_t *nruns)
{
	struct scl_profile_thread nobody = {0}, *thread = thread_of(p, t);
	struct counted c = {.from = t};
	if (!thread)
		thread = &nobody;
	weigh(&c, p, thread);
	thread->samples++;
	thread->activity[t->activity]++;
	thread->activity_ns[t->activity] += c.weight;
	if (t->stack.end == SCL_STACK_BROKEN || t->stack.end == SCL_STACK_CUT)
		p->summary.broken++;

	bool whole = collect_frames(&c, p, filter);
	if (c.user < c.nframes) {
		charge_user(p, &c, t_ns);
	} else {
		thread->without_user_frame[t->activity]++;
		p->without_user_frame_ns += c.weight;
		p->samples_without_user_frame++;
	}
	add_to_stack(p, &c, whole, nruns);
	if (t->activity == SCL_ACTIVITY_LOOP_IDLE && t->waiting.state != SCL_WAITING_NOT_ASKED)
		scl_await_add(p, filter, t, c.weight, nruns);
}

bool scl_profile_add(struct scl_profile *p, const struct scl_sample *sample, struct scl_filter *filter,
		     struct scl_error *err)
{
	size_t nruns = 0;
	p->summary.taken++;
	p->summary.torn += sample->torn;
	p->summary.retried += sample->retried;
	for (size_t i = 0; i < sample->nthreads; i++)
		if (!sample->threads[i].unseen && !sample->threads[i].inner)
			add_thread(p, filter, &sample->threads[i], sample->t_ns, &nruns);
	scl_timeline_add(p, sample->t_ns, nruns);
	if (p->failed)
		return scl_fail(err, SCL_ENOMEM, "out of memory after %" PRIu64 " samples", p->summary.taken);
	return true;
}
