#include "check.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "profile/profile.h"

static struct scl_profile *profile;
static struct scl_buffer text;

static const char *summary(void)
{
	scl_buffer_clear(&text);
	scl_profile_summarize(profile, &text);
	return scl_buffer_str(&text);
}

static void set_up(void)
{
	scl_profile_destroy(profile);
	profile = scl_profile_create();
	profile->summary.asked = profile->summary.taken = 500;
	profile->summary.retried = 3;
	profile->summary.elapsed_ns = 5010 * (uint64_t)SCL_NS_PER_MS;
}

static void says_it_in_one_line(void)
{
	set_up();
	CHECK_STR(summary(), "500 samples asked, 500 taken in 5.01 s (99.8/s), 0 torn, 3 retried, 0 lost; live, the "
			     "target was not stopped\n");
}

static void says_how_long_the_target_stood(void)
{
	set_up();
	profile->summary.mode = "stop";
	for (int i = 0; i < 100; i++)
		scl_histogram_add(&profile->summary.pauses, i < 98 ? 2 * SCL_NS_PER_MS : 50 * SCL_NS_PER_MS);
	profile->summary.stopped_ns = 1500 * (uint64_t)SCL_NS_PER_MS;
	CHECK_CONTAINS(summary(), "; stop, the target stood still for 1.50 s (p50 ");
	CHECK_CONTAINS(summary(), " ms, p99 ");
	CHECK(!strstr(summary(), "not stopped"));
}

static void says_what_was_lost_and_why(void)
{
	set_up();
	snprintf(profile->summary.ended, sizeof(profile->summary.ended), "exit\033[2J");
	profile->summary.late = 7;
	profile->summary.broken = 2;
	profile->summary.torn = 4;
	profile->dropped_stacks = 11;
	profile->dropped_runs = 12;
	CHECK_CONTAINS(summary(), "\nended early: exit\\x1b[2J\n");
	CHECK_CONTAINS(summary(), "\n7 deadlines missed: ");
	CHECK_CONTAINS(summary(), ", 4 torn, ");
	CHECK_CONTAINS(summary(), "\n4 stacks moved while they were read");
	CHECK_CONTAINS(summary(), "\n2 stacks could be read in part only");
	CHECK_CONTAINS(summary(), "11 stacks, 12 timeline runs\n");
}

static void a_snapshot_has_no_rate(void)
{
	set_up();
	profile->summary.mode = "snapshot";
	profile->summary.taken = 1;
	profile->summary.stood = true;
	CHECK_STR(summary(), "500 samples asked, 1 taken, 0 torn, 3 retried, 0 lost; snapshot, the target stood still: "
			     "percentages are of one instant\n");
	profile->summary.stood = false;
	CHECK_STR(summary(),
		  "500 samples asked, 1 taken, 0 torn, 3 retried, 0 lost; snapshot, the target ran, and was not "
		  "stopped: percentages are of one instant\n");
}

static void says_why_the_first_was_lost(void)
{
	set_up();
	profile->summary.lost = 2;
	snprintf(profile->summary.loss, sizeof(profile->summary.loss), "list of threads: \033[2J");
	CHECK_CONTAINS(summary(), "2 lost");
	CHECK_CONTAINS(summary(), "\nthe first sample was lost because: list of threads: \\x1b[2J\n");
	profile->summary.lost = 1;
	CHECK_CONTAINS(summary(), "\nthe sample was lost because: list of threads");
}

int main(void)
{
	RUN(says_it_in_one_line);
	RUN(says_how_long_the_target_stood);
	RUN(says_what_was_lost_and_why);
	RUN(a_snapshot_has_no_rate);
	RUN(says_why_the_first_was_lost);
	scl_profile_destroy(profile);
	scl_buffer_destroy(&text);
	return check_finish();
}
