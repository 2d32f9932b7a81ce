/* live_memory.c - reading the memory of a running process: one process_vm_readv(2) for all spans. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/live.h"
#include "target/live_process.h"

enum {
	STACK_SPANS = 64, /* as many iovecs are built on the stack */
	/* A pid is given again only after the counter has gone round all pids, which takes longer than this. */
	PIN_CHECK_NS = 10 * SCL_NS_PER_MS,
};

/*
 * process_vm_readv(2) names the process by number. Before what it read is believed, make sure now and then that the
 * number still means our process; every time would double the system calls.
 */
static bool still_ours(struct scl_live *live)
{
	uint64_t now = scl_live_coarse_ns();

	if (now - live->checked_ns < PIN_CHECK_NS)
		return true;
	live->checked_ns = now;
	live->gone = !scl_live_alive(&live->base);
	if (!live->gone && live->own != live->proc && faccessat(live->own, "stat", F_OK, 0) != 0)
		live->gone = !scl_live_change_reader(live);
	return !live->gone;
}

static bool fail_fault(const struct scl_span *span, size_t done, struct scl_error *err)
{
	if (done == 0)
		return scl_fail_at(err, SCL_EFAULT, span->addr, "cannot read %zu bytes at 0x%" PRIx64, span->size,
				   span->addr);
	return scl_fail_at(err, SCL_EFAULT, span->addr + done,
			   "cannot read %zu bytes at 0x%" PRIx64 ": nothing is mapped at 0x%" PRIx64, span->size,
			   span->addr, span->addr + done);
}

/*
 * Bytes of /proc/PID/mem, as many as can be had in a row. -1: nothing of it is readable; -2: the memory is gone for
 * good. An open file of it belongs to the memory that was there when it was opened, and reads as empty after
 * execve(2) or exit (mem_rw, fs/proc/base.c): then it is opened again once.
 */
static ssize_t read_mem(struct scl_live *live, scl_addr addr, uint8_t *to, size_t size)
{
	size_t done = 0;
	bool reopened = false;

	while (done < size) {
		ssize_t got = pread(live->mem, to + done, size - done, (off_t)(addr + done));
		if (got > 0) {
			done += (size_t)got;
			continue;
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		if (reopened || done > 0)
			return -2;
		reopened = true;
		int fd = openat(live->own, "mem", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -2;
		close(live->mem);
		live->mem = fd;
	}
	return done > 0 ? (ssize_t)done : -1;
}

static bool read_spans_mem(struct scl_live *live, const struct scl_span *spans, size_t n, struct scl_error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (spans[i].size == 0)
			continue;
		ssize_t got = read_mem(live, spans[i].addr, spans[i].to, spans[i].size);
		if (got == -2 || !still_ours(live))
			return scl_live_fail_gone(live, err);
		if (got < 0 || (size_t)got < spans[i].size)
			return fail_fault(&spans[i], got < 0 ? 0 : (size_t)got, err);
	}
	return true;
}

/* `got` bytes of the spans were read before the bad place; by the man page that is a bound, not the place itself. */
static bool locate_fault(struct scl_live *live, const struct scl_span *spans, size_t n, size_t got,
			 struct scl_error *err)
{
	size_t i = 0;

	while (i < n - 1 && got >= spans[i].size)
		got -= spans[i++].size;
	if (err && live->mem >= 0 && got < spans[i].size) {
		ssize_t more = read_mem(live, spans[i].addr + got, (uint8_t *)spans[i].to + got, spans[i].size - got);
		/* PROT_NONE pages can be read there (FOLL_FORCE) and not by process_vm_readv. */
		if (more > 0 && (size_t)more < spans[i].size - got)
			got += (size_t)more;
	}
	return fail_fault(&spans[i], got, err);
}

static bool read_failed(struct scl_live *live, const struct scl_span *spans, size_t n, ssize_t got, int number,
			struct scl_error *err)
{
	if (!scl_live_alive(&live->base) || (got < 0 && number == ESRCH)) {
		live->gone = true;
		return scl_live_fail_gone(live, err);
	}
	if (got >= 0 || number == EFAULT)
		return locate_fault(live, spans, n, got < 0 ? 0 : (size_t)got, err);
	int refused = scl_live_probe(live);
	if (refused == 0 && live->use_mem)
		return read_spans_mem(live, spans, n, err);
	return scl_live_fail_proc(live, "mem", refused ? refused : number, err);
}

bool scl_live_read(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);
	struct iovec near_local[STACK_SPANS], near_remote[STACK_SPANS];
	struct iovec *local = n <= STACK_SPANS ? near_local : live->local;
	struct iovec *remote = n <= STACK_SPANS ? near_remote : live->remote;
	size_t want = 0;

	if (live->gone)
		return scl_live_fail_gone(live, err);
	if (live->use_mem)
		return read_spans_mem(live, spans, n, err);
	for (size_t i = 0; i < n; i++) {
		local[i] = (struct iovec){.iov_base = spans[i].to, .iov_len = spans[i].size};
		/* An address of the target is a pointer here and nowhere else. NOLINTNEXTLINE(performance-no-int-to-ptr) */
		remote[i] = (struct iovec){.iov_base = (void *)(uintptr_t)spans[i].addr, .iov_len = spans[i].size};
		want += spans[i].size;
	}
	ssize_t got = process_vm_readv(live->reader, local, n, remote, n, 0);
	if (got < 0 && errno == ESRCH && scl_live_change_reader(live))
		got = process_vm_readv(live->reader, local, n, remote, n, 0);
	if (got >= 0 && (size_t)got == want)
		return still_ours(live) ? true : scl_live_fail_gone(live, err);
	return read_failed(live, spans, n, got, errno, err);
}

int scl_live_probe(struct scl_live *live)
{
	uint8_t byte;
	struct iovec local = {.iov_base = &byte, .iov_len = 1}, remote = {.iov_base = NULL, .iov_len = 1};

	if (live->mem < 0)
		live->mem = openat(live->own, "mem", O_RDONLY | O_CLOEXEC);
	/* Permission is checked before the address, so EFAULT for the null pointer means yes. */
	if (process_vm_readv(live->reader, &local, 1, &remote, 1, 0) >= 0 || errno == EFAULT)
		return 0;
	int refused = errno;
	if (refused == ESRCH)
		return ESRCH;
	/* ENOSYS: a kernel without it. EPERM may be a seccomp filter's, which does not know of files in /proc. */
	live->use_mem = live->mem >= 0;
	return live->use_mem ? 0 : refused;
}
