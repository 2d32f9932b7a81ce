/* describe.c - what a profile says of the program that was sampled. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/collect.h"
#include "profile/tables.h"

static uint32_t put(struct scl_profile *p, const char *s, size_t len)
{
	return scl_intern_put(p->strings, s, len);
}

static unsigned cpus_of(int pid)
{
	cpu_set_t set;
	if (pid <= 0 || sched_getaffinity(pid, sizeof(set), &set) != 0)
		return 1;
	int n = CPU_COUNT(&set);
	return n > 0 ? (unsigned)n : 1;
}

bool scl_profile_describe(struct scl_profile *p, const struct scl_runtime *rt, const struct scl_filter *filter,
			  struct scl_error *err)
{
	const char *program = scl_filter_program(filter), *directory = scl_filter_directory(filter);
	const char *slash = scl_filter_is_module(filter) ? NULL : strrchr(program, '/');
	size_t nargs, cap = 0;
	const char *const *args = scl_filter_args(filter, &nargs);
	p->pid = scl_target_pid(rt->target);
	p->ncpu = cpus_of(scl_target_is_dead(rt->target) ? 0 : p->pid);
	snprintf(p->python, sizeof(p->python), "%s", rt->version);
	p->program = put(p, program, strlen(program));
	p->directory = put(p, directory, strlen(directory));
	p->entrypoint_dir = put(p, program, slash ? (size_t)(slash - program) : 0);
	if (nargs && !scl_table_reserve(p, &p->args, &cap, nargs, sizeof(*p->args)))
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	for (p->nargs = 0; p->nargs < nargs; p->nargs++)
		p->args[p->nargs] = put(p, args[p->nargs], strlen(args[p->nargs]));
	if (scl_has(&rt->layout, runtime, main_thread))
		(void)!scl_read_ptr(rt->target, rt->address + (uint32_t)scl_off(&rt->layout, runtime, main_thread),
				    &p->main_ident, NULL);
	return true;
}
