#include "writers/scalene.h"

#include <stdlib.h>

#include "writers/path.h"

/*
 * Two stacks of a profile can look alike in Scalene's terms (the same functions on the same lines with other
 * first lines, or the same user frames), where each may appear but once. So the tree is folded: every node gets
 * the number of the first node whose visible path is the same.
 */
struct fold {
	const struct scl_profile *profile;
	bool user_only;		     /* "stacks" knows nothing but the user's Python frames */
	struct scl_map names, looks; /* (file, function) -> name; (name, line) -> look */
	struct scl_map children;     /* (folded parent, look) -> node */
	uint32_t *nodes;	     /* node -> the node that stands for it; 0: nothing visible */
};

/* A stack of the document: all those of the profile that look like it. */
struct folded_stack {
	uint32_t node;
	uint64_t hits;
	double python_ns, native_ns, system_ns;
};

struct folded_stacks {
	struct folded_stack *items;
	size_t n;
	uint32_t *index; /* of the profile's stacks in items */
};

/* The frame of a node where it is visible, else NULL. */
static const struct scl_profile_frame *visible_frame(const struct fold *f, uint32_t node)
{
	uint32_t id = f->profile->nodes[node].frame;
	if (!node || id >= f->profile->nframes)
		return NULL;
	const struct scl_profile_frame *frame = &f->profile->frames[id];
	return f->user_only && (!frame->user || frame->native) ? NULL : frame;
}

static bool number_in(struct scl_map *map, uint64_t key, uint32_t fresh, uint32_t *number)
{
	if (scl_map_get(map, key, number))
		return true;
	*number = fresh;
	return scl_map_put(map, key, fresh);
}

static bool fold_node(struct fold *f, uint32_t node)
{
	uint32_t parent = f->nodes[scl_path_parent(f->profile, node)], name, look;
	const struct scl_profile_frame *frame = visible_frame(f, node);
	if (!frame) {
		f->nodes[node] = parent;
		return true;
	}
	uint32_t line = frame->native ? UINT32_MAX : frame->line > 0 ? (uint32_t)frame->line : 0;
	return number_in(&f->names, scl_map_pair(frame->file, frame->function), (uint32_t)f->names.count, &name) &&
	       number_in(&f->looks, scl_map_pair(name, line), (uint32_t)f->looks.count, &look) &&
	       number_in(&f->children, scl_map_pair(parent, look), node, &f->nodes[node]);
}

static void fold_destroy(struct fold *f)
{
	scl_map_destroy(&f->names);
	scl_map_destroy(&f->looks);
	scl_map_destroy(&f->children);
	free(f->nodes);
}

static bool fold_init(struct fold *f, const struct scl_profile *profile, bool user_only)
{
	*f = (struct fold){.profile = profile, .user_only = user_only};
	f->nodes = calloc(profile->nnodes + 1, sizeof(*f->nodes));
	bool done = f->nodes != NULL;
	for (uint32_t node = 1; done && node < profile->nnodes; node++)
		done = fold_node(f, node);
	if (!done)
		fold_destroy(f);
	return done;
}

static void stacks_destroy(struct folded_stacks *stacks)
{
	free(stacks->items);
	free(stacks->index);
}

static bool stacks_init(struct folded_stacks *stacks, const struct fold *f)
{
	const struct scl_profile *profile = f->profile;
	struct scl_map seen = {0};
	*stacks = (struct folded_stacks){
		.items = calloc(profile->nstacks + 1, sizeof(*stacks->items)),
		.index = calloc(profile->nstacks + 1, sizeof(*stacks->index)),
	};
	bool done = stacks->items && stacks->index;
	for (size_t i = 0; done && i < profile->nstacks; i++) {
		const struct scl_profile_stack *stack = &profile->stacks[i];
		uint32_t node = stack->node < profile->nnodes ? f->nodes[stack->node] : 0;
		done = number_in(&seen, node, (uint32_t)stacks->n, &stacks->index[i]);
		struct folded_stack *item = &stacks->items[stacks->index[i]];
		stacks->n += stacks->index[i] == stacks->n;
		item->node = node;
		/* Scalene's "stacks" are those of CPU samples. */
		item->hits += stack->hits + (f->user_only ? 0 : stack->awaits);
		item->python_ns += stack->python_ns;
		item->native_ns += stack->native_ns;
		item->system_ns += stack->system_ns;
	}
	scl_map_destroy(&seen);
	if (!done)
		stacks_destroy(stacks);
	return done;
}

static cJSON *new_frame(struct scl_json *j, const struct scl_profile *profile, const struct scl_profile_frame *frame)
{
	cJSON *object = cJSON_CreateObject();
	scl_json_string(j, object, "kind", frame->native ? "native" : "py");
	scl_json_string(j, object, "display_name", scl_profile_str(profile, frame->function));
	scl_json_string(j, object, "filename_or_module", scl_profile_str(profile, frame->file));
	if (frame->native || frame->line <= 0)
		scl_json_null(j, object, "line");
	else
		scl_json_integer(j, object, "line", frame->line);
	scl_json_null(j, object, "ip");
	scl_json_null(j, object, "offset");
	return object;
}

/* "path qualified-name:line;", the form of Scalene's own table. */
static cJSON *new_frame_text(const struct scl_profile *profile, const struct scl_profile_frame *frame)
{
	struct scl_buffer text = {0};
	scl_buffer_printf(&text, "%s %s:%d;", scl_profile_str(profile, frame->file),
			  scl_profile_str(profile, frame->function), (int)frame->line);
	cJSON *string = text.failed ? NULL : cJSON_CreateString(scl_buffer_str(&text));
	scl_buffer_destroy(&text);
	return string;
}

/* The visible frames from the outermost to that of `node`. */
static cJSON *new_path(struct scl_json *j, const struct fold *f, uint32_t node)
{
	cJSON *path = cJSON_CreateArray();
	for (; node; node = scl_path_parent(f->profile, node)) {
		const struct scl_profile_frame *frame = visible_frame(f, node);
		if (!frame)
			continue;
		cJSON *item = f->user_only ? new_frame_text(f->profile, frame) : new_frame(j, f->profile, frame);
		if (item && cJSON_InsertItemInArray(path, 0, item))
			continue;
		cJSON_Delete(item);
		j->failed = true;
		break;
	}
	return path;
}

static void emit_combined(struct scl_json *j, const struct fold *f, const struct folded_stacks *stacks)
{
	scl_json_open(j, "combined_stacks", '[');
	for (size_t i = 0; i < stacks->n && !j->failed; i++) {
		cJSON *pair = cJSON_CreateArray();
		scl_json_push(j, pair, new_path(j, f, stacks->items[i].node));
		scl_json_push(j, pair, scl_json_new_integer((int64_t)stacks->items[i].hits));
		scl_json_emit(j, NULL, pair);
	}
	scl_json_close(j, ']');
}

/* Fractions of all weight. Scalene knows but two kinds here and counts a blocked call as C. */
static void emit_user_stacks(struct scl_json *j, const struct fold *f, const struct folded_stacks *stacks)
{
	double total = f->profile->total_ns;
	scl_json_open(j, "stacks", '[');
	for (size_t i = 0; i < stacks->n && !j->failed; i++) {
		const struct folded_stack *stack = &stacks->items[i];
		if (!stack->node || !stack->hits)
			continue;
		double python = total > 0 ? scl_scalene_round(stack->python_ns / total) : 0;
		double native = total > 0 ? scl_scalene_round((stack->native_ns + stack->system_ns) / total) : 0;
		cJSON *weights = cJSON_CreateObject();
		scl_json_integer(j, weights, "count", (int64_t)stack->hits);
		scl_json_number(j, weights, "python_time", python);
		scl_json_number(j, weights, "c_time", native);
		scl_json_number(j, weights, "cpu_samples", scl_scalene_round(python + native));
		cJSON *pair = cJSON_CreateArray();
		scl_json_push(j, pair, new_path(j, f, stack->node));
		scl_json_push(j, pair, weights);
		scl_json_emit(j, NULL, pair);
	}
	scl_json_close(j, ']');
}

static void emit_run(struct scl_json *j, double t_sec, const struct scl_profile_run *run)
{
	cJSON *event = cJSON_CreateObject();
	scl_json_number(j, event, "t_sec", t_sec);
	scl_json_integer(j, event, "stack_index", run->stack);
	scl_json_integer(j, event, "count", (int64_t)run->count);
	scl_scalene_thread(j, event, "thread_id", run->thread);
	scl_json_emit(j, NULL, event);
}

/* Runs whose stacks fold into one are one run. Times begin at 0 and never go back. */
static void emit_timeline(struct scl_json *j, const struct scl_profile *profile, const struct folded_stacks *stacks)
{
	struct scl_profile_run pending = {0};
	double origin = 0, last = 0;
	bool any = false;
	scl_json_open(j, "combined_stacks_timeline", '[');
	for (size_t i = 0; i < profile->nruns && !j->failed; i++) {
		struct scl_profile_run run = profile->runs[i];
		if (run.stack >= profile->nstacks || !run.count)
			continue;
		run.stack = stacks->index[run.stack];
		if (any && run.stack == pending.stack && run.thread == pending.thread) {
			pending.count += run.count;
			continue;
		}
		if (any)
			emit_run(j, last, &pending);
		else
			origin = run.t_sec;
		double t_sec = scl_scalene_round(run.t_sec - origin);
		last = t_sec > last ? t_sec : last;
		pending = run;
		any = true;
	}
	if (any)
		emit_run(j, last, &pending);
	scl_json_close(j, ']');
}

static void emit_folded(struct scl_json *j, const struct scl_profile *profile, bool user_only)
{
	struct fold f;
	struct folded_stacks stacks;
	if (!fold_init(&f, profile, user_only)) {
		j->failed = true;
		return;
	}
	if (!stacks_init(&stacks, &f)) {
		fold_destroy(&f);
		j->failed = true;
		return;
	}
	if (user_only) {
		emit_user_stacks(j, &f, &stacks);
	} else {
		emit_combined(j, &f, &stacks);
		emit_timeline(j, profile, &stacks);
	}
	stacks_destroy(&stacks);
	fold_destroy(&f);
}

void scl_scalene_stacks(struct scl_json *j, const struct scl_profile *profile)
{
	emit_folded(j, profile, true);
	emit_folded(j, profile, false);
	scl_json_emit(j, "memory_stacks", cJSON_CreateArray());
}
