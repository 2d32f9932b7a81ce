/* test_contract.c - what every back end promises, run against each of them. */
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

#include "check.h"
#include "child.h"
#include "target/image.h"
#include "target/live.h"

static struct scl_target *target;
static struct child child;
static struct scl_error err;
static bool still;

/* The target's own memory, to write to: the child shares it with us. */
static uint8_t *bytes_of_target(scl_addr addr)
{
	return scl_target_pid(target) ? (uint8_t *)(uintptr_t)addr : scl_image_at(target, addr, 1);
}

static bool is_known(const uint8_t *bytes, scl_addr addr, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != child_byte(addr + i))
			return false;
	return true;
}

static void reads_known_bytes(void)
{
	uint8_t bytes[2 * PAGE];

	CHECK(scl_read(target, CHILD_BASE, bytes, 1, &err));
	CHECK(is_known(bytes, CHILD_BASE, 1));
	CHECK(scl_read(target, CHILD_BASE + PAGE - 5, bytes, 10, &err));
	CHECK(is_known(bytes, CHILD_BASE + PAGE - 5, 10));
	CHECK(scl_read(target, CHILD_BASE, bytes, 2 * PAGE, &err));
	CHECK(is_known(bytes, CHILD_BASE, 2 * PAGE - sizeof CHILD_TAIL));
	CHECK(scl_read(target, CHILD_SECOND, bytes, PAGE, &err));
	CHECK(is_known(bytes, CHILD_SECOND, PAGE));
}

static void reads_typed_values(void)
{
	uint64_t want64;
	uint32_t want32, u32;
	scl_addr ptr;
	int64_t i64;
	int32_t i32;
	uint8_t u8, bytes[8];

	child_fill(bytes, CHILD_BASE + 9, sizeof bytes);
	memcpy(&want64, bytes, 8);
	memcpy(&want32, bytes, 4);
	CHECK(scl_read_ptr(target, CHILD_BASE + 9, &ptr, &err) && ptr == want64);
	CHECK(scl_read_i64(target, CHILD_BASE + 9, &i64, &err) && i64 == (int64_t)want64);
	CHECK(scl_read_u32(target, CHILD_BASE + 9, &u32, &err) && u32 == want32);
	CHECK(scl_read_i32(target, CHILD_BASE + 9, &i32, &err) && i32 == (int32_t)want32);
	CHECK(scl_read_u8(target, CHILD_BASE + 9, &u8, &err) && u8 == bytes[0]);
}

static void reads_many_spans_in_one_call(void)
{
	static struct scl_span spans[SCL_SPANS_MAX + 1];
	static uint8_t bytes[SCL_SPANS_MAX + 1][16];

	for (size_t i = 0; i < SCL_SPANS_MAX + 1; i++) {
		scl_addr addr = (i % 2 ? CHILD_SECOND : CHILD_BASE) + (i * 13) % (PAGE - 16);
		spans[i] = (struct scl_span){.addr = addr, .to = bytes[i], .size = 1 + i % 16};
	}
	const size_t counts[] = {1, 3, 64, 65, SCL_SPANS_MAX};
	for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
		uint64_t before = scl_target_spent(target).calls;
		memset(bytes, 0, sizeof bytes);
		CHECK(scl_read_spans(target, spans, counts[c], &err));
		CHECK_INT(scl_target_spent(target).calls - before, 1);
		for (size_t i = 0; i < counts[c]; i++)
			CHECK(is_known(bytes[i], spans[i].addr, spans[i].size));
	}
	CHECK(!scl_read_spans(target, spans, SCL_SPANS_MAX + 1, &err));
	CHECK_INT(err.code, SCL_ECORRUPT);
}

static void reads_nothing_for_no_bytes(void)
{
	uint8_t byte = 0;
	struct scl_span spans[] = {{.addr = 0, .to = NULL, .size = 0}, {.addr = CHILD_BASE, .to = &byte, .size = 1}};
	uint64_t before = scl_target_spent(target).calls;

	CHECK(scl_read(target, 1, NULL, 0, &err));
	CHECK(scl_read_spans(target, NULL, 0, &err));
	CHECK_INT(scl_target_spent(target).calls, before);
	CHECK(scl_read_spans(target, spans, 2, &err) && byte == child_byte(CHILD_BASE));
}

static void names_the_address_of_a_hole(void)
{
	uint8_t bytes[4 * PAGE];
	const scl_addr hole = CHILD_BASE + 2 * PAGE;

	CHECK(!scl_read(target, hole + 8, bytes, 8, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(err.address == hole + 8);
	CHECK_CONTAINS(err.text, "cannot read 8 bytes at 0x200000002008");
	CHECK(!scl_read(target, hole - 12, bytes, 64, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(err.address == hole);
	CHECK(!scl_read(target, hole - PAGE - 1, bytes, 4 * PAGE, &err));
	CHECK(err.address == hole);
	CHECK(!scl_read(target, hole + PAGE - 1, bytes, 2, &err));
	CHECK(err.address == hole + PAGE - 1);
	CHECK(!scl_read(target, hole, bytes, 1, NULL));
}

static void fails_whole_when_one_span_is_bad(void)
{
	uint8_t a[8], b[16], c[8];
	struct scl_span spans[] = {{.addr = CHILD_BASE, .to = a, .size = sizeof a},
				   {.addr = CHILD_BASE + 2 * PAGE - 4, .to = b, .size = sizeof b},
				   {.addr = CHILD_SECOND, .to = c, .size = sizeof c}};

	CHECK(!scl_read_spans(target, spans, 3, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(err.address == CHILD_BASE + 2 * PAGE);
	spans[1].addr = UINT64_C(0xdead000000000000);
	CHECK(!scl_read_spans(target, spans, 3, &err));
	CHECK(err.address == spans[1].addr);
}

static void refuses_impossible_requests(void)
{
	uint64_t before = scl_target_spent(target).calls;
	uint8_t byte;

	CHECK(!scl_read(target, 0x38, &byte, 1, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_CONTAINS(err.text, "null pointer");
	CHECK(!scl_read(target, UINT64_MAX - 3, &byte, 8, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(!scl_read(target, CHILD_BASE, &byte, (size_t)SCL_READ_MAX + 1, &err));
	CHECK_INT(err.code, SCL_ECORRUPT);
	CHECK(!scl_read(target, CHILD_BASE, &byte, SIZE_MAX, &err));
	CHECK_INT(err.code, SCL_ECORRUPT);
	CHECK_INT(scl_target_spent(target).calls, before);
}

static void reads_c_strings(void)
{
	const scl_addr tail = CHILD_BASE + 2 * PAGE - sizeof CHILD_TAIL;
	char buf[64];

	CHECK(scl_read_cstr(target, tail, buf, sizeof buf, &err));
	CHECK_STR(buf, CHILD_TAIL);
	CHECK(scl_read_cstr(target, tail, buf, 4, &err));
	CHECK_STR(buf, "the");
	CHECK(scl_read_cstr(target, tail, buf, 1, &err));
	CHECK_STR(buf, "");
	/* The last byte before the hole alone: an empty string. */
	CHECK(scl_read_cstr(target, CHILD_BASE + 2 * PAGE - 1, buf, sizeof buf, &err));
	CHECK_STR(buf, "");
}

static void fails_for_a_string_without_end(void)
{
	uint8_t *last = bytes_of_target(CHILD_BASE + 2 * PAGE - 1);
	char buf[64];

	*last = '!';
	scl_target_set_still(target, still);
	CHECK(!scl_read_cstr(target, CHILD_BASE + 2 * PAGE - 5, buf, sizeof buf, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(err.address == CHILD_BASE + 2 * PAGE);
	CHECK_STR(buf, "page!");
	*last = '\0';
	scl_target_set_still(target, still);
}

static void stops_at_the_budget(void)
{
	uint8_t bytes[64];

	for (int cached = 0; cached < 2; cached++) {
		scl_target_set_still(target, cached);
		scl_target_set_budget(target, (struct scl_read_budget){.calls = 3});
		for (int i = 0; i < 3; i++)
			CHECK(scl_read(target, CHILD_BASE, bytes, 8, &err));
		CHECK(!scl_read(target, CHILD_BASE, bytes, 8, &err));
		CHECK_INT(err.code, SCL_EBUDGET);
		scl_target_set_budget(target, (struct scl_read_budget){.bytes = 100});
		CHECK(scl_read(target, CHILD_BASE, bytes, 64, &err));
		CHECK(!scl_read(target, CHILD_BASE, bytes, 64, &err));
		CHECK_INT(err.code, SCL_EBUDGET);
		CHECK(!scl_target_may_read(target, &err)); /* nor a smaller one */
		CHECK(!scl_read(target, CHILD_BASE, bytes, 36, &err));
		scl_target_set_budget(target, (struct scl_read_budget){0});
		CHECK(scl_read(target, CHILD_BASE, bytes, 64, &err) && scl_target_may_read(target, &err));
	}
	scl_target_set_still(target, false);
}

static void counts_what_it_spent(void)
{
	struct scl_read_budget before = scl_target_spent(target), after;
	uint8_t bytes[64];

	CHECK(scl_read(target, CHILD_BASE, bytes, 64, &err));
	after = scl_target_spent(target);
	CHECK_INT(after.calls - before.calls, 1);
	CHECK_INT(after.bytes - before.bytes, 64);
}

static void keeps_pages_while_still(void)
{
	const scl_addr addr = CHILD_SECOND + 100;
	uint8_t *there = bytes_of_target(addr);
	uint8_t old = *there, now = 0;

	scl_target_set_still(target, true);
	CHECK(scl_read_u8(target, addr, &now, &err) && now == old);
	uint64_t calls = scl_target_spent(target).calls;
	*there = (uint8_t)(old + 1);
	CHECK(scl_read_u8(target, addr, &now, &err) && now == old);
	CHECK_INT(scl_target_spent(target).calls, calls);
	scl_target_set_still(target, true);
	CHECK(scl_read_u8(target, addr, &now, &err) && now == old + 1);
	*there = old;
	scl_target_set_still(target, false);
	CHECK(scl_read_u8(target, addr, &now, &err) && now == old);
}

static void run_reads(void)
{
	RUN(reads_known_bytes);
	RUN(reads_typed_values);
	RUN(names_the_address_of_a_hole);
	RUN(fails_whole_when_one_span_is_bad);
	RUN(reads_c_strings);
	RUN(fails_for_a_string_without_end);
}

struct seen {
	uint64_t lwps[16];
	size_t n, limit;
};

static bool see(uint64_t lwp, void *arg)
{
	struct seen *seen = arg;

	if (seen->n < 16)
		seen->lwps[seen->n++] = lwp;
	return seen->n < seen->limit;
}

static void lists_threads_main_first(void)
{
	struct seen seen = {.limit = 16};

	CHECK(scl_for_each_lwp(target, see, &seen, &err));
	CHECK_INT(seen.n, 1 + CHILD_THREADS);
	CHECK_INT(seen.lwps[0], child.pid);
	CHECK(seen.lwps[1] < seen.lwps[2]);
	for (size_t i = 0; i < CHILD_THREADS; i++)
		CHECK(child.lwps[i] == seen.lwps[1] || child.lwps[i] == seen.lwps[2]);
	seen = (struct seen){.limit = 1};
	CHECK(scl_for_each_lwp(target, see, &seen, &err));
	CHECK_INT(seen.n, 1);
}

/* A thread says that it is ready before it blocks; give it time to. */
static bool wait_blocked(uint64_t lwp, struct scl_lwp_status *status)
{
	for (int i = 0; i < 100000; i++) {
		if (!scl_lwp_status(target, lwp, SCL_LWP_STAT | SCL_LWP_SYSCALL | SCL_LWP_NAME, status, &err))
			return false;
		if (status->in_syscall && status->syscall == SYS_read && status->state == 'S')
			return true;
		sched_yield();
	}
	return false;
}

static void tells_what_a_thread_does(void)
{
	struct scl_lwp_status status;

	for (size_t i = 0; i < CHILD_THREADS; i++) {
		CHECK(wait_blocked(child.lwps[i], &status));
		CHECK_STR(status.name, child_names[i]);
		CHECK_INT(status.args[0], child.block);
		CHECK_INT(status.args[2], 1);
	}
	CHECK(scl_lwp_status(target, child.lwps[0], SCL_LWP_NAME, &status, &err));
	CHECK_INT(status.state, '?');
	CHECK_INT(status.syscall, -1);
	CHECK(!status.in_syscall);
	CHECK(scl_lwp_status(target, child.lwps[0], SCL_LWP_STAT, &status, &err));
	CHECK_STR(status.name, "");
	CHECK(!scl_lwp_status(target, 1 << 30, SCL_LWP_STAT, &status, &err));
	CHECK_INT(err.code, SCL_EGONE);
	CHECK_INT(scl_lwp_from_inside(target, child.lwps[0]), child.lwps[0]);
}

/* The module's path is the back end's, and valid in here only. */
static bool look_at_main(const struct scl_module *module, void *arg)
{
	struct scl_symbol symbol;

	if (!module->main)
		return true;
	++*(int *)arg;
	CHECK(module->executable && module->end > module->start);
	CHECK(!scl_find_symbol(target, module, "no_such_symbol", &symbol, &err));
	CHECK_INT(err.code, SCL_ENOTFOUND);
	return false;
}

static void has_a_main_module(void)
{
	int mains = 0;

	CHECK(scl_for_each_module(target, look_at_main, &mains, &err));
	CHECK_INT(mains, 1);
}

static void run_contract(const char *name)
{
	check_case = name;
	still = false;
	run_reads();
	RUN(reads_many_spans_in_one_call);
	RUN(reads_nothing_for_no_bytes);
	RUN(refuses_impossible_requests);
	RUN(stops_at_the_budget);
	RUN(counts_what_it_spent);
	RUN(keeps_pages_while_still);
	still = true;
	scl_target_set_still(target, true);
	run_reads();
	scl_target_set_still(target, false);
	RUN(lists_threads_main_first);
	RUN(tells_what_a_thread_does);
	RUN(has_a_main_module);
	scl_target_close(target);
}

static struct scl_target *make_image(void)
{
	struct scl_target *image = scl_image_create();
	struct scl_lwp_status status = {.state = 'S', .in_syscall = true, .syscall = SYS_read};
	uint8_t *first = image ? scl_image_map(image, CHILD_BASE, 2 * PAGE) : NULL;
	uint8_t *second = first ? scl_image_map(image, CHILD_SECOND, PAGE) : NULL;

	if (!second)
		return NULL;
	child_fill_both(first, second);
	bool ok = scl_image_add_lwp(image, (uint64_t)child.pid, &status);
	bool swapped = child.lwps[0] > child.lwps[1];
	for (size_t i = 0; ok && i < CHILD_THREADS; i++) {
		size_t index = swapped ? 1 - i : i;
		status.args[0] = (uint64_t)child.block;
		status.args[2] = 1;
		snprintf(status.name, sizeof status.name, "%s", child_names[index]);
		ok = scl_image_add_lwp(image, child.lwps[index], &status);
	}
	return ok ? image : NULL;
}

static void run_live(const char *name)
{
	target = scl_live_open(child.pid, &err);
	if (!target) {
		check_failed++;
		printf("%s: %s\n", name, err.text);
		return;
	}
	run_contract(name);
}

int main(void)
{
	if (!child_map() || !child_start(&child)) {
		printf("cannot make a child\n");
		return 1;
	}
	target = make_image();
	if (!target)
		return 1;
	run_contract("image");
	run_live("live");
	/* The kernel or a container has no process_vm_readv(2): /proc/PID/mem. */
	if (forbid_syscall(SYS_process_vm_readv, ENOSYS))
		run_live("live, through /proc/PID/mem");
	else
		check_skipped++;
	child_end(&child);
	return check_finish();
}
