#include "profile/tables.h"

#include <stdlib.h>
#include <string.h>

bool scl_table_reserve(struct scl_profile *p, void *array, size_t *cap, size_t n, size_t size)
{
	void *old;
	if (n <= *cap)
		return true;
	size_t wanted = *cap ? *cap : 16;
	while (wanted < n)
		wanted *= 2;
	memcpy(&old, array, sizeof(old));
	void *grown = realloc(old, wanted * size);
	if (!grown) {
		p->failed = true;
		return false;
	}
	memcpy(array, &grown, sizeof(grown));
	*cap = wanted;
	return true;
}

/* xorshift64* (Marsaglia 2003, Vigna 2016): the state is never 0. */
uint64_t scl_profile_random(struct scl_profile *p)
{
	p->random ^= p->random >> 12;
	p->random ^= p->random << 25;
	p->random ^= p->random >> 27;
	return p->random * UINT64_C(0x2545f4914f6cdd1d);
}

/* Enter `value` under `key`; a map that cannot take it has run out of memory, as the callers keep the bounds. */
static bool enter(struct scl_profile *p, struct scl_map *map, uint64_t key, size_t value)
{
	if (!scl_map_put(map, key, (uint32_t)value))
		p->failed = true;
	return !p->failed;
}

/* The finaliser of splitmix64, chained. */
static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) + UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return h ^ (h >> 31);
}

static bool same_frame(const struct scl_profile_frame *a, const struct scl_profile_frame *b)
{
	return a->file == b->file && a->function == b->function && a->line == b->line &&
	       a->firstlineno == b->firstlineno && a->user == b->user && a->native == b->native;
}

bool scl_table_frame(struct scl_profile *p, const struct scl_profile_frame *frame, uint32_t *id)
{
	uint64_t key = mix(scl_map_pair(frame->file, frame->function), scl_map_pair(frame->line, frame->firstlineno));
	key = mix(key, (uint64_t)frame->user * 2 + frame->native);
	for (; scl_map_get(&p->frame_ids, key, id); key++)
		if (same_frame(&p->frames[*id], frame))
			return true;
	if (p->nframes >= SCL_PROFILE_FRAMES_MAX) {
		p->dropped_frames++;
		return false;
	}
	if (!scl_table_reserve(p, &p->frames, &p->frames_cap, p->nframes + 1, sizeof(*p->frames)) ||
	    !enter(p, &p->frame_ids, key, p->nframes))
		return false;
	*id = (uint32_t)p->nframes;
	p->frames[p->nframes++] = *frame;
	return true;
}

bool scl_table_node(struct scl_profile *p, uint32_t parent, uint32_t frame, bool make, uint32_t *id)
{
	uint64_t key = scl_map_pair(parent, frame);
	if (scl_map_get(&p->node_ids, key, id))
		return true;
	if (!make || p->nnodes >= SCL_PROFILE_NODES_MAX) {
		p->dropped_nodes++;
		return false;
	}
	if (!scl_table_reserve(p, &p->nodes, &p->nodes_cap, p->nnodes + 1, sizeof(*p->nodes)) ||
	    !enter(p, &p->node_ids, key, p->nnodes))
		return false;
	*id = (uint32_t)p->nnodes;
	p->nodes[p->nnodes++] = (struct scl_profile_node){.parent = parent, .frame = frame};
	return true;
}

bool scl_table_stack(struct scl_profile *p, uint32_t node, uint32_t *id)
{
	if (scl_map_get(&p->stack_ids, node, id))
		return true;
	if (p->nstacks >= SCL_PROFILE_STACKS_MAX)
		return false;
	if (!scl_table_reserve(p, &p->stacks, &p->stacks_cap, p->nstacks + 1, sizeof(*p->stacks)) ||
	    !enter(p, &p->stack_ids, node, p->nstacks))
		return false;
	*id = (uint32_t)p->nstacks;
	p->stacks[p->nstacks++] = (struct scl_profile_stack){.node = node};
	return true;
}

bool scl_table_part(struct scl_profile *p, uint32_t thread, enum scl_activity activity, uint32_t stack, uint32_t *id)
{
	uint64_t key = scl_map_pair(thread * SCL_NACTIVITIES + activity, stack);
	if (scl_map_get(&p->part_ids, key, id))
		return true;
	if (p->nparts >= SCL_PROFILE_PARTS_MAX) {
		p->dropped_parts++;
		return false;
	}
	if (!scl_table_reserve(p, &p->parts, &p->parts_cap, p->nparts + 1, sizeof(*p->parts)) ||
	    !enter(p, &p->part_ids, key, p->nparts))
		return false;
	*id = (uint32_t)p->nparts;
	p->parts[p->nparts++] = (struct scl_profile_part){.thread = thread, .stack = stack, .activity = activity};
	return true;
}

bool scl_table_line(struct scl_profile *p, uint32_t file, int32_t line, uint32_t *id)
{
	uint64_t key = scl_map_pair(file, line);
	if (scl_map_get(&p->line_ids, key, id))
		return true;
	if (p->nlines >= SCL_PROFILE_LINES_MAX) {
		p->dropped_lines++;
		return false;
	}
	if (!scl_table_reserve(p, &p->lines, &p->lines_cap, p->nlines + 1, sizeof(*p->lines)) ||
	    !enter(p, &p->line_ids, key, p->nlines))
		return false;
	*id = (uint32_t)p->nlines;
	p->lines[p->nlines++] = (struct scl_profile_line){.file = file, .line = line};
	return true;
}

bool scl_table_function(struct scl_profile *p, uint32_t file, uint32_t name, int32_t firstlineno, uint32_t *id)
{
	uint64_t key = mix(scl_map_pair(file, name), (uint32_t)firstlineno);
	for (; scl_map_get(&p->function_ids, key, id); key++) {
		const struct scl_profile_function *f = &p->functions[*id];
		if (f->file == file && f->name == name && f->firstlineno == firstlineno)
			return true;
	}
	if (p->nfunctions >= SCL_PROFILE_FUNCTIONS_MAX) {
		p->dropped_functions++;
		return false;
	}
	if (!scl_table_reserve(p, &p->functions, &p->functions_cap, p->nfunctions + 1, sizeof(*p->functions)) ||
	    !enter(p, &p->function_ids, key, p->nfunctions))
		return false;
	*id = (uint32_t)p->nfunctions;
	p->functions[p->nfunctions++] =
		(struct scl_profile_function){.file = file, .name = name, .firstlineno = firstlineno};
	return true;
}

bool scl_table_thread(struct scl_profile *p, uint64_t ident, uint32_t *id)
{
	if (scl_map_get(&p->thread_ids, ident, id))
		return true;
	if (p->nthreads >= SCL_PROFILE_THREADS_MAX) {
		p->dropped_threads++;
		return false;
	}
	if (!scl_table_reserve(p, &p->threads, &p->threads_cap, p->nthreads + 1, sizeof(*p->threads)) ||
	    !enter(p, &p->thread_ids, ident, p->nthreads))
		return false;
	*id = (uint32_t)p->nthreads;
	p->threads[p->nthreads++] = (struct scl_profile_thread){.ident = ident};
	return true;
}
