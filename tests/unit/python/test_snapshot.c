/* Snapshots: what is foreseen, what is forgotten, and their bounds. */
#include "fake_python.h"

#include "python/pieces.h"

enum { FAR = 0x10000000, FAR_PAGES = 2048, PAGE = 4096 };

static scl_addr thread;
static struct scl_snapshot *snap;

/* Each word of the far pages holds its own address. */
static void open_snapshot(void)
{
	fake_runtime();
	thread = fake_thread(fake_interpreter(0), 1, 0x70001000, 1);
	if (!scl_image_map(image, FAR, FAR_PAGES * (size_t)PAGE))
		abort();
	for (scl_addr at = FAR; at < FAR + FAR_PAGES * (scl_addr)PAGE; at += 1024)
		put_u64(at, at);
	snap = scl_snapshot_create(&rt, thread);
	if (!snap)
		abort();
	CHECK(scl_snapshot_take(snap, &err));
}

static void close_snapshot(void)
{
	scl_snapshot_destroy(snap);
}

static uint64_t word(scl_addr at)
{
	uint64_t value = 0;
	CHECK(scl_snapshot_read(snap, at, &value, sizeof value, &err));
	return value;
}

static void what_was_missed_is_foreseen(void)
{
	bool torn = true;
	open_snapshot();
	CHECK_INT(word(FAR + 1024), FAR + 1024);
	CHECK_INT(word(FAR + 64 * PAGE), FAR + 64 * PAGE);
	CHECK_INT(scl_snapshot_misses(snap), 2);
	CHECK(scl_snapshot_finish(snap, &torn, &err));
	CHECK(!torn);
	for (int round = 0; round < 2; round++) {
		CHECK(scl_snapshot_take(snap, &err));
		uint64_t calls = scl_target_spent(image).calls;
		CHECK_INT(word(FAR + 1024), FAR + 1024);
		CHECK_INT(word(FAR + 64 * PAGE), FAR + 64 * PAGE);
		CHECK_INT(scl_snapshot_misses(snap), 0);
		CHECK(scl_snapshot_finish(snap, &torn, &err));
		CHECK_INT(scl_target_spent(image).calls, calls);
	}
	close_snapshot();
}

static void a_copy_is_of_its_round(void)
{
	uint64_t again = 0;
	open_snapshot();
	CHECK_INT(word(FAR), FAR);
	put_u64(FAR, 5);
	CHECK_INT(word(FAR), FAR);
	CHECK(!scl_snapshot_read_again(snap, FAR, &again, sizeof again));
	CHECK(scl_snapshot_take(snap, &err));
	put_u64(FAR, 6);
	CHECK_INT(word(FAR), 5);
	CHECK(scl_snapshot_read_again(snap, FAR, &again, sizeof again));
	CHECK_INT(again, 5);
	close_snapshot();
}

static void bytes_across_pages_are_whole(void)
{
	uint8_t bytes[3 * PAGE];
	uint64_t value;
	open_snapshot();
	put_u64(FAR + PAGE - 4, 0x1122334455667788);
	CHECK_INT(word(FAR), FAR);
	CHECK_INT(word(FAR + PAGE - 4), 0x1122334455667788);
	CHECK(scl_snapshot_read(snap, FAR, bytes, sizeof bytes, &err));
	memcpy(&value, bytes + 2 * PAGE, sizeof value);
	CHECK_INT(value, FAR + 2 * PAGE);
	CHECK(scl_snapshot_take(snap, &err));
	CHECK_INT(word(FAR + PAGE - 4), 0x1122334455667788);
	close_snapshot();
}

static void the_end_of_a_mapping_is_readable(void)
{
	open_snapshot();
	scl_addr edge = FAR + FAR_PAGES * (scl_addr)PAGE;
	if (!scl_image_map(image, edge, 100))
		abort();
	put_u64(edge + 92, 7);
	CHECK_INT(word(edge + 92), 7);
	CHECK(scl_snapshot_take(snap, &err));
	CHECK_INT(word(edge + 92), 7);
	CHECK_INT(scl_snapshot_misses(snap), 0);
	close_snapshot();
}

static void what_cannot_be_read_is_an_error(void)
{
	uint64_t value;
	open_snapshot();
	CHECK(!scl_snapshot_read(snap, NOWHERE, &value, sizeof value, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(!scl_snapshot_read(snap, UINT64_MAX - 3, &value, sizeof value, &err));
	CHECK(!scl_snapshot_read(snap, 0xdead0000, &value, sizeof value, &err));
	CHECK(scl_snapshot_take(snap, &err));
	CHECK_INT(word(FAR), FAR);
	close_snapshot();
}

/* Bytes of one round, the copies of what is foreseen included. */
static uint64_t cost_of_a_round(void)
{
	uint64_t bytes = scl_target_spent(image).bytes;
	CHECK(scl_snapshot_take(snap, &err));
	return scl_target_spent(image).bytes - bytes;
}

static void what_is_no_longer_used_is_dropped(void)
{
	open_snapshot();
	for (scl_addr i = 0; i < 32; i++)
		word(FAR + i * 4 * PAGE);
	uint64_t all = cost_of_a_round();
	CHECK(all > 2 * 32 * PAGE);
	for (int round = 0; round < 600; round++) {
		CHECK_INT(word(FAR + 4 * PAGE), FAR + 4 * PAGE);
		CHECK_INT(scl_snapshot_misses(snap), 0);
		CHECK(scl_snapshot_take(snap, &err));
	}
	CHECK(cost_of_a_round() < 4096);
	close_snapshot();
}

static void the_list_is_bounded(void)
{
	open_snapshot();
	for (int round = 0; round < 3; round++) {
		/* Far enough apart that nothing is joined. */
		for (scl_addr i = 0; i < FAR_PAGES / 2; i++)
			CHECK_INT(word(FAR + i * 2 * PAGE), FAR + i * 2 * PAGE);
		CHECK(scl_snapshot_misses(snap) >= FAR_PAGES / 2 - SCL_PIECES_MAX);
		CHECK(cost_of_a_round() <= 2 * (uint64_t)SCL_PIECES_BYTES_MAX + 4096);
	}
	for (scl_addr i = 0; i < FAR_PAGES; i++)
		CHECK_INT(word(FAR + i * PAGE), FAR + i * PAGE);
	CHECK(cost_of_a_round() <= 2 * (uint64_t)SCL_PIECES_BYTES_MAX + 4096);
	close_snapshot();
}

static void a_thread_that_moves_between_misses_is_torn(void)
{
	bool torn = false;
	open_snapshot();
	fake_set_innermost(thread, 0x5550);
	CHECK(scl_snapshot_finish(snap, &torn, &err));
	CHECK(!torn);
	word(FAR);
	CHECK(scl_snapshot_finish(snap, &torn, &err));
	CHECK(torn);
	CHECK(scl_snapshot_take(snap, &err));
	CHECK_INT(scl_snapshot_innermost(snap), 0x5550);
	CHECK(scl_snapshot_finish(snap, &torn, &err));
	CHECK(!torn);
	close_snapshot();
}

/* C code called into Python: the cframe is another one, on the C stack. */
static void another_cframe_is_followed(void)
{
	bool torn = true;
	open_snapshot();
	if (rt.layout.frame_link == SCL_FRAME_LINK_CFRAME) {
		scl_addr cframe = heap_alloc(64);
		put_u64(AT(cframe, cframe, current_frame), 0x7770);
		put_u64(AT(thread, thread, cframe), cframe);
		CHECK(scl_snapshot_take(snap, &err));
		CHECK_INT(scl_snapshot_innermost(snap), 0x7770);
		CHECK(scl_snapshot_finish(snap, &torn, &err));
		CHECK(!torn);
		put_u64(AT(thread, thread, cframe), 0);
		CHECK(scl_snapshot_take(snap, &err));
		CHECK_INT(scl_snapshot_innermost(snap), 0);
		put_u64(AT(thread, thread, cframe), 0xdead0000);
		/* One that cannot be read was left in between. */
		CHECK(scl_snapshot_take(snap, &err));
		CHECK_INT(scl_snapshot_innermost(snap), 0);
		CHECK(scl_snapshot_finish(snap, &torn, &err));
		CHECK(torn);
	}
	close_snapshot();
}

int main(void)
{
	RUN_LAYOUTS(what_was_missed_is_foreseen);
	RUN_LAYOUTS(a_copy_is_of_its_round);
	RUN_LAYOUTS(bytes_across_pages_are_whole);
	RUN_LAYOUTS(the_end_of_a_mapping_is_readable);
	RUN_LAYOUTS(what_cannot_be_read_is_an_error);
	RUN_LAYOUTS(what_is_no_longer_used_is_dropped);
	RUN_LAYOUTS(the_list_is_bounded);
	RUN_LAYOUTS(a_thread_that_moves_between_misses_is_torn);
	RUN_LAYOUTS(another_cframe_is_followed);
	return check_finish();
}
