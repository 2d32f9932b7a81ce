/* source.c - source lines for stacks. */
#include "command/source.h"

#include <string.h>

struct scl_source_file {
	const char *name;
	struct scl_profile_source source;
};

static const struct scl_profile_source *get_source(struct scl_source_cache *cache, const char *name)
{
	for (size_t i = 0; i < cache->n; i++)
		if (strcmp(cache->files[i].name, name) == 0)
			return &cache->files[i].source;
	if (cache->n == SCL_SOURCE_FILES_MAX || cache->bytes >= SCL_PROFILE_SOURCES_MAX)
		return NULL;
	if (!cache->files)
		cache->files = scl_arena_calloc(cache->arena, SCL_SOURCE_FILES_MAX, sizeof(*cache->files));
	const char *copy = scl_arena_strndup(cache->arena, name, strlen(name));
	if (!cache->files || !copy)
		return NULL;
	struct scl_source_file *file = &cache->files[cache->n++];
	file->name = copy;
	return scl_source_load(&file->source, cache->target, name, &cache->bytes) ? &file->source : NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\v';
}

const char *scl_source_line(struct scl_source_cache *cache, const char *filename, int32_t line, size_t *len)
{
	const struct scl_profile_source *source = line > 0 ? get_source(cache, filename) : NULL;

	if (!source || (uint32_t)line > source->nlines)
		return NULL;
	const char *start = source->lines[line - 1], *stop = start + strlen(start);
	while (start < stop && is_blank(*start))
		start++;
	while (stop > start && is_blank(stop[-1]))
		stop--;
	*len = (size_t)(stop - start);
	return *len ? start : NULL;
}

void scl_source_cache_close(struct scl_source_cache *cache)
{
	for (size_t i = 0; i < cache->n; i++)
		scl_source_unload(&cache->files[i].source);
	cache->n = 0;
}
