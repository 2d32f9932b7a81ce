/* example.h - a profile made by hand: two files, three threads, Python and native frames, awkward text. */
#ifndef SCL_TESTS_WRITERS_EXAMPLE_H
#define SCL_TESTS_WRITERS_EXAMPLE_H

#include <stdlib.h>

#include "base/clock.h"
#include "profile/profile.h"
#include "check.h"

#define EXAMPLE_APP	 "/srv/app/service.py"
#define EXAMPLE_ODD	 "/srv/app/\xe6\x97\xa5\xe6\x9c\xac </script>\x1b[2J.py"
#define EXAMPLE_ODD_SAFE "/srv/app/\xe6\x97\xa5\xe6\x9c\xac \xe2\x80\xb9/script>\x1b[2J.py"
#define EXAMPLE_GONE	 "/srv/app/deleted.py"

enum { EXAMPLE_MS = SCL_NS_PER_MS };
static const uint64_t example_main_ident = UINT64_C(139637976732212);

static inline uint32_t example_id(struct scl_profile *p, const char *s)
{
	return scl_intern_put(p->strings, s, strlen(s));
}

/* A table of the profile with one more element, zeroed. */
static inline void *example_grow(void *array, size_t n, size_t size)
{
	char *grown = realloc(array, (n + 1) * size);
	if (!grown)
		abort();
	return memset(grown + n * size, 0, size), grown;
}

static inline void example_line(struct scl_profile *p, const char *file, int line, double python_ms, double native_ms,
				double system_ms)
{
	p->lines = example_grow(p->lines, p->nlines, sizeof(*p->lines));
	struct scl_profile_line *l = &p->lines[p->nlines++];
	l->file = example_id(p, file);
	l->line = line;
	l->cost = (struct scl_profile_cost){.samples = 1,
					    .python_ns = python_ms * EXAMPLE_MS,
					    .native_ns = native_ms * EXAMPLE_MS,
					    .system_ns = system_ms * EXAMPLE_MS};
	scl_stats_add(&l->cost.utilization, 0.5);
	p->total_ns += (python_ms + native_ms + system_ms) * EXAMPLE_MS;
	p->samples_with_user_frame++;
}

static inline void example_function(struct scl_profile *p, const char *file, const char *name, int line,
				    double python_ms, double native_ms, double system_ms)
{
	p->functions = example_grow(p->functions, p->nfunctions, sizeof(*p->functions));
	p->functions[p->nfunctions++] = (struct scl_profile_function){
		.file = example_id(p, file),
		.name = example_id(p, name),
		.firstlineno = line,
		.cost = {.samples = 1,
			 .python_ns = python_ms * EXAMPLE_MS,
			 .native_ns = native_ms * EXAMPLE_MS,
			 .system_ns = system_ms * EXAMPLE_MS},
	};
}

static inline void example_source(struct scl_profile *p, const char *file, const char *text)
{
	struct scl_profile_source s = {.file = example_id(p, file), .text = calloc(2, strlen(text) + 1)};
	char *out = s.text;
	for (const char *end; *text; text = end) {
		end = text + strcspn(text, "\n");
		end += *end == '\n';
		s.lines = example_grow(s.lines, s.nlines, sizeof(*s.lines));
		s.lines[s.nlines++] = memcpy(out, text, (size_t)(end - text));
		out += end - text + 1;
	}
	p->sources = example_grow(p->sources, p->nsources, sizeof(*p->sources));
	p->sources[p->nsources++] = s;
}

/* A frame below the parent; the node's number. */
static inline uint32_t example_node(struct scl_profile *p, uint32_t parent, struct scl_profile_frame frame)
{
	p->frames = example_grow(p->frames, p->nframes, sizeof(*p->frames));
	p->frames[p->nframes] = frame;
	p->nodes = example_grow(p->nodes, p->nnodes, sizeof(*p->nodes));
	p->nodes[p->nnodes] = (struct scl_profile_node){.parent = parent, .frame = (uint32_t)p->nframes++};
	return (uint32_t)p->nnodes++;
}

static inline uint32_t example_py(struct scl_profile *p, uint32_t parent, const char *file, const char *function,
				  int line, int first)
{
	return example_node(p, parent,
			    (struct scl_profile_frame){.file = example_id(p, file),
						       .function = example_id(p, function),
						       .line = line,
						       .firstlineno = first,
						       .user = strncmp(file, "/srv/", 5) == 0});
}

static inline uint32_t example_native(struct scl_profile *p, uint32_t parent, const char *name)
{
	return example_node(p, parent, (struct scl_profile_frame){.function = example_id(p, name), .native = true});
}

static inline uint32_t example_stack(struct scl_profile *p, uint32_t node, uint64_t hits)
{
	p->stacks = example_grow(p->stacks, p->nstacks, sizeof(*p->stacks));
	p->stacks[p->nstacks] =
		(struct scl_profile_stack){.node = node, .hits = hits, .python_ns = (double)hits * EXAMPLE_MS};
	return (uint32_t)p->nstacks++;
}

static inline void example_part(struct scl_profile *p, uint32_t thread, enum scl_activity activity, uint32_t stack,
				uint64_t hits, uint64_t awaits)
{
	bool runs = scl_activity_runs(activity);
	p->parts = example_grow(p->parts, p->nparts, sizeof(*p->parts));
	p->parts[p->nparts++] = (struct scl_profile_part){
		.thread = thread,
		.stack = stack,
		.activity = activity,
		.hits = hits,
		.awaits = awaits,
		.cpu_ns = runs ? (double)hits * EXAMPLE_MS : 0,
		.wait_ns = runs ? 0 : (double)(hits + awaits) * EXAMPLE_MS,
	};
}

static inline void example_run(struct scl_profile *p, double t_sec, uint32_t stack, uint64_t count, uint64_t thread)
{
	p->runs = example_grow(p->runs, p->nruns, sizeof(*p->runs));
	p->runs[p->nruns++] =
		(struct scl_profile_run){.t_sec = t_sec, .stack = stack, .count = count, .thread = thread};
}

static inline struct scl_profile_thread *example_thread(struct scl_profile *p, const char *name, uint64_t ident,
							uint64_t lwp)
{
	p->threads = example_grow(p->threads, p->nthreads, sizeof(*p->threads));
	struct scl_profile_thread *t = &p->threads[p->nthreads++];
	*t = (struct scl_profile_thread){.ident = ident, .lwp = lwp, .name = example_id(p, name)};
	return t;
}

static inline void example_activity(struct scl_profile_thread *t, enum scl_activity activity, uint64_t samples,
				    uint64_t without_user_frame)
{
	t->samples += samples;
	t->activity[activity] += samples;
	t->activity_ns[activity] += (double)samples * 10 * EXAMPLE_MS;
	t->without_user_frame[activity] += without_user_frame;
}

static inline void example_files(struct scl_profile *p)
{
	example_line(p, EXAMPLE_APP, 9, 310, 20, 0);
	example_line(p, EXAMPLE_APP, 14, 0, 5, 240);
	example_line(p, EXAMPLE_APP, 5, 4, 1, 0);
	example_line(p, EXAMPLE_APP, 8, 120, 0, 0);
	example_line(p, EXAMPLE_ODD, 2, 0, 180, 20);
	example_line(p, EXAMPLE_ODD, 77, 30, 0, 0); /* the file is shorter now */
	example_line(p, EXAMPLE_GONE, 3, 50, 0, 0);
	example_function(p, EXAMPLE_APP, "crunch", 6, 430, 20, 0);
	example_function(p, EXAMPLE_APP, "Service.handle.<locals>.fetch", 12, 0, 5, 240);
	example_function(p, EXAMPLE_APP, "<module>", 1, 4, 1, 0);
	example_function(p, EXAMPLE_ODD, "\xc3\xa9\x1b[0m", 1, 0, 180, 20);
	static const double times[] = {30.5, 10.25, 20.125};
	p->lines[0].times = malloc(sizeof(times));
	memcpy(p->lines[0].times, times, sizeof(times));
	p->lines[0].ntimes = 3;
	example_source(p, EXAMPLE_APP,
		       "import time\n\n\nif a < b && \"</script>\":\n    pass\n"
		       "def crunch(n):\n    total = 0\n    for i in range(n):\n\t    total += i * i % 7\n"
		       "    return total\n\ndef handle():\n    # \xc3\xa9\n    return socket.recv(65536)\n");
	example_source(p, EXAMPLE_ODD, "def \xc3\xa9():\n    return \"\x1b[31m\xf0\x9f\x90\x8d\xff\"");
}

static inline void example_stacks(struct scl_profile *p)
{
	uint32_t module = example_py(p, 0, EXAMPLE_APP, "<module>", 20, 1);
	uint32_t crunch = example_py(p, module, EXAMPLE_APP, "crunch", 9, 6);
	uint32_t twin = example_py(p, module, EXAMPLE_APP, "crunch", 9, 7); /* looks the same */
	uint32_t library = example_py(p, module, "/usr/lib/python3/socket.py", "recv", 5, 5);
	uint32_t blocked = example_native(p, library, "recvfrom");
	uint32_t lost = example_native(p, 0, "waiting for the GIL");
	uint32_t stacks[] = {example_stack(p, crunch, 40), example_stack(p, twin, 3), example_stack(p, blocked, 24),
			     example_stack(p, lost, 50)};
	example_part(p, 1, SCL_ACTIVITY_PYTHON, stacks[0], 40, 0);
	example_part(p, 1, SCL_ACTIVITY_PYTHON, stacks[1], 3, 0);
	example_part(p, 1, SCL_ACTIVITY_SYSCALL, stacks[2], 24, 0);
	example_part(p, 0, SCL_ACTIVITY_GIL, stacks[3], 50, 0);
	example_part(p, 99, SCL_ACTIVITY_GIL, stacks[3], 1, 0); /* no such thread */
	example_part(p, 0, SCL_ACTIVITY_GIL, 99, 1, 0);		/* no such stack */
	example_run(p, 0, stacks[0], 20, example_main_ident);
	example_run(p, 0.2, stacks[1], 3, example_main_ident);
	example_run(p, 0.2, stacks[3], 50, 140000000000001);
	example_run(p, 0.23, stacks[0], 20, example_main_ident);
	example_run(p, 0.43, stacks[2], 24, example_main_ident);
	example_run(p, 0.43, 99, 1, example_main_ident); /* no such stack */
}

static inline void example_threads(struct scl_profile *p)
{
	struct scl_profile_thread *t = example_thread(p, "worker \x1b[31m1", 140000000000001, 21398);
	example_activity(t, SCL_ACTIVITY_GIL, 81, 50);
	example_activity(t, SCL_ACTIVITY_NATIVE, 19, 19);
	t = example_thread(p, "MainThread", example_main_ident, 21397);
	t->main = true;
	example_activity(t, SCL_ACTIVITY_PYTHON, 60, 0);
	example_activity(t, SCL_ACTIVITY_NATIVE, 12, 0);
	example_activity(t, SCL_ACTIVITY_SYSCALL, 24, 0);
	example_activity(t, SCL_ACTIVITY_GC, 4, 0);
	t = example_thread(p, "", UINT64_MAX, 21399);
	example_activity(t, SCL_ACTIVITY_LOOP_IDLE, 100, 100);
	p->samples_with_user_frame = 131;
	p->samples_without_user_frame = 169;
	p->without_user_frame_ns = 1690.0 * EXAMPLE_MS;
}

/* Await time of a line that is there, or of a new one that has nothing else, and of a function likewise. */
static inline void example_await(struct scl_profile *p, struct scl_profile_await *await, double ms, double tasks,
				 const char *const *names)
{
	await->ns = ms * EXAMPLE_MS;
	await->coroutine = true;
	scl_stats_add(&await->concurrency, 1);
	scl_stats_add(&await->concurrency, tasks);
	for (; *names; names++) {
		await->names = example_grow(await->names, await->nnames, sizeof(*await->names));
		await->names[await->nnames++] = scl_intern_put(p->task_names, *names, strlen(*names));
	}
}

/* 700 ms in an idle loop: 400 and 200 are credited, to a line with CPU time and to a file without any; the rest is the
 * library's. */
static inline void example_idle_loop(struct scl_profile *p)
{
	static const char *const many[] = {"job \xf0\x9f\x90\x8d", "Task-9", "a </script>", NULL};
	static const char *const one[] = {"Task-1", NULL};
	example_await(p, &p->lines[1].await, 400, 3, many);
	example_line(p, "/srv/app/waits.py", 2, 0, 0, 0);
	example_await(p, &p->lines[p->nlines - 1].await, 200, 1, one);
	example_function(p, "/srv/app/waits.py", "wait", 1, 0, 0, 0);
	example_await(p, &p->functions[p->nfunctions - 1].await, 200, 1, one);
	example_source(p, "/srv/app/waits.py", "async def wait():\n    await forever\n");
	uint32_t leaf = example_py(p, 0, "/srv/app/waits.py", "[await] wait (Task-1)", 2, 1);
	uint32_t stack = example_stack(p, leaf, 0);
	p->stacks[stack].awaits = 70;
	p->frames[p->nframes - 1].task = scl_intern_put(p->task_names, "Task-1", 6);
	example_part(p, 2, SCL_ACTIVITY_LOOP_IDLE, stack, 0, 70);
	p->waiting = (struct scl_profile_waiting){
		.asyncio = true,
		.idle = 70,
		.with_tasks = 70,
		.tasks = 200,
		.idle_ns = 700.0 * EXAMPLE_MS,
		.credited_ns = 600.0 * EXAMPLE_MS,
		.library_ns = 100.0 * EXAMPLE_MS,
	};
	scl_stats_add(&p->waiting.n, 3);
}

static inline struct scl_profile *example_empty(void)
{
	struct scl_profile *p = scl_profile_create();
	if (!p)
		abort();
	p->pid = 21397;
	snprintf(p->python, sizeof(p->python), "3.12.1");
	p->program = example_id(p, EXAMPLE_APP);
	p->directory = p->entrypoint_dir = example_id(p, "/srv/app");
	p->ncpu = 2;
	p->summary.mode = "live";
	return p;
}

static inline struct scl_profile *example_profile(void)
{
	struct scl_profile *p = example_empty();
	p->args = malloc(2 * sizeof(*p->args));
	p->args[p->nargs++] = example_id(p, "service.py");
	p->args[p->nargs++] = example_id(p, "--name=<!-- \xff");
	p->main_ident = example_main_ident;
	p->summary.asked = p->summary.taken = 100;
	p->summary.elapsed_ns = SCL_NS_PER_S;
	p->summary.interval_ns = 10 * EXAMPLE_MS;
	p->summary.started_realtime_ns = UINT64_C(1700000000) * SCL_NS_PER_S;
	p->summary.started_monotonic_ns = UINT64_C(10) * SCL_NS_PER_S;
	p->summary.torn = 1;
	p->summary.retried = 7;
	p->summary.late = 3;
	p->dropped_runs = 2;
	example_files(p);
	example_stacks(p);
	example_threads(p);
	return p;
}

#endif
