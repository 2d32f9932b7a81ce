/* What suspended tasks become in the tables: credit, concurrency, names, stacks, and where nothing is credited. */
#include "samples.h"

#include <math.h>
#include <stdlib.h>

enum { MS = SCL_NS_PER_MS, WEIGHT = 10 * MS, MANY = 3000 };

static struct scl_profile *profile;
static struct scl_filter *filter;
static struct scl_code sleep_code, outer_code, inner_code, generator_code, plain_code;
static uint64_t now;

static void set_up(enum scl_await_credit credit)
{
	profile = scl_profile_create();
	filter = new_filter();
	CHECK(profile && filter);
	profile->waiting.credit = credit;
	sleep_code = code_of(0, "/usr/lib/python3.12/asyncio/tasks.py", "sleep");
	outer_code = code_of(1, "/app/main.py", "main");
	inner_code = code_of(2, "/app/main.py", "fetch");
	generator_code = code_of(3, "/app/main.py", "<genexpr>");
	plain_code = code_of(4, "/app/main.py", "cpu");
	sleep_code.flags = outer_code.flags = inner_code.flags = SCL_CO_COROUTINE;
	now = 1;
}

static void tear_down(void)
{
	scl_profile_destroy(profile);
	scl_filter_destroy(filter);
}

static struct scl_suspended task_of(uint64_t serial, const char *name, const struct scl_frame *frames, size_t n)
{
	return (struct scl_suspended){.serial = serial, .name = name, .frames = frames, .n = n};
}

/* One sample of the main thread, whose loop is idle, with these tasks and further ones of which nothing is known. */
static void idle_moved(enum scl_waiting_state state, const struct scl_suspended *tasks, size_t n, size_t unknown)
{
	struct scl_code select = code_of(9, "/usr/lib/python3.12/selectors.py", "select");
	struct scl_frame frame = {.code = &select, .line = 468};
	struct scl_thread_sample t = thread_of(1, &frame, 1, SCL_ACTIVITY_LOOP_IDLE);
	const struct scl_suspended **list = calloc(n + 1, sizeof(*list));
	for (size_t i = 0; i < n && list; i++)
		list[i] = &tasks[i];
	t.waiting = (struct scl_waiting){.state = state, .tasks = list, .n = n, .unknown = unknown};
	now += WEIGHT;
	add(profile, filter, now, &t, 1);
	free(list);
}

static void idle(enum scl_waiting_state state, const struct scl_suspended *tasks, size_t n)
{
	idle_moved(state, tasks, n, 0);
}

static const struct scl_profile_await *line_at(int32_t number)
{
	static const struct scl_profile_await none;
	for (size_t i = 0; i < profile->nlines; i++)
		if (profile->lines[i].line == number)
			return &profile->lines[i].await;
	return &none;
}

static const struct scl_profile_await *function_called(const char *name)
{
	static const struct scl_profile_await none;
	for (size_t i = 0; i < profile->nfunctions; i++)
		if (strcmp(scl_profile_str(profile, profile->functions[i].name), name) == 0)
			return &profile->functions[i].await;
	return &none;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1;
}

/* The parts of an idle loop's time are all of it, and the lines have what is credited. */
static void check_parts(void)
{
	const struct scl_profile_waiting *w = &profile->waiting;
	double lines = 0;
	for (size_t i = 0; i < profile->nlines; i++)
		lines += profile->lines[i].await.ns;
	CHECK(near(lines, w->credited_ns));
	CHECK(near(w->credited_ns + w->library_ns + w->dropped_ns + w->no_task_ns + w->not_read_ns, w->idle_ns));
}

/* -- credit --------------------------------------------------------------------------------------------- */

/* main (line 20) awaits fetch (10), which sleeps; another one sleeps in main itself (21); one is the library's. */
static void take_three(enum scl_await_credit credit)
{
	static struct scl_frame deep[3], flat[2], library[1];
	set_up(credit);
	deep[0] = (struct scl_frame){.code = &outer_code, .line = 20};
	deep[1] = (struct scl_frame){.code = &inner_code, .line = 10};
	deep[2] = (struct scl_frame){.code = &sleep_code, .line = 640};
	flat[0] = (struct scl_frame){.code = &outer_code, .line = 21};
	flat[1] = deep[2];
	library[0] = deep[2];
	const struct scl_suspended tasks[] = {task_of(1, "Task-1", deep, 3), task_of(2, "Task-2", flat, 2),
					      task_of(3, "Task-3", library, 1)};
	idle(SCL_WAITING_READ, tasks, 3);
	idle(SCL_WAITING_READ, tasks, 3);
	check_parts();
}

static void credits_the_innermost_user_line(void)
{
	take_three(SCL_CREDIT_INNER);
	CHECK(near(line_at(10)->ns, 2.0 * WEIGHT / 3) && near(line_at(21)->ns, 2.0 * WEIGHT / 3));
	CHECK(line_at(20)->ns <= 0);
	CHECK(near(function_called("fetch")->ns, 2.0 * WEIGHT / 3));
	CHECK(near(profile->waiting.library_ns, 2.0 * WEIGHT / 3));
	CHECK(line_at(10)->coroutine && function_called("main")->coroutine);
	CHECK_INT(profile->waiting.tasks, 6);
	tear_down();
}

static void credits_the_outermost_frame(void)
{
	take_three(SCL_CREDIT_OUTER);
	CHECK(near(line_at(20)->ns, 2.0 * WEIGHT / 3) && near(line_at(21)->ns, 2.0 * WEIGHT / 3));
	CHECK(line_at(10)->ns <= 0);
	CHECK(near(function_called("main")->ns, 4.0 * WEIGHT / 3));
	CHECK_INT(function_called("main")->concurrency.max, 2);
	CHECK_INT(line_at(20)->concurrency.max, 1);
	tear_down();
}

static void credits_nobody_for_a_leaf_of_the_library(void)
{
	take_three(SCL_CREDIT_LEAF);
	CHECK_INT(profile->nlines, 0);
	CHECK(near(profile->waiting.library_ns, 2.0 * WEIGHT));
	tear_down();
}

static void a_generator_expression_counts_for_its_function(void)
{
	set_up(SCL_CREDIT_INNER);
	struct scl_frame frames[] = {{.code = &outer_code, .line = 20}, {.code = &generator_code, .line = 22}};
	struct scl_suspended task = task_of(1, "a", frames, 2);
	idle(SCL_WAITING_READ, &task, 1);
	CHECK(near(line_at(22)->ns, WEIGHT) && line_at(22)->coroutine);
	CHECK_INT(profile->nfunctions, 1);
	CHECK(near(function_called("main")->ns, WEIGHT));
	tear_down();
}

/* -- what is not read ----------------------------------------------------------------------------------- */

static void a_loop_without_tasks_credits_nobody(void)
{
	set_up(SCL_CREDIT_INNER);
	idle(SCL_WAITING_READ, NULL, 0);
	idle(SCL_WAITING_MOVED, NULL, 0);
	idle(SCL_WAITING_FAILED, NULL, 0);
	check_parts();
	CHECK_INT(profile->nlines, 0);
	CHECK_INT(profile->waiting.idle, 3);
	CHECK_INT(profile->waiting.moved + profile->waiting.failed, 2);
	CHECK(near(profile->waiting.no_task_ns, WEIGHT) && near(profile->waiting.not_read_ns, 2.0 * WEIGHT));
	tear_down();
}

/* Three tasks, of which two have gone on by the time when they are read. */
static void a_task_that_stood_keeps_its_part(void)
{
	set_up(SCL_CREDIT_INNER);
	struct scl_frame frame = {.code = &inner_code, .line = 10};
	const struct scl_suspended task = task_of(1, "a", &frame, 1);
	idle(SCL_WAITING_MOVED, &task, 1);
	idle_moved(SCL_WAITING_MOVED, &task, 1, 2);
	check_parts();
	CHECK(near(line_at(10)->ns, WEIGHT + WEIGHT / 3.0) && near(profile->waiting.not_read_ns, 2.0 * WEIGHT / 3));
	CHECK_INT(profile->waiting.moved, 2);
	CHECK_INT(profile->waiting.n.max, 3);
	tear_down();
}

static void a_foreign_coroutine_counts_in_the_total(void)
{
	set_up(SCL_CREDIT_INNER);
	struct scl_frame frame = {.code = &inner_code, .line = 10};
	const struct scl_suspended tasks[] = {task_of(1, "a", &frame, 1), task_of(2, "b", NULL, 0)};
	idle(SCL_WAITING_READ, tasks, 2);
	check_parts();
	CHECK(near(line_at(10)->ns, WEIGHT / 2.0) && near(profile->waiting.library_ns, WEIGHT / 2.0));
	CHECK_INT(profile->waiting.frameless, 1);
	tear_down();
}

/* -- bounds --------------------------------------------------------------------------------------------- */

static void names_stacks_and_runs_are_bounded(void)
{
	struct scl_suspended *tasks = calloc(MANY, sizeof(*tasks));
	char(*names)[16] = calloc(MANY, sizeof(*names));
	set_up(SCL_CREDIT_INNER);
	struct scl_frame frame = {.code = &inner_code, .line = 10};
	for (size_t i = 0; i < MANY && tasks && names; i++) {
		snprintf(names[i], sizeof(names[i]), "job %zu", i);
		tasks[i] = task_of(i + 1, names[i], &frame, 1);
	}
	for (int round = 0; round < 50; round++)
		idle(SCL_WAITING_READ, tasks, MANY);
	check_parts();
	check_runs(profile);
	CHECK(near(line_at(10)->ns, 50.0 * WEIGHT));
	CHECK_INT(line_at(10)->concurrency.mean, MANY);
	CHECK_INT(line_at(10)->concurrency.count, 50);
	CHECK_INT(line_at(10)->nnames, SCL_PROFILE_NAMES_PER_LINE);
	CHECK_INT(profile->dropped_task_names, 2 * (MANY - SCL_PROFILE_NAMES_PER_LINE)); /* of line and function */
	CHECK_INT(profile->task_labels, SCL_PROFILE_TASK_LABELS);
	CHECK_INT(profile->dropped_task_labels, MANY - SCL_PROFILE_TASK_LABELS);
	CHECK_INT(profile->nstacks, SCL_PROFILE_TASK_LABELS + 2); /* that without a name, and the thread's */
	CHECK_INT(profile->nruns, SCL_PROFILE_TASK_RUNS + 1);
	CHECK_INT(profile->waiting.runs_left_out, MANY - SCL_PROFILE_TASK_RUNS);
	uint64_t awaits = 0;
	for (size_t i = 0; i < profile->nstacks; i++)
		awaits += profile->stacks[i].awaits;
	CHECK_INT(awaits, 50 * MANY);
	tear_down();
	free(names);
	free(tasks);
}

/* A server makes a task for each request: numbers without end, and places that are forgotten again. */
static void endless_tasks_take_bounded_memory(void)
{
	enum { TASKS = 100, ROUNDS = 2000 };
	struct scl_suspended tasks[TASKS];
	char names[TASKS][24];
	set_up(SCL_CREDIT_INNER);
	struct scl_frame frame = {.code = &inner_code, .line = 10};
	for (uint64_t round = 0; round < ROUNDS; round++) {
		for (uint64_t i = 0; i < TASKS; i++) {
			uint64_t serial = round * TASKS + i + 1;
			snprintf(names[i], sizeof(names[i]), "Task-%" PRIu64, serial);
			tasks[i] = task_of(serial, names[i], &frame, 1);
		}
		idle(SCL_WAITING_READ, tasks, TASKS);
	}
	check_parts();
	check_runs(profile);
	CHECK(profile->nplaces <= SCL_PROFILE_PLACES_MAX);
	CHECK(scl_intern_count(profile->task_names) <= SCL_PROFILE_TASK_LABELS + SCL_PROFILE_NAMES_PER_LINE + 2);
	CHECK(profile->nparts <= SCL_PROFILE_TASK_LABELS + 2);
	CHECK(profile->nstacks <= SCL_PROFILE_TASK_LABELS + 2);
	CHECK(near(line_at(10)->ns, (double)ROUNDS * WEIGHT));
	tear_down();
}

static void code_that_runs_in_a_coroutine_is_known(void)
{
	set_up(SCL_CREDIT_INNER);
	struct scl_frame frames[] = {{.code = &inner_code, .line = 10}, {.code = &plain_code, .line = 40}};
	struct scl_thread_sample t = thread_of(1, frames, 1, SCL_ACTIVITY_PYTHON);
	add(profile, filter, 1, &t, 1);
	t = thread_of(1, frames + 1, 1, SCL_ACTIVITY_PYTHON);
	add(profile, filter, 2, &t, 1);
	CHECK(line_at(10)->coroutine && function_called("fetch")->coroutine);
	CHECK(!line_at(40)->coroutine && !function_called("cpu")->coroutine);
	tear_down();
}

int main(void)
{
	RUN(credits_the_innermost_user_line);
	RUN(credits_the_outermost_frame);
	RUN(credits_nobody_for_a_leaf_of_the_library);
	RUN(a_generator_expression_counts_for_its_function);
	RUN(a_loop_without_tasks_credits_nobody);
	RUN(a_task_that_stood_keeps_its_part);
	RUN(a_foreign_coroutine_counts_in_the_total);
	RUN(names_stacks_and_runs_are_bounded);
	RUN(endless_tasks_take_bounded_memory);
	RUN(code_that_runs_in_a_coroutine_is_known);
	return check_finish();
}
