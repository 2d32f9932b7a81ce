#include "base/buffer.h"

#include <stdint.h>

#include "check.h"

static void an_empty_buffer_is_an_empty_string(void)
{
	struct scl_buffer b = {0};
	CHECK_STR(scl_buffer_str(&b), "");
	scl_buffer_append(&b, NULL, 0);
	scl_buffer_fill(&b, 'x', 0);
	scl_buffer_printf(&b, "%s", "");
	CHECK_STR(scl_buffer_str(&b), "");
	CHECK_INT(b.len, 0);
	scl_buffer_destroy(&b);
}

static void appends_of_every_kind(void)
{
	struct scl_buffer b = {0};
	scl_buffer_puts(&b, "ab");
	scl_buffer_putc(&b, 'c');
	scl_buffer_fill(&b, '-', 3);
	scl_buffer_append(&b, "xyz", 2);
	scl_buffer_printf(&b, "%d%%", 42);
	CHECK_STR(scl_buffer_str(&b), "abc---xy42%");
	CHECK_INT(b.len, 11);
	scl_buffer_clear(&b);
	CHECK_STR(scl_buffer_str(&b), "");
	scl_buffer_puts(&b, "again");
	CHECK_STR(scl_buffer_str(&b), "again");
	scl_buffer_destroy(&b);
	CHECK(b.data == NULL);
}

static void grows_at_every_length(void)
{
	char text[1200];
	for (size_t n = 0; n < sizeof(text); n++) {
		struct scl_buffer b = {0};
		memset(text, 'q', n);
		text[n] = '\0';
		scl_buffer_printf(&b, "%s", text);
		scl_buffer_puts(&b, text);
		scl_buffer_fill(&b, 'r', n);
		if (b.len != 3 * n || strlen(scl_buffer_str(&b)) != 3 * n || b.failed)
			CHECK_FAIL("length %zu after three times %zu", b.len, n);
		scl_buffer_destroy(&b);
		if (n == sizeof(text) - 1)
			break;
	}
}

static void out_of_memory_is_sticky(void)
{
	struct scl_buffer b = {0};
	scl_buffer_puts(&b, "kept");
	scl_buffer_fill(&b, 'x', SIZE_MAX / 2 + 1);
	CHECK(b.failed);
	scl_buffer_puts(&b, "lost");
	scl_buffer_printf(&b, "%0300d", 1);
	CHECK_STR(scl_buffer_str(&b), "kept");
	CHECK(b.failed);
	scl_buffer_destroy(&b);
}

int main(void)
{
	RUN(an_empty_buffer_is_an_empty_string);
	RUN(appends_of_every_kind);
	RUN(grows_at_every_length);
	RUN(out_of_memory_is_sticky);
	return check_finish();
}
