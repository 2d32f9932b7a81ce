/*
 * python_session.h - a session whose process is an interpreter in an image, with one thread.
 */
#ifndef SCL_TESTS_PYTHON_SESSION_H
#define SCL_TESTS_PYTHON_SESSION_H

#include "command/command.h"
#include "fake_host.h"
#include "fake_python.h"

enum { LWP = 77, FOREIGN_LWP = 78, THREAD_TID = 0x2d0 /* of struct pthread, where no field of Python's has it */ };

static struct fake_host fake;
static struct scl_session *session;
static scl_addr thread;
static uint64_t selected;

static inline uint64_t selected_lwp(struct scl_host *host)
{
	(void)host;
	return selected;
}

static inline bool whole_image(const struct scl_module *module, void *arg)
{
	(void)arg;
	session->rt_start = module->start;
	session->rt_end = module->end;
	return false;
}

/* The session finds the runtime as it would have left it after an earlier command. */
static inline void adopt_runtime(void)
{
	snprintf(rt.module, sizeof(rt.module), "/image/python");
	snprintf(rt.version, sizeof(rt.version), "%s.0", rt.layout.name);
	session->rt = malloc(sizeof(*session->rt));
	if (!session->rt || !scl_for_each_module(image, whole_image, NULL, NULL))
		abort();
	*session->rt = rt;
	session->rt_pid = scl_target_pid(image);
}

/* One thread, its stack still empty. */
static inline void open_python(void)
{
	struct scl_lwp_status status = {.state = 'S', .syscall = 0, .in_syscall = true, .name = "py\x1bthon"};
	scl_addr ident, interp;

	fake_runtime();
	interp = fake_interpreter(0);
	ident = heap_alloc(2048);
	scl_image_put_u32(image, ident + THREAD_TID, LWP);
	thread = fake_thread(interp, 1, ident, LWP);
	put_u64(AT(FAKE_RUNTIME, runtime, main_thread), ident);
	scl_image_add_lwp(image, LWP, &status);
	snprintf(status.name, sizeof(status.name), "helper");
	scl_image_add_lwp(image, FOREIGN_LWP, &status);

	fake_init(&fake);
	fake.image = image;
	fake.host.selected_lwp = selected_lwp;
	selected = 0;
	session = scl_session_create(&fake.host);
	if (!session)
		abort();
}

static inline void close_python(void)
{
	scl_session_destroy(session);
	scl_buffer_destroy(&fake.out);
}

/* <module> calls `depth` times recurse, which calls work. */
static inline void make_stack(const char *filename, size_t depth)
{
	scl_addr recurse = fake_code(filename, "recurse", 20, 4);
	scl_addr frame = fake_entry_frame(0, fake_code(filename, "<module>", 1, 4), 2);

	for (size_t i = 0; i < depth; i++)
		frame = fake_frame(frame, recurse, 1);
	fake_set_innermost(thread, fake_frame(frame, fake_code(filename, "work", 10, 4), 3));
	adopt_runtime();
}

static inline bool run(const char *line)
{
	scl_buffer_clear(&fake.out);
	err = (struct scl_error){0};
	return scl_session_run_line(session, line, &err);
}

static inline const char *printed(void)
{
	return scl_buffer_str(&fake.out);
}

#endif
