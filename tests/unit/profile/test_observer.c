/* The observer and what it keeps of threads, on images of every layout. */
#include "fake_python.h"

#include <time.h>

#include "profile/sample.h"

enum {
	IDENT = 0x70001000, /* of the main thread; the other threads' follow */
	IDENT_STEP = 0x1000,
	PTHREAD_TID = 0x2d0,
	STACK_GUARD = 0x28,
	LWP = 500,
	GIL_WORD = 16, /* of the GIL's struct, for a futex */
};

static scl_addr interp;
static struct scl_observer *observer;
static struct scl_sample sample;

static void set_status(unsigned n, char state, int64_t syscall, uint64_t arg)
{
	struct scl_lwp_status status = {.state = state,
					.in_syscall = syscall >= 0,
					.syscall = syscall,
					.args = {arg},
					.user_ns = 50,
					.system_ns = 7,
					.name = "worker"};
	if (!scl_image_add_lwp(image, LWP + n, &status))
		abort();
}

/* Thread n, on CPU at instruction `unit` of a function of its own. */
static scl_addr add_thread(unsigned n, int32_t unit)
{
	char name[16];
	scl_addr thread = fake_thread(interp, n + 1, IDENT + n * IDENT_STEP, LWP + n);
	snprintf(name, sizeof name, "f%u", n);
	fake_put_u32(IDENT + n * IDENT_STEP + PTHREAD_TID, LWP + n);
	scl_addr code = fake_code("/app/main.py", name, 10, 8);
	fake_set_innermost(thread, fake_entry_frame(0, code, unit));
	set_status(n, 'R', -1, 0);
	return thread;
}

static void set_up(void)
{
	fake_runtime();
	interp = fake_interpreter(0);
	if (!scl_image_map(image, IDENT, 8 * IDENT_STEP))
		abort();
	put_u64(IDENT + STACK_GUARD, 0x1234);
	if (FAKE_HAS(runtime, main_thread))
		put_u64(AT(FAKE_RUNTIME, runtime, main_thread), IDENT);
	observer = scl_observer_create(&rt);
}

static bool take(enum scl_thread_choice choice)
{
	err = (struct scl_error){.code = SCL_OK};
	return scl_observer_take(observer, choice, 2, &sample, &err);
}

static scl_addr gil_of(void)
{
	struct scl_interpreter found = {0};
	struct scl_gil gil;
	if (!scl_interpreter_next(&rt, &found, &err) || !scl_gil_read(&rt, &found, &gil, &err))
		abort();
	return gil.address;
}

static void set_gil(bool locked, scl_addr holder)
{
	scl_addr gil = gil_of();
	fake_put_u32(AT(gil, gil, locked), locked);
	put_u64(AT(gil, gil, last_holder), holder);
	if (FAKE_HAS(runtime, tstate_current))
		put_u64(AT(FAKE_RUNTIME, runtime, tstate_current), locked ? holder : 0);
}

/* Older than the observer's list of threads may be. */
static void let_the_list_age(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 6000000}, NULL);
}

/* -- tests ---------------------------------------------------------------------------------------------- */

static void threads_come_with_stack_and_state(void)
{
	set_up();
	scl_addr main_thread = add_thread(0, 3);
	add_thread(1, 5);
	set_gil(true, main_thread);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 2);
	CHECK_INT(sample.torn + sample.retried, 0);
	if (sample.nthreads == 2) {
		const struct scl_thread_sample *t = sample.threads;
		CHECK(t[0].thread.main && !t[1].thread.main);
		CHECK_INT(t[0].thread.lwp, LWP);
		CHECK_STR(t[0].name, "worker");
		CHECK_INT(t[0].stack.count, 1);
		CHECK_STR(t[0].stack.frames[0].code->name, "f0");
		CHECK_INT(t[0].stack.frames[0].line, 13);
		CHECK_INT(t[1].stack.frames[0].line, 15);
		CHECK(t[0].holds_gil && !t[1].holds_gil);
		CHECK_INT(t[0].activity, SCL_ACTIVITY_PYTHON);
		CHECK_INT(t[1].activity, SCL_ACTIVITY_GIL);
		CHECK_INT(t[0].wall_ns, 0);
		CHECK_INT(t[0].user_ns, 0);
	}
}

static void times_are_since_the_last_sample(void)
{
	set_up();
	add_thread(0, 3);
	CHECK(take(SCL_CHOOSE_ALL));
	uint64_t before = sample.t_ns;
	struct scl_lwp_status later = {.state = 'R', .syscall = -1, .user_ns = 80, .system_ns = 6};
	CHECK(scl_image_add_lwp(image, LWP, &later));
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.threads[0].wall_ns, sample.t_ns - before);
	CHECK_INT(sample.threads[0].user_ns, 30);
	CHECK_INT(sample.threads[0].system_ns, 0); /* it went back: no time at all */
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.threads[0].user_ns, 0);
}

static void blocked_threads_are_told_apart(void)
{
	set_up();
	for (unsigned i = 0; i < 4; i++)
		add_thread(i, 3);
	scl_addr gil = gil_of();
	set_status(1, 'S', SCL_SYS_futex, gil + GIL_WORD);
	set_status(2, 'S', SCL_SYS_futex, 0x7000);
	set_status(3, 'T', -1, 0);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 4);
	if (sample.nthreads == 4) {
		if (FAKE_HAS(gil, sizeof))
			CHECK_INT(sample.threads[1].activity, SCL_ACTIVITY_GIL);
		CHECK_INT(sample.threads[2].activity, SCL_ACTIVITY_SYSCALL);
		CHECK_INT(sample.threads[2].status.syscall, SCL_SYS_futex);
		CHECK_INT(sample.threads[3].activity, SCL_ACTIVITY_STOPPED);
	}
}

static void the_collector_is_who_holds_the_gil(void)
{
	set_up();
	add_thread(0, 3);
	scl_addr second = add_thread(1, 3);
	set_gil(true, second);
	fake_put_u32(FAKE_HAS(interp, gc_collecting) ? AT(interp, interp, gc_collecting)
						     : AT(FAKE_RUNTIME, runtime, gc_collecting),
		     1);
	for (int i = 0; i < 2; i++) {
		CHECK(take(SCL_CHOOSE_ALL));
		CHECK(sample.threads[0].activity != SCL_ACTIVITY_GC);
		CHECK_INT(sample.threads[1].activity, SCL_ACTIVITY_GC);
	}
}

static void threads_are_chosen(void)
{
	set_up();
	add_thread(0, 3);
	scl_addr second = add_thread(1, 3);
	set_gil(true, second);
	CHECK(take(SCL_CHOOSE_MAIN));
	CHECK_INT(sample.nthreads, FAKE_HAS(runtime, main_thread));
	CHECK(take(SCL_CHOOSE_GIL));
	CHECK_INT(sample.nthreads, 1);
	CHECK_INT(sample.threads[0].thread.address, second);
	CHECK(sample.threads[0].wall_ns > 0); /* since the last sample of the process */
	set_gil(false, second);
	CHECK(take(SCL_CHOOSE_GIL));
	CHECK_INT(sample.nthreads, 0);
}

static void threads_come_and_go(void)
{
	set_up();
	add_thread(0, 3);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 1);
	scl_addr second = add_thread(1, 3);
	let_the_list_age();
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 2);
	/* Its state is freed, and is another thread's now: nothing of the first one may be left. */
	put_u64(AT(second, thread, thread_id), IDENT + 2 * IDENT_STEP);
	fake_put_u32(IDENT + 2 * IDENT_STEP + PTHREAD_TID, LWP + 2);
	if (FAKE_HAS(thread, native_thread_id))
		put_u64(AT(second, thread, native_thread_id), LWP + 2);
	set_status(2, 'R', -1, 0);
	CHECK(take(SCL_CHOOSE_ALL)); /* before the list is read again: it is left out */
	CHECK_INT(sample.nthreads, 1);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 2);
	CHECK_INT(sample.threads[1].thread.lwp, LWP + 2);
	CHECK_INT(sample.threads[1].wall_ns, 0);
	put_u64(AT(interp, interp, threads_head), 0);
	let_the_list_age();
	CHECK(!take(SCL_CHOOSE_ALL));
	CHECK_INT(err.code, SCL_ENOTFOUND);
}

static void a_broken_list_keeps_what_is_known(void)
{
	set_up();
	scl_addr first = add_thread(0, 3), second = add_thread(1, 3);
	CHECK(take(SCL_CHOOSE_ALL));
	put_u64(AT(second, thread, next), 0x10);
	for (int i = 0; i < 2; i++) {
		let_the_list_age();
		CHECK(take(SCL_CHOOSE_ALL));
		CHECK_INT(sample.nthreads, 2);
	}
	put_u64(AT(second, thread, next), first);
	let_the_list_age();
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 2);
}

static void another_program_is_not_sampled(void)
{
	set_up();
	add_thread(0, 3);
	CHECK(take(SCL_CHOOSE_ALL));
	put_u64(IDENT + STACK_GUARD, 0x5678);
	let_the_list_age();
	bool taken = take(SCL_CHOOSE_ALL);
	CHECK_INT(taken, !FAKE_HAS(runtime, main_thread));
	if (!taken) {
		CHECK_INT(err.code, SCL_EGONE);
		CHECK_CONTAINS(err.text, "another program");
	}
}

/* Deeper than the first guess: the frames' array grows until the stack is whole. */
static void deep_stacks_are_whole(void)
{
	scl_addr frame = 0;
	set_up();
	scl_addr thread = add_thread(0, 3), code = fake_code("/app/main.py", "deep", 10, 8);
	for (int i = 0; i < 300; i++)
		frame = fake_entry_frame(frame, code, i % 8);
	fake_set_innermost(thread, frame);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 1);
	CHECK_INT(sample.threads[0].stack.count, 300);
	CHECK_INT(sample.threads[0].stack.end, SCL_STACK_COMPLETE);
	CHECK_INT(sample.torn + sample.retried, 0);
}

static void ended_threads_are_left_out(void)
{
	set_up();
	add_thread(0, 3);
	add_thread(1, 3);
	set_status(1, 'Z', -1, 0);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 1);
	set_status(0, '?', -1, 0);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.threads[0].activity, SCL_ACTIVITY_UNKNOWN);
}

/* Thread states of the same content in a mapping of their own, which can go away. */
static scl_addr move_away(scl_addr thread, scl_addr to)
{
	size_t size = FAKE_SIZE(thread, next, id);
	void *copy = scl_image_map(image, to, size);
	if (!copy || !scl_read(image, thread, copy, size, NULL))
		abort();
	put_u64(AT(interp, interp, threads_head), to);
	return to;
}

static void an_unreadable_thread_says_why(void)
{
	set_up();
	add_thread(0, 3);
	scl_addr second = move_away(add_thread(1, 3), 0x60000000);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 2);
	scl_image_unmap(image, second);
	for (int i = 0; i < 2; i++) { /* the second time the list breaks off there */
		CHECK(take(SCL_CHOOSE_ALL));
		CHECK_INT(sample.nthreads, 2);
		CHECK_INT(sample.threads[1].stack.end, SCL_STACK_BROKEN);
		CHECK_INT(sample.threads[1].stack.count, 0);
		CHECK_CONTAINS(sample.threads[1].stack.why.text, "thread state at 0x60000000");
		CHECK(!sample.threads[1].unseen);
	}
	set_status(1, 'Z', -1, 0);
	CHECK(take(SCL_CHOOSE_ALL));
	CHECK_INT(sample.nthreads, 1);
}

/* Wherever reads are refused: all threads with their stacks, or an error. */
static void refused_reads_are_an_error(void)
{
	unsigned taken = 0;
	set_up();
	for (unsigned i = 0; i < 3; i++)
		add_thread(i, 3);
	for (uint64_t calls = 1; calls < 200 && taken < 3; calls++) {
		scl_observer_destroy(observer);
		observer = scl_observer_create(&rt);
		scl_target_set_budget(image, (struct scl_read_budget){.calls = calls});
		for (int i = 0; i < 2; i++) {
			if (!take(SCL_CHOOSE_ALL)) {
				CHECK_INT(err.code, SCL_EBUDGET);
				break;
			}
			taken += i == 1;
			CHECK_INT(sample.nthreads, 3);
			for (size_t t = 0; t < sample.nthreads; t++)
				CHECK_INT(sample.threads[t].stack.end, SCL_STACK_COMPLETE);
			let_the_list_age();
		}
	}
	CHECK(taken > 0);
}

static bool stop_now(void *arg)
{
	return *(bool *)arg;
}

static void a_sample_can_be_interrupted(void)
{
	bool stop = false;
	set_up();
	for (unsigned i = 0; i < 8; i++)
		add_thread(i, 3);
	scl_target_set_stop(image, stop_now, &stop);
	CHECK(take(SCL_CHOOSE_ALL));
	stop = true;
	for (int i = 0; i < 20 && take(SCL_CHOOSE_ALL); i++)
		let_the_list_age();
	CHECK_INT(err.code, SCL_EINTERRUPTED);
	scl_target_set_stop(image, NULL, NULL);
	CHECK(take(SCL_CHOOSE_ALL));
}

#define RUN_OBSERVER(test)                                                                                             \
	static void test##_then_close(void)                                                                            \
	{                                                                                                              \
		test();                                                                                                \
		scl_observer_destroy(observer);                                                                        \
		observer = NULL;                                                                                       \
	}
RUN_OBSERVER(threads_come_with_stack_and_state)
RUN_OBSERVER(times_are_since_the_last_sample)
RUN_OBSERVER(blocked_threads_are_told_apart)
RUN_OBSERVER(the_collector_is_who_holds_the_gil)
RUN_OBSERVER(threads_are_chosen)
RUN_OBSERVER(threads_come_and_go)
RUN_OBSERVER(a_broken_list_keeps_what_is_known)
RUN_OBSERVER(another_program_is_not_sampled)
RUN_OBSERVER(deep_stacks_are_whole)
RUN_OBSERVER(ended_threads_are_left_out)
RUN_OBSERVER(an_unreadable_thread_says_why)
RUN_OBSERVER(refused_reads_are_an_error)
RUN_OBSERVER(a_sample_can_be_interrupted)

int main(void)
{
	RUN_LAYOUTS(threads_come_with_stack_and_state_then_close);
	RUN_LAYOUTS(times_are_since_the_last_sample_then_close);
	RUN_LAYOUTS(blocked_threads_are_told_apart_then_close);
	RUN_LAYOUTS(the_collector_is_who_holds_the_gil_then_close);
	RUN_LAYOUTS(threads_are_chosen_then_close);
	RUN_LAYOUTS(threads_come_and_go_then_close);
	RUN_LAYOUTS(a_broken_list_keeps_what_is_known_then_close);
	RUN_LAYOUTS(another_program_is_not_sampled_then_close);
	RUN_LAYOUTS(deep_stacks_are_whole_then_close);
	RUN_LAYOUTS(ended_threads_are_left_out_then_close);
	RUN_LAYOUTS(an_unreadable_thread_says_why_then_close);
	RUN_LAYOUTS(refused_reads_are_an_error_then_close);
	RUN_LAYOUTS(a_sample_can_be_interrupted_then_close);
	return check_finish();
}
