#include "samples.h"

#include <stdlib.h>

#include "profile/tables.h"
#include "profile/timeline.h"

static struct scl_profile *profile;
static struct scl_filter *filter;
static struct scl_code codes[4];
static struct scl_frame frames[4];

static void set_up(void)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	profile = scl_profile_create();
	filter = new_filter();
	for (uint32_t i = 0; i < 4; i++) {
		codes[i] = code_of(i, "/app/main.py", names[i]);
		frames[i] = (struct scl_frame){.code = &codes[i], .line = (int32_t)i + 1};
	}
}

static void tear_down(void)
{
	check_runs(profile);
	scl_profile_destroy(profile);
	scl_filter_destroy(filter);
}

/* One sample: stacks[k] is the function that thread k + 1 is in, ' ' where the thread is not there. */
static void sample_at(uint64_t ms, const char *stacks)
{
	struct scl_thread_sample threads[8];
	size_t n = 0;
	for (size_t k = 0; stacks[k]; k++)
		if (stacks[k] != ' ')
			threads[n++] = thread_of(k + 1, &frames[stacks[k] - 'a'], 1, SCL_ACTIVITY_PYTHON);
	add(profile, filter, ms * SCL_NS_PER_MS, threads, n);
}

/* The runs as text: "1a2 2b2 1c1": thread, function, count. */
static const char *runs(void)
{
	static char text[256];
	size_t at = 0;
	text[0] = '\0';
	for (size_t i = 0; i < profile->nruns; i++) {
		const struct scl_profile_run *run = &profile->runs[i];
		uint32_t frame = profile->nodes[profile->stacks[run->stack].node].frame;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%d%s%d", i ? " " : "", (int)run->thread,
				       scl_profile_str(profile, profile->frames[frame].function), (int)run->count);
	}
	return text;
}

static void equal_neighbours_are_one_run(void)
{
	set_up();
	sample_at(100, "a");
	sample_at(110, "a");
	sample_at(120, "b");
	sample_at(130, "a");
	CHECK_STR(runs(), "1a2 1b1 1a1");
	CHECK(profile->runs[1].t_sec > 0.019 && profile->runs[1].t_sec < 0.021);
	tear_down();
}

static void a_change_shows_every_thread(void)
{
	set_up();
	sample_at(0, "ab");
	sample_at(10, "ab");
	sample_at(20, "ac");
	sample_at(30, "ac");
	CHECK_STR(runs(), "1a2 2b2 1a2 2c2");
	CHECK(profile->runs[2].t_sec >= profile->runs[3].t_sec);
	tear_down();
}

static void no_run_follows_its_like(void)
{
	set_up();
	sample_at(0, "a");
	sample_at(10, "ab"); /* must not begin with the a that goes on */
	sample_at(20, "ab");
	sample_at(30, "a");
	CHECK_STR(runs(), "1a1 2b2 1a3");
	sample_at(40, " b");
	CHECK_STR(runs(), "1a1 2b2 1a3 2b1");
	tear_down();
}

static void samples_without_threads_are_no_runs(void)
{
	set_up();
	sample_at(0, "");
	CHECK_INT(profile->nruns, 0);
	sample_at(10, "a");
	sample_at(20, "");
	sample_at(30, "a");
	CHECK_STR(runs(), "1a2");
	tear_down();
}

/* Two threads that change all the time: the table fills, and what it says grows sparse over the whole time. */
static void a_full_table_grows_sparse(void)
{
	enum { N = 50000 };
	double widest = 0;
	set_up();
	for (int i = 0; i < N; i++)
		sample_at((uint64_t)i, scl_profile_random(profile) & 1 ? "ab" : "cd");
	CHECK(profile->nruns > SCL_PROFILE_RUNS_MAX / 4);
	CHECK(profile->dropped_runs > 0);
	CHECK(profile->runs[profile->nruns - 1].t_sec > 0.99 * N / 1000);
	for (size_t i = 1; i < profile->nruns; i++) {
		double gap = profile->runs[i].t_sec - profile->runs[i - 1].t_sec;
		widest = gap > widest ? gap : widest;
	}
	CHECK(widest < 2); /* of 50 s */
	tear_down();
}

static void more_threads_than_runs(void)
{
	enum { N = SCL_PROFILE_RUNS_MAX };
	set_up();
	for (int i = 0; i < 20; i++) {
		profile->instant = realloc(profile->instant, N * sizeof(*profile->instant));
		profile->nstacks = 2;
		for (size_t k = 0; profile->instant && k < N; k++)
			profile->instant[k] =
				(struct scl_profile_run){.stack = (uint32_t)i % 2, .count = 1, .thread = k};
		scl_timeline_add(profile, (uint64_t)i * SCL_NS_PER_S, N);
	}
	CHECK(profile->nruns > 0 && profile->nruns <= SCL_PROFILE_RUNS_MAX);
	CHECK(profile->dropped_runs >= 20 * (N - SCL_PROFILE_RUNS_MAX / 4));
	tear_down();
}

int main(void)
{
	RUN(equal_neighbours_are_one_run);
	RUN(a_change_shows_every_thread);
	RUN(no_run_follows_its_like);
	RUN(samples_without_threads_are_no_runs);
	RUN(a_full_table_grows_sparse);
	RUN(more_threads_than_runs);
	return check_finish();
}
