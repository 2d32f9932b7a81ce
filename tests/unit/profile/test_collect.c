#include "samples.h"

#include <malloc.h>
#include <stdlib.h>

enum { MILLION = 1000000 };

static struct scl_profile *profile;
static struct scl_filter *filter;

static void set_up(void)
{
	profile = scl_profile_create();
	filter = new_filter();
	CHECK(profile && filter);
}

static void tear_down(void)
{
	scl_profile_destroy(profile);
	scl_filter_destroy(filter);
}

static const struct scl_profile_line *line_at(int32_t number)
{
	for (size_t i = 0; i < profile->nlines; i++)
		if (profile->lines[i].line == number)
			return &profile->lines[i];
	return NULL;
}

static const char *leaf(const struct scl_profile_stack *stack)
{
	return scl_profile_str(profile, profile->frames[profile->nodes[stack->node].frame].function);
}

static size_t depth(const struct scl_profile_stack *stack)
{
	size_t n = 0;
	for (uint32_t node = stack->node; node; node = profile->nodes[node].parent)
		n++;
	return n;
}

/* -- what is charged ------------------------------------------------------------------------------------ */

static void charges_the_innermost_user_line(void)
{
	struct scl_code lib = code_of(0, "/usr/lib/python3.12/json.py", "loads"),
			user = code_of(1, "/app/main.py", "work"), module = code_of(2, "/app/main.py", "<module>");
	struct scl_frame frames[] = {
		{.code = &lib, .line = 7}, {.code = &user, .line = 20}, {.code = &module, .line = 30}};
	struct scl_thread_sample t = thread_of(1, frames, 3, SCL_ACTIVITY_NATIVE);
	set_up();
	add(profile, filter, 1, &t, 1);
	CHECK_INT(profile->nlines, 1);
	CHECK(line_at(20) && line_at(20)->cost.samples == 1);
	CHECK_INT(line_at(20)->cost.native_ns, 10 * SCL_NS_PER_MS);
	CHECK_INT(profile->nfunctions, 1);
	CHECK_STR(scl_profile_str(profile, profile->functions[0].name), "work");
	CHECK_INT(profile->nstacks, 1);
	CHECK_INT(depth(&profile->stacks[0]), 2); /* the library's frame is filtered */
	CHECK_STR(leaf(&profile->stacks[0]), "work");
	CHECK_INT(profile->samples_with_user_frame, 1);
	check_sums(profile, 10e6);
	tear_down();
}

static void names_the_enclosing_function(void)
{
	struct scl_code lambda = code_of(0, "/app/main.py", "<lambda>"),
			comp = code_of(1, "/app/main.py", "<listcomp>"), user = code_of(2, "/app/main.py", "outer"),
			module = code_of(3, "/app/main.py", "<module>"),
			lib = code_of(4, "/usr/lib/python3.12/functools.py", "reduce");
	struct scl_frame in_function[] = {
		{.code = &lambda, .line = 5}, {.code = &comp, .line = 5}, {.code = &user, .line = 4}};
	struct scl_frame in_module[] = {{.code = &lambda, .line = 6}, {.code = &module, .line = 6}};
	struct scl_frame in_library[] = {
		{.code = &lambda, .line = 7}, {.code = &lib, .line = 1}, {.code = &user, .line = 8}};
	struct scl_thread_sample t[] = {thread_of(1, in_function, 3, SCL_ACTIVITY_PYTHON),
					thread_of(2, in_module, 2, SCL_ACTIVITY_PYTHON),
					thread_of(3, in_library, 3, SCL_ACTIVITY_PYTHON)};
	user.qualname = "Class.outer.<locals>.inner"; /* a '<' in the qualified name does not count */
	set_up();
	add(profile, filter, 1, t, 3);
	CHECK_INT(profile->nfunctions, 1);
	CHECK_STR(scl_profile_str(profile, profile->functions[0].name), "Class.outer.<locals>.inner");
	CHECK_INT(profile->functions[0].cost.samples, 1);
	CHECK_INT(profile->nlines, 3);
	tear_down();
}

static void never_drops_a_sample_without_user_frames(void)
{
	struct scl_code select = code_of(0, "/usr/lib/python3.12/selectors.py", "select");
	struct scl_frame frames[] = {{.code = &select, .line = 7}};
	struct scl_thread_sample t[] = {
		thread_of(1, frames, 1, SCL_ACTIVITY_LOOP_IDLE), thread_of(2, frames, 1, SCL_ACTIVITY_SYSCALL),
		thread_of(3, frames, 1, SCL_ACTIVITY_GIL),	 thread_of(4, NULL, 0, SCL_ACTIVITY_NATIVE),
		thread_of(5, frames, 1, SCL_ACTIVITY_PYTHON),	 thread_of(6, NULL, 0, SCL_ACTIVITY_PYTHON)};
	for (int i = 0; i < 2; i++) {
		t[i].status.in_syscall = true;
		t[i].status.syscall = SCL_SYS_epoll_wait;
	}
	set_up();
	add(profile, filter, 1, t, 6);
	CHECK_INT(profile->nlines, 0);
	CHECK_INT(profile->samples_without_user_frame, 6);
	CHECK_INT(profile->threads[0].without_user_frame[SCL_ACTIVITY_LOOP_IDLE], 1);
	CHECK_INT(profile->threads[2].without_user_frame[SCL_ACTIVITY_GIL], 1);
	CHECK_INT(profile->without_user_frame_ns, 60 * SCL_NS_PER_MS);
	CHECK_INT(profile->nstacks, 5); /* a thread that runs Python without any frame has no stack */
	CHECK_STR(leaf(&profile->stacks[0]), "epoll_wait");
	CHECK_INT(depth(&profile->stacks[0]), 3);
	CHECK_STR(leaf(&profile->stacks[1]), "epoll_wait");
	CHECK_INT(depth(&profile->stacks[1]), 2);
	CHECK_STR(leaf(&profile->stacks[2]), "take_gil");
	CHECK_STR(leaf(&profile->stacks[3]), scl_activity_name(SCL_ACTIVITY_NATIVE));
	CHECK_STR(leaf(&profile->stacks[4]), "select");
	tear_down();
}

static void keeps_what_cannot_be_read(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame frames[] = {{.code = NULL}, {.code = &user, .line = 0}};
	struct scl_thread_sample t = thread_of(1, frames, 2, SCL_ACTIVITY_PYTHON);
	t.stack.end = SCL_STACK_BROKEN;
	user.firstlineno = 12;
	set_up();
	add(profile, filter, 1, &t, 1);
	CHECK_INT(profile->summary.broken, 1);
	CHECK(line_at(12)); /* without a line, the function's first */
	tear_down();
}

static void counts_what_is_left_of_a_torn_stack(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame frames[] = {{.code = &user, .line = 8}};
	struct scl_thread_sample t = thread_of(1, frames, 1, SCL_ACTIVITY_PYTHON);
	struct scl_sample sample = {.t_ns = 1, .threads = &t, .nthreads = 1, .torn = 2, .retried = 9};
	t.stack.end = SCL_STACK_TORN;
	set_up();
	CHECK(scl_profile_add(profile, &sample, filter, NULL));
	CHECK(line_at(8) && line_at(8)->cost.samples == 1);
	CHECK_INT(profile->summary.torn, 2);
	CHECK_INT(profile->summary.retried, 9);
	CHECK_INT(profile->summary.broken, 0);
	t.stack.count = 0;
	t.unseen = true; /* nothing is left of this one */
	CHECK(scl_profile_add(profile, &sample, filter, NULL));
	CHECK_INT(profile->summary.torn, 4);
	CHECK_INT(profile->samples_without_user_frame, 0);
	CHECK_INT(profile->threads[0].samples, 1);
	tear_down();
}

/* -- weights -------------------------------------------------------------------------------------------- */

static void a_first_sample_weighs_the_interval(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame frames[] = {{.code = &user, .line = 3}};
	struct scl_thread_sample t = thread_of(1, frames, 1, SCL_ACTIVITY_PYTHON);
	t.wall_ns = t.user_ns = 0;
	set_up();
	profile->summary.interval_ns = 7 * SCL_NS_PER_MS;
	add(profile, filter, 1, &t, 1);
	CHECK_INT(line_at(3)->cost.python_ns, 7 * SCL_NS_PER_MS);
	CHECK_INT(line_at(3)->cost.utilization.count, 0);
	tear_down();
}

/* 1 ms samples; every 10 ms the kernel's clock of the thread ticks, 2 of 10 times for system time. */
static void ticks_are_paid_out_in_full(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame frames[] = {{.code = &user, .line = 3}};
	struct scl_thread_sample t = thread_of(1, frames, 1, SCL_ACTIVITY_NATIVE);
	set_up();
	t.wall_ns = SCL_NS_PER_MS;
	for (int i = 0; i < 10000; i++) {
		bool tick = i % 10 == 9, system = i % 100 < 20;
		t.user_ns = tick && !system ? 10 * SCL_NS_PER_MS : 0;
		t.system_ns = tick && system ? 10 * SCL_NS_PER_MS : 0;
		add(profile, filter, (uint64_t)i * SCL_NS_PER_MS, &t, 1);
	}
	const struct scl_profile_cost *cost = &line_at(3)->cost;
	CHECK(cost->system_ns > 1.97e9 && cost->system_ns < 2.01e9);
	CHECK(cost->native_ns > 7.99e9 && cost->native_ns < 8.03e9);
	CHECK(cost->utilization.mean > 0.79 && cost->utilization.mean < 0.81);
	CHECK_INT(cost->samples, 10000);
	check_sums(profile, 10e9);
	tear_down();
}

/* Native code pays for the kernel's time before bytecode does, but bytecode pays when there is none. */
static void bytecode_pays_last(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame python[] = {{.code = &user, .line = 3}}, native[] = {{.code = &user, .line = 4}};
	set_up();
	for (int i = 0; i < 1000; i++) {
		bool call = i % 10 == 0;
		struct scl_thread_sample t =
			thread_of(1, call ? native : python, 1, call ? SCL_ACTIVITY_NATIVE : SCL_ACTIVITY_PYTHON);
		t.system_ns = i % 10 == 5 ? 10 * SCL_NS_PER_MS : 0;
		add(profile, filter, (uint64_t)i, &t, 1);
	}
	CHECK_INT(line_at(3)->cost.system_ns, 0);
	CHECK_INT(line_at(4)->cost.system_ns, 990 * SCL_NS_PER_MS);
	struct scl_thread_sample t = thread_of(2, python, 1, SCL_ACTIVITY_PYTHON);
	t.system_ns = t.wall_ns;
	for (int i = 0; i < 100; i++)
		add(profile, filter, 1000, &t, 1);
	CHECK_INT(line_at(3)->cost.system_ns, 950 * SCL_NS_PER_MS);
	tear_down();
}

static void waiting_is_system_time(void)
{
	static const enum scl_activity waits[] = {SCL_ACTIVITY_GIL, SCL_ACTIVITY_LOOP_IDLE, SCL_ACTIVITY_SYSCALL,
						  SCL_ACTIVITY_STOPPED};
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame frames[] = {{.code = &user, .line = 3}};
	set_up();
	for (size_t i = 0; i < 4; i++) {
		struct scl_thread_sample t = thread_of(1, frames, 1, waits[i]);
		t.user_ns = 0;
		add(profile, filter, i, &t, 1);
	}
	CHECK_INT(line_at(3)->cost.system_ns, 40 * SCL_NS_PER_MS);
	CHECK_INT(line_at(3)->cost.python_ns + line_at(3)->cost.native_ns, 0);
	CHECK(line_at(3)->cost.utilization.mean <= 0);
	tear_down();
}

static void an_unknown_state_goes_by_the_instruction(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame frames[] = {{.code = &user, .line = 3}};
	struct scl_thread_sample t = thread_of(1, frames, 1, SCL_ACTIVITY_UNKNOWN);
	set_up();
	add(profile, filter, 1, &t, 1);
	t.calling = true;
	add(profile, filter, 2, &t, 1);
	CHECK_INT(line_at(3)->cost.python_ns, 10 * SCL_NS_PER_MS);
	CHECK_INT(line_at(3)->cost.native_ns, 10 * SCL_NS_PER_MS);
	CHECK_INT(line_at(3)->cost.utilization.count, 0);
	tear_down();
}

/* -- bounds --------------------------------------------------------------------------------------------- */

/* Three threads in a loop of a few stacks: after a thousand samples nothing grows any more. */
static void steady_million(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work"), lib = code_of(1, "/usr/lib/x.py", "f");
	size_t before = 0;
	set_up();
	for (int i = 0; i < MILLION; i++) {
		struct scl_frame frames[] = {{.code = &lib, .line = 1 + i % 3}, {.code = &user, .line = 10 + i % 7}};
		struct scl_thread_sample t[] = {thread_of(1, frames, 2, SCL_ACTIVITY_PYTHON),
						thread_of(2, frames + 1, 1, SCL_ACTIVITY_SYSCALL),
						thread_of(3, frames, 1, SCL_ACTIVITY_NATIVE)};
		add(profile, filter, (uint64_t)i * SCL_NS_PER_MS, t, 3);
		if (i == 20000)
			before = mallinfo2().uordblks;
	}
	CHECK(mallinfo2().uordblks <= before + 1024);
	CHECK_INT(profile->nlines, 7);
	CHECK_INT(profile->summary.taken, MILLION);
	check_sums(profile, 3e7 * MILLION);
	check_runs(profile);
	/* The timeline is sparse, but reaches to the end. */
	CHECK(profile->runs[profile->nruns - 1].t_sec > 0.99 * MILLION / 1000);
	for (size_t i = 0; i < profile->nlines; i++) {
		CHECK_INT(profile->lines[i].ntimes, SCL_PROFILE_TIMES_PER_LINE);
		CHECK(profile->lines[i].times_seen > MILLION / 8);
	}
	tear_down();
}

/* Every sample has a file, a function, a line and a thread that nobody has seen before. */
static void hostile_million(void)
{
	char file[64], name[64];
	size_t half = 0;
	set_up();
	for (int i = 0; i < MILLION; i++) {
		snprintf(file, sizeof(file), "/app/%d.py", i);
		snprintf(name, sizeof(name), "f%d", i);
		struct scl_code user = code_of((uint32_t)i, file, name);
		struct scl_frame frames[] = {{.code = &user, .line = i + 1}};
		struct scl_thread_sample t = thread_of((uint64_t)i + 1, frames, 1, SCL_ACTIVITY_PYTHON);
		t.name = name;
		add(profile, filter, (uint64_t)i * SCL_NS_PER_MS, &t, 1);
		if (i == MILLION / 2)
			half = mallinfo2().uordblks;
	}
	CHECK(mallinfo2().uordblks <= half + half / 100);
	CHECK_INT(profile->nstacks, SCL_PROFILE_STACKS_MAX);
	CHECK(profile->nnodes <= SCL_PROFILE_NODES_MAX && profile->nframes <= SCL_PROFILE_FRAMES_MAX);
	CHECK(profile->nlines <= SCL_PROFILE_LINES_MAX && profile->nfunctions <= SCL_PROFILE_FUNCTIONS_MAX);
	CHECK_INT(profile->nthreads, SCL_PROFILE_THREADS_MAX);
	CHECK_INT(profile->dropped_threads, MILLION - SCL_PROFILE_THREADS_MAX);
	CHECK_INT(profile->dropped_stacks, MILLION - SCL_PROFILE_STACKS_MAX);
	CHECK(profile->dropped_lines > 0 && scl_intern_refused(profile->strings) > 0);
	check_sums(profile, 1e7 * MILLION);
	check_runs(profile);
	tear_down();
}

/* A stack as deep as the frames' bound, in a new order each time. */
static void deep_stacks_are_bounded(void)
{
	struct scl_code codes[64];
	struct scl_frame *frames = calloc(SCL_FRAMES_MAX, sizeof(*frames));
	set_up();
	for (uint32_t i = 0; i < 64; i++) {
		codes[i] = code_of(i, "/app/main.py", "f");
		codes[i].firstlineno = (int32_t)i;
	}
	for (int i = 0; frames && i < 40; i++) {
		for (size_t k = 0; k < SCL_FRAMES_MAX; k++)
			frames[k] = (struct scl_frame){.code = &codes[(k + (size_t)i) % 64], .line = 1 + (int)k % 5};
		struct scl_thread_sample t = thread_of(1, frames, SCL_FRAMES_MAX, SCL_ACTIVITY_PYTHON);
		t.stack.end = SCL_STACK_CUT;
		add(profile, filter, (uint64_t)i, &t, 1);
	}
	CHECK_INT(profile->summary.broken, 40);
	CHECK_INT(profile->nnodes, SCL_PROFILE_NODES_MAX);
	CHECK(profile->nstacks >= 12 && profile->nstacks < 40);
	CHECK_INT(profile->nstacks + profile->dropped_stacks, 40);
	check_sums(profile, 40e7);
	free(frames);
	tear_down();
}

static void code_ids_outlive_their_table(void)
{
	struct scl_code user = code_of(0, "/app/main.py", "work");
	struct scl_frame frames[] = {{.code = &user, .line = 3}};
	struct scl_thread_sample t = thread_of(1, frames, 1, SCL_ACTIVITY_PYTHON);
	set_up();
	/* The same function, compiled again and again. */
	for (uint32_t i = 0; i < 300000; i++) {
		user.serial = i;
		add(profile, filter, i, &t, 1);
	}
	CHECK_INT(profile->nframes, 1);
	CHECK_INT(profile->nstacks, 1);
	CHECK(profile->code_ids.count <= 262144);
	tear_down();
}

int main(void)
{
	RUN(charges_the_innermost_user_line);
	RUN(names_the_enclosing_function);
	RUN(never_drops_a_sample_without_user_frames);
	RUN(keeps_what_cannot_be_read);
	RUN(counts_what_is_left_of_a_torn_stack);
	RUN(a_first_sample_weighs_the_interval);
	RUN(ticks_are_paid_out_in_full);
	RUN(bytecode_pays_last);
	RUN(waiting_is_system_time);
	RUN(an_unknown_state_goes_by_the_instruction);
	RUN(steady_million);
	RUN(hostile_million);
	RUN(deep_stacks_are_bounded);
	RUN(code_ids_outlive_their_table);
	return check_finish();
}
