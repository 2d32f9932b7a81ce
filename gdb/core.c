/* core.c - a core dump in GDB: which file it is, and our own target of it. */
#include "shim.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "target/core.h"

/* A number that is another one for each core that GDB opens; 0 where it has none. */
static long connection_number(struct shim *s)
{
	PyObject *inferior = PyObject_CallMethod(s->gdb, "selected_inferior", NULL);
	PyObject *connection = inferior ? PyObject_GetAttrString(inferior, "connection") : NULL;
	long number = connection && connection != Py_None ? api_long(connection, "num", 0) : 0;

	Py_XDECREF(connection);
	Py_XDECREF(inferior);
	PyErr_Clear();
	return number;
}

/* "	`/tmp/core', file type elf64-x86-64." is the line after the heading. */
static bool read_info(const char *text, char *path, size_t cap)
{
	const char *at = strstr(text, "Local core dump file:"), *end;

	at = at ? strchr(at, '`') : NULL;
	end = at ? strstr(at, "', file type ") : NULL;
	if (!end || (size_t)(end - at) > cap)
		return false;
	snprintf(path, cap, "%.*s", (int)(end - at - 1), at + 1);
	return true;
}

/* Inferior.corefile came with GDB 17. */
static bool core_path(struct shim *s, char *path, size_t cap, struct scl_error *err)
{
	PyObject *inferior = PyObject_CallMethod(s->gdb, "selected_inferior", NULL);
	PyObject *core = inferior ? PyObject_GetAttrString(inferior, "corefile") : NULL;
	struct scl_buffer text = {0};

	path[0] = '\0';
	if (core && core != Py_None)
		api_text(core, "filename", path, cap);
	Py_XDECREF(core);
	Py_XDECREF(inferior);
	PyErr_Clear();
	if (path[0])
		return true;
	bool found = api_execute(s, "info target", &text, err) && read_info(scl_buffer_str(&text), path, cap);
	if (!found && !s->quit)
		scl_error_set(err, SCL_EUNSUPPORTED, 0, 0,
			      "GDB does not tell the file of this core dump; run `scalene-dbg -c CORE` on it");
	scl_buffer_destroy(&text);
	return found;
}

/* The program that GDB has been given, or has found; "" where there is none. */
static void program_path(struct shim *s, char *path, size_t cap)
{
	PyObject *space = PyObject_CallMethod(s->gdb, "current_progspace", NULL);

	path[0] = '\0';
	if (space)
		api_text(space, "filename", path, cap);
	Py_XDECREF(space);
	PyErr_Clear();
	if (path[0] != '/')
		path[0] = '\0';
}

/* What a target is made from; it holds as long as all of that stays. */
static bool read_identity(struct shim *s, struct core_identity *ret, struct scl_error *err)
{
	struct stat st;

	memset(ret, 0, sizeof *ret);
	ret->connection = connection_number(s);
	program_path(s, ret->exe, sizeof ret->exe);
	api_parameter(s, "sysroot", ret->sysroot, sizeof ret->sysroot);
	if (ret->sysroot[0] != '/')
		ret->sysroot[0] = '\0'; /* "target:" is here, too */
	if (s->core.connection && s->core.connection == ret->connection)
		memcpy(ret->path, s->core.path, sizeof ret->path);
	else if (!core_path(s, ret->path, sizeof ret->path, err))
		return false;
	if (stat(ret->path, &st) == 0) {
		ret->inode = st.st_ino;
		ret->size = (uint64_t)st.st_size;
	}
	return true;
}

struct scl_target *core_target(struct shim *s, struct scl_error *err)
{
	struct core_identity identity;
	struct scl_target *opened;

	if (!read_identity(s, &identity, err))
		return NULL;
	if (s->target && scl_target_is_dead(s->target) && memcmp(&identity, &s->core, sizeof identity) == 0)
		return s->target;
	const struct scl_core_options options = {.exe = identity.exe[0] ? identity.exe : NULL,
						 .sysroot = identity.sysroot[0] ? identity.sysroot : NULL};
	opened = scl_core_open(identity.path, &options, err);
	if (opened)
		s->core = identity;
	return opened;
}
