#include "writers/writer.h"

#include <string.h>

static const struct scl_writer *const writers[] = {&scl_writer_scalene, &scl_writer_terminal, &scl_writer_collapsed,
						   &scl_writer_speedscope, &scl_writer_pprof};

enum { NWRITERS = sizeof(writers) / sizeof(writers[0]) };

const struct scl_writer *const *scl_writers(size_t *n)
{
	*n = NWRITERS;
	return writers;
}

const struct scl_writer *scl_writer_find(const char *name, struct scl_error *err)
{
	for (size_t i = 0; name && i < NWRITERS; i++)
		if (strcmp(writers[i]->name, name) == 0)
			return writers[i];
	char known[SCL_ERROR_TEXT / 2] = "";
	for (size_t i = 0; i < NWRITERS; i++) {
		strncat(known, i ? ", " : "", sizeof(known) - strlen(known) - 1);
		strncat(known, writers[i]->name, sizeof(known) - strlen(known) - 1);
	}
	(void)scl_fail(err, SCL_EUSAGE, "unknown format \"%s\" (known: %s)", name ? name : "", known);
	return NULL;
}
