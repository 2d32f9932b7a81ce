/* sources.c - the text of all files that a profile has lines of. */
#include "profile/collect.h"
#include "profile/source.h"
#include "profile/tables.h"

static bool is_loaded(const struct scl_map *seen, uint32_t file)
{
	uint32_t i;
	return scl_map_get(seen, file, &i);
}

bool scl_profile_load_sources(struct scl_profile *p, struct scl_target *target, struct scl_error *err)
{
	struct scl_map seen = {0};
	size_t total = 0;
	for (size_t i = 0; i < p->nsources; i++)
		p->failed = p->failed || !scl_map_put(&seen, p->sources[i].file, (uint32_t)i);
	for (size_t i = 0; i < p->nlines && !p->failed; i++) {
		struct scl_profile_source source = {.file = p->lines[i].file};
		if (is_loaded(&seen, source.file) || source.file == SCL_INTERN_OTHER)
			continue;
		if (p->nsources >= SCL_PROFILE_FILES_MAX || total >= SCL_PROFILE_SOURCES_MAX)
			p->dropped_sources++;
		else if (!scl_table_reserve(p, &p->sources, &p->sources_cap, p->nsources + 1, sizeof(*p->sources)) ||
			 !scl_source_load(&source, target, scl_profile_str(p, source.file), &total))
			p->failed = true;
		else if (source.nlines)
			p->sources[p->nsources++] = source;
		if (!scl_map_put(&seen, source.file, (uint32_t)p->nsources))
			p->failed = true;
	}
	scl_map_destroy(&seen);
	return !p->failed || scl_fail(err, SCL_ENOMEM, "out of memory for source files");
}
