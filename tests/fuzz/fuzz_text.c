/*
 * fuzz_text.c - any bytes as a name of the target: what comes out is valid UTF-8 that cannot steer a terminal.
 */
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "harmless.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scl_buffer escaped = {0}, cut = {0};
	size_t columns = size ? data[0] % 100u : 0;
	/* A copy of the exact size, so that ASan sees a read behind the end. */
	char *bytes = malloc(size + 1);
	if (!bytes)
		return 0;
	if (size)
		memcpy(bytes, data, size);
	bytes[size] = '\0';
	scl_text_append(&escaped, bytes, size);
	require_harmless(scl_buffer_str(&escaped), escaped.len, false);
	scl_text_put_cut(&cut, scl_buffer_str(&escaped), columns);
	require_harmless(scl_buffer_str(&cut), cut.len, false);
	if (scl_text_columns(scl_buffer_str(&cut), cut.len) > columns)
		abort();
	scl_buffer_destroy(&escaped);
	scl_buffer_destroy(&cut);
	free(bytes);
	return 0;
}
