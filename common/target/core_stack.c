/*
 * core_stack.c - the arguments and the environment that a process was started with.
 *
 * The kernel puts them on the first stack, create_elf_tables() in fs/binfmt_elf.c: argc, the arguments, a null, the
 * environment, a null, the auxiliary vector, of which the core has a copy, and above that the bytes of AT_RANDOM.
 */
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>

#include "target/core_parts.h"

enum { BELOW_RANDOM = 16384, POINTERS_MAX = 1 << 16, STRING_MAX = 1 << 16 };

/* Where the auxiliary vector is on the stack; 0: it cannot be found. */
static scl_addr find_vector(const struct scl_core *core)
{
	scl_addr random = scl_core_auxval(core, AT_RANDOM) & ~(scl_addr)7;
	size_t size = core->n_auxv * 2 * sizeof(uint64_t);
	uint64_t words[BELOW_RANDOM / sizeof(uint64_t)];
	size_t have = BELOW_RANDOM;

	if (random < BELOW_RANDOM || size == 0)
		return 0;
	/* The stack may begin nearer than that. */
	while (have >= size && !scl_core_read_saved(core, random - have, words, have))
		have /= 2;
	for (size_t at = 0; at + size <= have; at += sizeof words[0])
		if (memcmp((const char *)words + at, core->auxv, size) == 0)
			return random - have + at;
	return 0;
}

/*
 * The array of pointers whose null is just below `end`, read downwards to the null, or the count, below it. Returns its
 * address, 0 when there is none.
 */
static scl_addr *read_array(struct scl_core *core, scl_addr end, bool counted, size_t *n)
{
	uint64_t word = 1;
	size_t count = 0;

	*n = 0;
	if (!scl_core_read_saved(core, end - 8, &word, 8) || word != 0)
		return NULL;
	while (count < POINTERS_MAX) {
		if (!scl_core_read_saved(core, end - 16 - 8 * count, &word, 8))
			return NULL;
		if (counted ? word == count : word == 0)
			break;
		count++;
	}
	scl_addr *array = scl_arena_calloc(&core->arena, count + 1, sizeof *array);
	if (count == POINTERS_MAX || !array ||
	    !scl_core_read_saved(core, end - 8 - 8 * count, array, count * sizeof *array))
		return NULL;
	*n = count;
	return array;
}

static void look(struct scl_core *core)
{
	scl_addr vector = core->looked_for_stack ? 0 : find_vector(core);

	core->looked_for_stack = true;
	if (!vector)
		return;
	core->envp = read_array(core, vector, false, &core->envc);
	if (core->envp)
		core->argv = read_array(core, vector - 8 - 8 * core->envc, true, &core->argc);
}

/* A string of the stack; NULL when it cannot be had. */
static char *read_string(struct scl_core *core, struct scl_arena *arena, scl_addr addr)
{
	char chunk[256];
	size_t len = 0;

	for (; len < STRING_MAX; len++) {
		if (len % sizeof chunk == 0) {
			size_t size = sizeof chunk;
			while (size && !scl_core_read_saved(core, addr + len, chunk, size))
				size /= 2;
			if (size < sizeof chunk)
				memset(chunk + size, 0, sizeof chunk - size);
		}
		if (!chunk[len % sizeof chunk])
			break;
	}
	char *text = scl_arena_alloc(arena, len + 1);
	return text && (len == 0 || scl_core_read_saved(core, addr, text, len)) ? text : NULL;
}

bool scl_core_command_line(struct scl_target *t, struct scl_arena *arena, const char *const **argv, size_t *argc,
			   struct scl_error *err)
{
	struct scl_core *core = scl_core_of(t);

	look(core);
	const char **list = scl_arena_calloc(arena, core->argc + 1, sizeof *list);
	if (!list)
		return scl_fail_errno(err, SCL_ENOMEM, ENOMEM, "out of memory");
	*argv = list;
	for (*argc = 0; *argc < core->argc; ++*argc) {
		list[*argc] = read_string(core, arena, core->argv[*argc]);
		if (!list[*argc])
			break;
	}
	return true;
}

bool scl_core_getenv(struct scl_target *t, const char *name, char *buf, size_t cap, struct scl_error *err)
{
	struct scl_core *core = scl_core_of(t);
	struct scl_arena arena = {0};
	size_t len = strlen(name);
	bool found = false;

	look(core);
	for (size_t i = 0; !found && i < core->envc; i++) {
		const char *entry = read_string(core, &arena, core->envp[i]);
		size_t size = entry ? strlen(entry) : 0;
		found = size > len && size - len - 1 < cap && strncmp(entry, name, len) == 0 && entry[len] == '=';
		if (found)
			memcpy(buf, entry + len + 1, size - len);
		scl_arena_reset(&arena);
	}
	scl_arena_destroy(&arena);
	return found ? true : scl_fail(err, SCL_ENOTFOUND, "the process was started without %s", name);
}
