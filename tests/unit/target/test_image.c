/* test_image.c - the image back end's own functions, and the page cache where pages are not whole. */
#include "base/arena.h"
#include "check.h"
#include "target/image.h"
#include "target/page_cache.h"
#include "target/read_log.h"

enum { BASE = 0x10000 };

static struct scl_target *image;
static struct scl_error err;

static void maps_in_any_order(void)
{
	uint64_t value;

	image = scl_image_create();
	CHECK(scl_image_map(image, BASE + 0x200, 0x100));
	CHECK(scl_image_map(image, BASE, 0x100));
	CHECK(scl_image_map(image, BASE + 0x100, 0x100));
	CHECK(!scl_image_map(image, BASE + 0x1ff, 1));
	CHECK(!scl_image_map(image, BASE - 1, 2));
	CHECK(!scl_image_map(image, BASE + 0x2ff, 2));
	CHECK(!scl_image_map(image, BASE - 0x10, 0x1000));
	CHECK(!scl_image_map(image, BASE + 0x300, 0));
	CHECK(!scl_image_map(image, UINT64_MAX - 1, 4));
	scl_image_put_ptr(image, BASE + 0xf8, 0x1122334455667788);
	scl_image_put_u32(image, BASE + 0x100, 0xaabbccdd);
	scl_image_put_u8(image, BASE + 0x104, 0xee);
	/* Across the border of two mappings. */
	CHECK(scl_read_ptr(image, BASE + 0xfc, &value, &err) && value == 0xaabbccdd11223344);
	CHECK(!scl_image_at(image, BASE + 0xfc, 8));
	CHECK(scl_image_at(image, BASE + 0xf8, 8));
	scl_image_put(image, BASE + 0x2fc, "abcdefgh", 8);
	CHECK(scl_read_ptr(image, BASE + 0x2f8, &value, &err) && value == 0);
	scl_image_unmap(image, BASE + 0x150);
	CHECK(!scl_read_ptr(image, BASE + 0xfc, &value, &err));
	CHECK(err.address == BASE + 0x100);
	CHECK(scl_read_ptr(image, BASE + 0xf8, &value, &err) && value == 0x1122334455667788);
	CHECK(scl_read_ptr(image, BASE + 0x200, &value, &err) && value == 0);
	scl_target_close(image);
}

static void reads_scraps_of_pages_while_still(void)
{
	char buf[32];
	uint8_t byte;

	image = scl_image_create();
	CHECK(scl_image_map(image, BASE + 0x800, 6));
	scl_image_put(image, BASE + 0x800, "scrap", 6);
	scl_target_set_still(image, true);
	CHECK(scl_read_cstr(image, BASE + 0x800, buf, sizeof buf, &err));
	CHECK_STR(buf, "scrap");
	CHECK(!scl_read_u8(image, BASE + 0x806, &byte, &err));
	CHECK(err.address == BASE + 0x806);
	scl_target_close(image);
}

/* A block is read whole where all of it is mapped, and page by page at the edge of a mapping. */
static void reads_blocks_while_still(void)
{
	const scl_addr start = BASE / SCL_BLOCK_SIZE * SCL_BLOCK_SIZE + SCL_BLOCK_SIZE;
	uint8_t byte;

	image = scl_image_create();
	uint8_t *bytes = scl_image_map(image, start, SCL_BLOCK_SIZE + 2 * SCL_PAGE_SIZE);
	scl_target_set_still(image, true);
	for (size_t i = 0; bytes && i < SCL_BLOCK_SIZE; i += SCL_PAGE_SIZE / 2) {
		bytes[i] = (uint8_t)(i / 2048);
		if (!scl_read_u8(image, start + i, &byte, &err))
			CHECK_FAIL("offset %zu", i);
	}
	CHECK_INT(scl_target_spent(image).calls, 1);
	CHECK(scl_read_u8(image, start + SCL_BLOCK_SIZE, &byte, &err));
	CHECK(scl_read_u8(image, start + SCL_BLOCK_SIZE + SCL_PAGE_SIZE, &byte, &err));
	CHECK_INT(scl_target_spent(image).calls, 4);
	CHECK(!scl_read_u8(image, start + SCL_BLOCK_SIZE + (size_t)2 * SCL_PAGE_SIZE, &byte, &err));
	CHECK(scl_target_peek(image, start + 10, 20) != NULL);
	CHECK(scl_target_peek(image, start + SCL_PAGE_SIZE - 10, 20) == NULL);
	scl_target_set_still(image, false);
	CHECK(scl_target_peek(image, start + 10, 20) == NULL);
	scl_target_close(image);
}

static void foresees_the_pages_that_were_wanted(void)
{
	const scl_addr start = BASE / SCL_BLOCK_SIZE * SCL_BLOCK_SIZE + SCL_BLOCK_SIZE;
	uint8_t byte = 0;

	image = scl_image_create();
	uint8_t *bytes = scl_image_map(image, start, (size_t)4 * SCL_BLOCK_SIZE);
	for (int round = 0; bytes && round < 3; round++) {
		scl_target_set_still(image, true);
		scl_target_foresee(image);
		bytes[5000] = (uint8_t)round;
		for (size_t i = 0; i < 3; i++)
			CHECK(scl_read_u8(image, start + i * SCL_BLOCK_SIZE + 5000, &byte, &err));
		CHECK_INT(scl_target_spent(image).calls, 3 + round);
		/* What was foreseen was read before that. */
		CHECK(scl_read_u8(image, start + 5000, &byte, &err) && byte == (round ? round - 1 : 0));
		scl_target_set_still(image, false);
	}
	CHECK_INT(scl_target_spent(image).bytes, 3 * SCL_BLOCK_SIZE + 6 * SCL_PAGE_SIZE);
	scl_image_unmap(image, start);
	scl_target_set_still(image, true);
	scl_target_foresee(image);
	CHECK(!scl_read_u8(image, start + 5000, &byte, &err));
	scl_target_close(image);
}

/* One of them is gone: the others come by a few reads all the same, and are not read again. */
static void foresees_what_is_left(void)
{
	enum { BLOCKS = 32 };
	const scl_addr start = BASE / SCL_BLOCK_SIZE * SCL_BLOCK_SIZE + SCL_BLOCK_SIZE;
	const scl_addr gone = start + (scl_addr)6 * SCL_BLOCK_SIZE;
	uint8_t byte = 0;

	image = scl_image_create();
	for (size_t i = 0; i < BLOCKS; i++)
		if (!scl_image_map(image, start + i * SCL_BLOCK_SIZE, SCL_BLOCK_SIZE))
			CHECK_FAIL("no memory for block %zu", i);
	scl_target_set_still(image, true);
	for (size_t i = 0; i < BLOCKS; i++)
		CHECK(scl_read_u8(image, start + i * SCL_BLOCK_SIZE, &byte, &err));
	scl_image_unmap(image, gone);
	scl_target_set_still(image, false);
	scl_target_set_still(image, true);
	uint64_t before = scl_target_spent(image).calls;
	scl_target_foresee(image);
	uint64_t foreseen = scl_target_spent(image).calls;
	CHECK(foreseen - before <= 1 + 2 * 5); /* halves of 32 */
	for (size_t i = 0; i < BLOCKS; i++)
		CHECK(scl_read_u8(image, start + i * SCL_BLOCK_SIZE, &byte, &err) == (i != 6));
	CHECK(scl_target_spent(image).calls - foreseen <= 3); /* for the one that is gone */
	scl_target_close(image);
}

static void forgets_blocks_when_full(void)
{
	struct scl_page_cache *cache = scl_page_cache_create(SCL_PAGE_CACHE_MAX);

	for (scl_addr i = 0; cache && i < 2 * SCL_PAGE_CACHE_MAX + 8; i++) {
		struct scl_block *block = scl_page_cache_add(cache, i * SCL_BLOCK_SIZE);
		if (!block || block->pages || scl_page_cache_get(cache, i * SCL_BLOCK_SIZE) != block)
			CHECK_FAIL("block %d", (int)i);
	}
	CHECK(cache && !scl_page_cache_get(cache, 0));
	scl_page_cache_destroy(cache);
}

static void notes_what_is_read(void)
{
	struct scl_read_log log = {0};
	uint8_t buf[64];

	image = scl_image_create();
	CHECK(scl_image_map(image, BASE, 4096));
	scl_target_set_log(image, &log);
	CHECK(scl_read(image, BASE + 200, buf, 8, &err) && scl_read(image, BASE + 16, buf, 8, &err) &&
	      scl_read(image, BASE + 20, buf, 16, &err) && scl_read(image, BASE + 220, buf, 8, &err));
	CHECK_INT(log.n, 4);
	CHECK_INT(scl_read_log_join(&log), 20 + 28);
	CHECK_INT(log.n, 2);
	CHECK(log.pieces[0].addr == BASE + 16 && log.pieces[0].size == 20 && !log.failed);
	CHECK(!scl_read(image, BASE + 4095, buf, 8, &err));
	CHECK(log.failed);
	scl_read_log_clear(&log);
	CHECK(!log.failed && log.n == 0);
	scl_target_set_log(image, NULL);
	CHECK(scl_read(image, BASE, buf, 8, &err) && log.n == 0);
	scl_read_log_destroy(&log);
	scl_target_close(image);
}

static bool count(const struct scl_module *module, void *arg)
{
	CHECK_STR(module->path, "/image/python");
	CHECK(module->start == BASE && module->end == BASE + 16);
	++*(int *)arg;
	return true;
}

static void has_symbols_and_sections(void)
{
	struct scl_module module = {.path = "/image/python"};
	struct scl_symbol symbol;
	int modules = 0;

	image = scl_image_create();
	CHECK(scl_image_map(image, BASE, 16));
	CHECK(scl_for_each_module(image, count, &modules, &err));
	CHECK_INT(modules, 1);
	CHECK(scl_image_add_symbol(image, "_PyRuntime", BASE, 8));
	CHECK(scl_image_add_section(image, ".PyRuntime", BASE + 8, 4));
	CHECK(scl_find_symbol(image, &module, "_PyRuntime", &symbol, &err) && symbol.addr == BASE && symbol.size == 8);
	CHECK(scl_find_section(image, &module, ".PyRuntime", &symbol, &err) && symbol.addr == BASE + 8);
	CHECK(!scl_find_section(image, &module, "_PyRuntime", &symbol, &err));
	CHECK_INT(err.code, SCL_ENOTFOUND);
	CHECK(!scl_module_build_id(image, &module, (char[64]){0}, 64, &err));
	scl_target_close(image);
}

static void answers_for_what_it_has_not(void)
{
	struct scl_arena arena = {0};
	const char *const *argv;
	char buf[64];
	size_t argc = 9;

	image = scl_image_create();
	CHECK_STR(scl_target_kind(image), "image");
	CHECK_INT(scl_target_pid(image), 0);
	CHECK_INT(scl_target_open_file(image, "/etc/passwd"), -1);
	CHECK(scl_target_command_line(image, &arena, &argv, &argc, &err));
	CHECK_INT(argc, 0);
	CHECK(scl_target_cwd(image, buf, sizeof buf, &err));
	CHECK_STR(buf, "");
	CHECK(!scl_target_getenv(image, "HOME", buf, sizeof buf, &err));
	CHECK_INT(err.code, SCL_ENOTFOUND);
	scl_target_realpath(image, "/a/../b", buf, sizeof buf);
	CHECK_STR(buf, "/b");
	CHECK_INT(scl_lwp_from_inside(image, 5), 5);
	scl_target_close(image);
	scl_target_close(NULL);
	scl_arena_destroy(&arena);
}

int main(void)
{
	RUN(maps_in_any_order);
	RUN(reads_scraps_of_pages_while_still);
	RUN(reads_blocks_while_still);
	RUN(foresees_the_pages_that_were_wanted);
	RUN(foresees_what_is_left);
	RUN(forgets_blocks_when_full);
	RUN(notes_what_is_read);
	RUN(has_symbols_and_sections);
	RUN(answers_for_what_it_has_not);
	return check_finish();
}
