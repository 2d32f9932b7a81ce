/*
 * capture.c - standard output and error kept aside while the debuggee runs.
 *
 * GDB prints "Thread 1 received signal SIGINT" and the frame line from its stop observers, past to_string=True of
 * gdb.execute. The debuggee keeps its own descriptors. A debuggee that makes threads for hours has GDB print without
 * end: a thread of ours gives back the memory of all but the end of it.
 */
#include "shim.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KEPT = 64 * 1024, TRIM_MS = 200 };

static void flush(struct shim *s)
{
	PyObject *done = PyObject_CallMethod(s->gdb, "flush", NULL);

	Py_XDECREF(done);
	PyErr_Clear();
	fflush(stdout);
	fflush(stderr);
}

/* The TUI draws through descriptor 1. */
static bool tui_is_active(struct shim *s)
{
	struct scl_buffer out = {0};
	bool active =
		api_execute(s, "info win", &out, NULL) && strstr(scl_buffer_str(&out), "TUI is not active") == NULL;

	scl_buffer_destroy(&out);
	return active;
}

/* -- the end of a long output alone --------------------------------------------------------------------- */

/* The file keeps its size, and with it the place where GDB goes on writing; what is before that becomes a hole. */
static void trim(int file)
{
	struct stat st;

	if (fstat(file, &st) == 0 && st.st_size > KEPT)
		fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, st.st_size - KEPT);
}

static void *trimmer_thread(void *arg)
{
	struct capture *c = arg;
	struct timespec until;

	pthread_mutex_lock(&c->lock);
	while (!c->over) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TRIM_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&c->changed, &c->lock, &until);
		trim(c->file);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void trimmer_begin(struct capture *c)
{
	sigset_t all, before;

	c->over = false;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	c->trimmed = pthread_create(&c->trimmer, NULL, trimmer_thread, c) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void trimmer_end(struct capture *c)
{
	pthread_mutex_lock(&c->lock);
	c->over = true;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	if (c->trimmed)
		pthread_join(c->trimmer, NULL);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
}

/* The last KEPT bytes of the file, from the beginning of a line on. */
static void read_end(int file, struct scl_buffer *out)
{
	static const char left_out[] = "(earlier output of GDB is left out)\n";
	off_t size = lseek(file, 0, SEEK_END), at = size > KEPT ? size - KEPT : 0;
	char chunk[4096];
	bool skipping = at > 0;
	ssize_t n;

	if (skipping)
		scl_buffer_puts(out, left_out);
	for (; (n = pread(file, chunk, sizeof chunk, at)) > 0; at += n) {
		const char *end = chunk + n, *line = skipping ? memchr(chunk, '\n', (size_t)n) : NULL;
		const char *from = !skipping ? chunk : line ? line + 1 : end;

		skipping = skipping && !line;
		scl_buffer_append(out, from, (size_t)(end - from));
	}
}

/* -- the descriptor ------------------------------------------------------------------------------------- */

static void restore(struct capture *c)
{
	for (int i = 0; i < 2; i++) {
		if (c->saved[i] >= 0) {
			dup2(c->saved[i], STDOUT_FILENO + i);
			close(c->saved[i]);
		}
		c->saved[i] = -1;
	}
}

static bool redirect(struct capture *c)
{
	for (int i = 0; i < 2; i++) {
		c->saved[i] = fcntl(STDOUT_FILENO + i, F_DUPFD_CLOEXEC, 0);
		if (c->saved[i] < 0 || dup2(c->file, STDOUT_FILENO + i) < 0)
			return false;
	}
	return true;
}

void capture_begin(struct shim *s, struct capture *c)
{
	c->saved[0] = c->saved[1] = c->file = -1;
	if (!s->cli || tui_is_active(s))
		return;
	flush(s);
	c->file = memfd_create("scalene-gdb", MFD_CLOEXEC);
	if (c->file >= 0 && redirect(c)) {
		trimmer_begin(c);
		return;
	}
	restore(c);
	if (c->file >= 0)
		close(c->file);
	c->file = -1;
}

void capture_forget(struct shim *s, struct capture *c)
{
	if (c->file < 0)
		return;
	flush(s);
	if (ftruncate(c->file, 0) == 0)
		lseek(c->file, 0, SEEK_SET);
}

void capture_end(struct shim *s, struct capture *c, struct scl_buffer *out)
{
	if (c->file < 0)
		return;
	flush(s);
	restore(c);
	trimmer_end(c);
	if (out)
		read_end(c->file, out);
	close(c->file);
	c->file = -1;
}
