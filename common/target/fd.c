/* fd.c - a descriptor in words; see fd.h. */
#include "target/fd.h"

#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

#define WORD(name, word) [SCL_FD_##name] = (word),
static const char *const words[] = {SCL_FD_KINDS(WORD)};
#undef WORD

static void put_after(struct scl_buffer *out, const char *before, const char *text)
{
	if (!text[0])
		return;
	scl_buffer_puts(out, before);
	scl_text_puts(out, text);
}

/* The other end, if there is one; a number where the kernel shows no address: not connected, or not visible. */
static void describe_socket(const struct scl_fd *fd, struct scl_buffer *out)
{
	bool listening = strcmp(fd->state, "LISTEN") == 0;

	if (fd->peer[0])
		put_after(out, " ", fd->peer);
	else if (fd->local[0])
		put_after(out, listening ? " listening on " : fd->kind == SCL_FD_UNIX ? " " : " on ", fd->local);
	else
		scl_buffer_printf(out, "%s %" PRIu64, fd->kind == SCL_FD_SOCKET ? "" : " socket", fd->inode);
	if (fd->kind == SCL_FD_TCP && !listening)
		put_after(out, " ", fd->state);
	if (fd->kind == SCL_FD_SOCKET && fd->protocol[0]) {
		put_after(out, " (", fd->protocol);
		scl_buffer_putc(out, ')');
	}
}

static void describe_pidfd(const struct scl_fd *fd, struct scl_buffer *out)
{
	if (fd->pid > 0)
		scl_buffer_printf(out, " of %" PRId64, fd->pid);
	else if (fd->pid < 0)
		scl_buffer_puts(out, " of a process that has ended");
}

void scl_fd_describe(const struct scl_fd *fd, struct scl_buffer *out)
{
	if (fd->kind == SCL_FD_OTHER && fd->path[0]) {
		scl_text_puts(out, fd->path);
		return;
	}
	scl_buffer_puts(out, (size_t)fd->kind < sizeof words / sizeof words[0] ? words[fd->kind] : words[SCL_FD_OTHER]);
	switch (fd->kind) {
	case SCL_FD_FILE:
	case SCL_FD_DIRECTORY:
	case SCL_FD_DEVICE:
	case SCL_FD_TTY:
	case SCL_FD_FIFO:
		put_after(out, " ", fd->path);
		break;
	case SCL_FD_PIPE:
		scl_buffer_printf(out, " %" PRIu64, fd->inode);
		break;
	case SCL_FD_TCP:
	case SCL_FD_UDP:
	case SCL_FD_UNIX:
	case SCL_FD_SOCKET:
		describe_socket(fd, out);
		break;
	case SCL_FD_PIDFD:
		describe_pidfd(fd, out);
		break;
	case SCL_FD_EVENTFD:
	case SCL_FD_EPOLL:
	case SCL_FD_TIMERFD:
	case SCL_FD_SIGNALFD:
	case SCL_FD_INOTIFY:
	case SCL_FD_OTHER:
		break;
	}
}
