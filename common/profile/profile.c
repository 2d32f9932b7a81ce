#include "profile/profile.h"

#include <stdlib.h>

#include "profile/source.h"
#include "profile/tables.h"

struct scl_profile *scl_profile_create(void)
{
	struct scl_profile *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->random = UINT64_C(0x9e3779b97f4a7c15);
	p->ncpu = 1;
	p->summary.mode = "live";
	p->strings = scl_intern_create(SCL_PROFILE_STRINGS_MAX);
	p->task_names = scl_intern_create(SCL_PROFILE_TASK_NAMES);
	if (!p->strings || !p->task_names || !scl_table_reserve(p, &p->nodes, &p->nodes_cap, 1, sizeof(*p->nodes))) {
		scl_profile_destroy(p);
		return NULL;
	}
	p->nodes[p->nnodes++] = (struct scl_profile_node){0, 0};
	return p;
}

static void destroy_maps(struct scl_profile *p)
{
	struct scl_map *maps[] = {&p->frame_ids, &p->node_ids,	 &p->line_ids, &p->function_ids, &p->stack_ids,
				  &p->part_ids,	 &p->thread_ids, &p->code_ids, &p->place_ids};
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		scl_map_destroy(maps[i]);
}

void scl_profile_destroy(struct scl_profile *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nlines; i++) {
		free(p->lines[i].times);
		free(p->lines[i].await.names);
	}
	for (size_t i = 0; i < p->nfunctions; i++)
		free(p->functions[i].await.names);
	for (size_t i = 0; i < p->nsources; i++)
		scl_source_unload(&p->sources[i]);
	destroy_maps(p);
	scl_intern_destroy(p->strings);
	scl_intern_destroy(p->task_names);
	free(p->frames);
	free(p->nodes);
	free(p->lines);
	free(p->functions);
	free(p->stacks);
	free(p->parts);
	free(p->runs);
	free(p->threads);
	free(p->sources);
	free(p->args);
	free(p->scratch);
	free(p->instant);
	free(p->places);
	free(p->met_lines);
	free(p->met_functions);
	free(p);
}

const struct scl_profile_source *scl_profile_source(const struct scl_profile *p, uint32_t file)
{
	for (size_t i = 0; i < p->nsources; i++)
		if (p->sources[i].file == file)
			return p->sources[i].nlines ? &p->sources[i] : NULL;
	return NULL;
}

const char *scl_profile_str(const struct scl_profile *p, uint32_t id)
{
	return scl_intern_str(p->strings, id);
}
