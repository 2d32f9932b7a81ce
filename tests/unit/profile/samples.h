/* samples.h - hand-made samples for the tests of this room: a filter, code objects, stacks, without any target. */
#ifndef SCL_TESTS_SAMPLES_H
#define SCL_TESTS_SAMPLES_H

#include "check.h"

#include "base/clock.h"
#include "profile/collect.h"

static const struct scl_filter_facts facts = {.prefix = "/usr", .major = 3, .minor = 12, .main_file = "/app/main.py"};

/* A code object at a line of its own. */
static inline struct scl_code code_of(uint32_t serial, const char *filename, const char *name)
{
	return (struct scl_code){
		.serial = serial, .filename = filename, .name = name, .qualname = name, .firstlineno = 1};
}

static inline struct scl_filter *new_filter(void)
{
	static const struct scl_filter_options options;
	return scl_filter_build(&facts, &options, NULL, NULL);
}

/* A thread that has run for 10 ms, all of it in user mode. */
static inline struct scl_thread_sample thread_of(uint64_t ident, struct scl_frame *frames, size_t n,
						 enum scl_activity activity)
{
	return (struct scl_thread_sample){
		.thread = {.ident = ident, .lwp = ident, .main = ident == 1},
		.name = "thread",
		.status = {.state = 'R', .syscall = -1},
		.activity = activity,
		.stack = {.frames = frames, .count = n, .capacity = n, .end = SCL_STACK_COMPLETE},
		.wall_ns = 10 * SCL_NS_PER_MS,
		.user_ns = 10 * SCL_NS_PER_MS,
	};
}

static inline void add(struct scl_profile *p, struct scl_filter *f, uint64_t t_ns, struct scl_thread_sample *threads,
		       size_t n)
{
	struct scl_sample sample = {.t_ns = t_ns, .threads = threads, .nthreads = n};
	if (!scl_profile_add(p, &sample, f, NULL))
		CHECK_FAIL("a sample was not added");
}

/* Python, native and system weights add up to the same total in every table that is whole. */
static inline void check_sums(const struct scl_profile *p, double total_ns)
{
	double lines = 0, stacks = 0, threads = 0;
	for (size_t i = 0; i < p->nlines; i++)
		lines += p->lines[i].cost.python_ns + p->lines[i].cost.native_ns + p->lines[i].cost.system_ns;
	for (size_t i = 0; i < p->nstacks; i++)
		stacks += p->stacks[i].python_ns + p->stacks[i].native_ns + p->stacks[i].system_ns;
	for (size_t i = 0; i < p->nthreads; i++)
		for (int a = 0; a < SCL_NACTIVITIES; a++)
			threads += p->threads[i].activity_ns[a];
	CHECK_INT(p->total_ns + p->without_user_frame_ns, total_ns);
	if (!p->dropped_lines)
		CHECK_INT(lines, p->total_ns);
	if (!p->dropped_stacks)
		CHECK_INT(stacks, total_ns);
	if (!p->dropped_threads)
		CHECK_INT(threads, total_ns);
}

/* What Scalene's readers rely on (x-invariants of its schema). */
static inline void check_runs(const struct scl_profile *p)
{
	CHECK(p->nruns <= SCL_PROFILE_RUNS_MAX);
	for (size_t i = 0; i < p->nruns; i++) {
		const struct scl_profile_run *run = &p->runs[i];
		if (run->stack >= p->nstacks || run->count == 0)
			CHECK_FAIL("run %zu has no stack", i);
		if (i == 0)
			CHECK(run->t_sec <= 0);
		else if (run->t_sec < run[-1].t_sec)
			CHECK_FAIL("run %zu goes back in time", i);
		else if (run->stack == run[-1].stack && run->thread == run[-1].thread)
			CHECK_FAIL("run %zu goes on with what was before it", i);
	}
}

#endif
