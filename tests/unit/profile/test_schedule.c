#include "check.h"

#include "base/clock.h"
#include "profile/schedule.h"

enum { SAMPLES = 10000 };
static const uint64_t MS = SCL_NS_PER_MS;

static void keeps_the_mean_without_lockstep(void)
{
	struct scl_schedule s;
	uint64_t last = 1000, phases[10] = {0};
	scl_schedule_init(&s, last, 10 * MS);
	CHECK_INT(s.due_ns, last);
	for (int i = 0; i < SAMPLES; i++) {
		scl_schedule_next(&s, s.due_ns);
		CHECK(s.due_ns - last >= 75 * MS / 10 - 1 && s.due_ns - last <= 125 * MS / 10 + 1);
		last = s.due_ns;
		phases[last / MS % 10]++;
	}
	double mean = (double)last / SAMPLES / SCL_NS_PER_MS;
	CHECK(mean > 9.9 && mean < 10.1);
	/* A program with a period of 10 ms is seen at all of its phases alike. */
	for (int i = 0; i < 10; i++)
		CHECK(phases[i] > SAMPLES / 10 / 2 && phases[i] < SAMPLES / 10 * 2);
	CHECK_INT(s.late, 0);
}

static void is_absolute(void)
{
	struct scl_schedule prompt, slow;
	scl_schedule_init(&prompt, 0, 10 * MS);
	scl_schedule_init(&slow, 0, 10 * MS);
	for (int i = 0; i < 100; i++) {
		scl_schedule_next(&prompt, prompt.due_ns);
		scl_schedule_next(&slow, slow.due_ns + 5 * MS);
		CHECK_INT(prompt.due_ns, slow.due_ns);
	}
	CHECK_INT(slow.late, 0);
}

static void skips_missed_deadlines(void)
{
	struct scl_schedule s;
	scl_schedule_init(&s, 0, 10 * MS);
	scl_schedule_next(&s, 1000 * MS);
	CHECK(s.late >= 97 && s.late <= 99);
	/* One sample at once, and then no bunch of others. */
	CHECK(s.due_ns <= 1000 * MS && s.due_ns > 989 * MS);
	scl_schedule_next(&s, 1001 * MS);
	CHECK(s.due_ns > 996 * MS);
}

static void no_interval_is_at_once(void)
{
	struct scl_schedule s;
	scl_schedule_init(&s, 5, 0);
	scl_schedule_next(&s, 77);
	CHECK_INT(s.due_ns, 77);
	scl_schedule_init(&s, 5, 1);
	scl_schedule_next(&s, 5);
	CHECK_INT(s.due_ns, 6);
	CHECK_INT(s.late, 0);
}

int main(void)
{
	RUN(keeps_the_mean_without_lockstep);
	RUN(is_absolute);
	RUN(skips_missed_deadlines);
	RUN(no_interval_is_at_once);
	return check_finish();
}
