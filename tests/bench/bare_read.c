/*
 * bare_read.c - the floor that a sampler stands on: process_vm_readv in a loop, and nothing else.
 *
 * usage: bare_read PID SECONDS SPANS BYTES [INTERVAL_US]
 * Reads SPANS spans of BYTES bytes of the heap (or stack) of PID in one call each time and prints calls per second.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

enum { SPANS_MAX = 64, BYTES_MAX = 65536 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The first readable and writable mapping of at least `size` bytes; 0 when there is none. */
static unsigned long find_memory(int pid, unsigned long size)
{
	char path[64], line[512];
	unsigned long found = 0, start, end;
	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "r");
	if (!maps)
		return 0;
	while (!found && fgets(line, sizeof line, maps)) {
		char mode[8];
		if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) == 3 && mode[0] == 'r' && mode[1] == 'w' &&
		    end - start >= size)
			found = start;
	}
	fclose(maps);
	return found;
}

static void pause_until(double when)
{
	struct timespec t = {.tv_sec = (time_t)when};
	t.tv_nsec = (long)((when - (double)t.tv_sec) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static unsigned long read_for(int pid, double seconds, unsigned long spans, double interval, struct iovec *local,
			      struct iovec *remote)
{
	unsigned long calls = 0;
	double start = now();
	for (double next = start; now() - start < seconds; calls++) {
		if (process_vm_readv(pid, local, spans, remote, spans, 0) < 0) {
			fprintf(stderr, "bare_read: %s\n", strerror(errno));
			exit(1);
		}
		if (interval > 0)
			pause_until(next += interval);
	}
	return calls;
}

int main(int argc, char **argv)
{
	static char buffer[SPANS_MAX][BYTES_MAX];
	struct iovec local[SPANS_MAX], remote[SPANS_MAX];
	if (argc < 5) {
		fprintf(stderr, "usage: bare_read PID SECONDS SPANS BYTES [INTERVAL_US]\n");
		return 2;
	}
	int pid = (int)strtol(argv[1], NULL, 10);
	double seconds = strtod(argv[2], NULL), interval = argc > 5 ? strtod(argv[5], NULL) * 1e-6 : 0;
	unsigned long spans = strtoul(argv[3], NULL, 10), bytes = strtoul(argv[4], NULL, 10);
	if (spans < 1 || spans > SPANS_MAX || bytes < 1 || bytes > BYTES_MAX)
		return 2;
	unsigned long memory = find_memory(pid, bytes);
	if (!memory) {
		fprintf(stderr, "bare_read: no memory of process %d to read\n", pid);
		return 1;
	}
	for (unsigned long i = 0; i < spans; i++) {
		local[i] = (struct iovec){.iov_base = buffer[i], .iov_len = bytes};
		remote[i] = (struct iovec){.iov_len = bytes};
		memcpy(&remote[i].iov_base, &memory, sizeof memory); /* an address of theirs in a pointer of ours */
	}
	printf("%.0f\n", (double)read_for(pid, seconds, spans, interval, local, remote) / seconds);
	return 0;
}
