#include "check.h"
#include "profile/sample.h"

enum { GIL = 0x1000, GIL_END = 0x1100 };

static struct scl_code select_code = {.filename = "/usr/lib/python3.11/selectors.py", .name = "select"};
static struct scl_code run_once = {.filename = "/usr/lib/python3.11/asyncio/base_events.py", .name = "_run_once"};
static struct scl_code user_code = {.filename = "/home/u/selectors.py/x.py", .name = "select"};

static struct scl_frame idle[] = {{.code = &select_code}, {.code = &run_once}};
static struct scl_frame busy[] = {{.code = &user_code}, {.code = &run_once}};
static struct scl_frame no_code[] = {{.code = NULL}, {.code = &run_once}};

struct row {
	const char *name;
	char state;
	int64_t syscall; /* -1: none */
	uint64_t arg;
	const struct scl_frame *frames;
	size_t count;
	bool calling, gc;
	enum scl_gil_side side;
	enum scl_activity want;
};

static const struct row rows[] = {
	{"python", 'R', -1, 0, busy, 2, false, false, SCL_GIL_HELD, SCL_ACTIVITY_PYTHON},
	{"python, GIL not known", 'R', -1, 0, busy, 2, false, false, SCL_GIL_NOT_KNOWN, SCL_ACTIVITY_PYTHON},
	{"call", 'R', -1, 0, busy, 2, true, false, SCL_GIL_HELD, SCL_ACTIVITY_NATIVE},
	{"call without the GIL", 'R', -1, 0, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_NATIVE},
	{"operator that gave the GIL up", 'R', -1, 0, busy, 2, false, false, SCL_GIL_FREE, SCL_ACTIVITY_NATIVE},
	{"woken waiter", 'R', -1, 0, busy, 2, false, false, SCL_GIL_TAKEN, SCL_ACTIVITY_GIL},
	{"collector", 'R', -1, 0, busy, 2, true, true, SCL_GIL_HELD, SCL_ACTIVITY_GC},
	{"another one collects", 'R', -1, 0, busy, 2, true, true, SCL_GIL_TAKEN, SCL_ACTIVITY_NATIVE},
	{"runs in the selector", 'R', -1, 0, idle, 2, true, false, SCL_GIL_HELD, SCL_ACTIVITY_NATIVE},
	{"no frames", 'R', -1, 0, NULL, 0, true, false, SCL_GIL_FREE, SCL_ACTIVITY_NATIVE},
	{"futex at the GIL's start", 'S', 202, GIL, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_GIL},
	{"futex in the GIL", 'S', 202, GIL_END - 4, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_GIL},
	{"restarted futex", 'S', 219, GIL + 8, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_GIL},
	{"futex behind the GIL", 'S', 202, GIL_END, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_SYSCALL},
	{"futex before the GIL", 'S', 202, GIL - 1, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_SYSCALL},
	{"read of that address", 'S', 0, GIL, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_SYSCALL},
	{"idle loop", 'S', 232, 5, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"idle loop, pwait", 'S', 281, 5, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"idle loop, poll", 'S', 7, 5, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"idle loop, select", 'S', 23, 5, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"loop in C", 'S', 281, 5, busy, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"loop in C without Python", 'S', 281, 5, busy, 0, true, false, SCL_GIL_FREE, SCL_ACTIVITY_SYSCALL},
	{"loop in C, held", 't', 281, 5, busy, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"selector without a loop", 'S', 232, 5, idle, 1, true, false, SCL_GIL_FREE, SCL_ACTIVITY_SYSCALL},
	{"a user's select", 'S', 232, 5, busy, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_SYSCALL},
	{"unreadable code", 'S', 232, 5, no_code, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_SYSCALL},
	{"selector in another call", 'S', 35, 5, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_SYSCALL},
	{"idle loop, call not told", 'S', -1, 0, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"a call not told", 'S', -1, 0, busy, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_SYSCALL},
	{"selector that has the GIL", 'S', -1, 0, idle, 2, true, false, SCL_GIL_HELD, SCL_ACTIVITY_SYSCALL},
	{"selector on a page", 'D', -1, 0, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_SYSCALL},
	{"blocked on a page", 'D', -1, 0, busy, 2, false, false, SCL_GIL_HELD, SCL_ACTIVITY_SYSCALL},
	{"held on CPU", 't', -1, 0, busy, 2, false, false, SCL_GIL_HELD, SCL_ACTIVITY_PYTHON},
	{"held in a call", 't', -1, 0, busy, 2, true, false, SCL_GIL_HELD, SCL_ACTIVITY_NATIVE},
	{"held while idle", 't', 232, 5, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_LOOP_IDLE},
	{"held while waiting", 't', 202, GIL, busy, 2, true, false, SCL_GIL_TAKEN, SCL_ACTIVITY_GIL},
	{"stopped", 'T', 202, GIL, idle, 2, true, false, SCL_GIL_FREE, SCL_ACTIVITY_STOPPED},
	{"not known", '?', -1, 0, busy, 2, true, false, SCL_GIL_NOT_KNOWN, SCL_ACTIVITY_UNKNOWN},
};

static enum scl_activity decide(const struct row *row)
{
	struct scl_stack stack = {.count = row->count};
	struct scl_lwp_status status = {
		.state = row->state, .in_syscall = row->syscall >= 0, .syscall = row->syscall, .args = {row->arg}};
	struct scl_frame frames[2];
	for (size_t i = 0; i < row->count; i++)
		frames[i] = row->frames[i];
	stack.frames = frames;
	return scl_activity_decide(&(struct scl_activity_facts){.stack = &stack,
								.status = &status,
								.calling = row->calling,
								.gc_collecting = row->gc,
								.side = row->side,
								.gil = GIL,
								.gil_end = GIL_END});
}

static void decides_by_frames_and_kernel(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_case = rows[i].name;
		CHECK_STR(scl_activity_name(decide(&rows[i])), scl_activity_name(rows[i].want));
	}
	check_case = "";
}

static void an_unknown_gil_is_no_address(void)
{
	struct scl_stack stack = {0};
	struct scl_lwp_status status = {.state = 'S', .in_syscall = true, .syscall = SCL_SYS_futex};
	enum scl_activity got =
		scl_activity_decide(&(struct scl_activity_facts){.stack = &stack, .status = &status, .calling = true});
	CHECK_INT(got, SCL_ACTIVITY_SYSCALL);
}

static void every_activity_has_a_name(void)
{
	for (int i = 0; i < SCL_NACTIVITIES; i++) {
		const char *name = scl_activity_name((enum scl_activity)i);
		CHECK(name && strlen(name) > 4);
		for (int j = 0; j < i; j++)
			CHECK(strcmp(name, scl_activity_name((enum scl_activity)j)) != 0);
	}
	CHECK_STR(scl_activity_name(SCL_ACTIVITY_GIL), "waiting for the GIL");
	CHECK_STR(scl_activity_name(SCL_NACTIVITIES), "?");
}

static void names_system_calls(void)
{
	CHECK_STR(scl_syscall_name(0), "read");
	CHECK_STR(scl_syscall_name(SCL_SYS_epoll_wait), "epoll_wait");
	CHECK_STR(scl_syscall_name(230), "clock_nanosleep");
	CHECK_STR(scl_syscall_name(449), "futex_waitv");
	CHECK(!scl_syscall_name(-1));
	CHECK(!scl_syscall_name(400)); /* a hole in the table */
	CHECK(!scl_syscall_name(SCL_NSYSCALLS));
	CHECK(!scl_syscall_name(INT64_MAX));
}

int main(void)
{
	RUN(decides_by_frames_and_kernel);
	RUN(an_unknown_gil_is_no_address);
	RUN(every_activity_has_a_name);
	RUN(names_system_calls);
	return check_finish();
}
