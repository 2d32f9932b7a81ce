/*
 * damage_core - commands over a core dump that is damaged at seeded places, in one process.
 *
 * usage: damage_core CORE TIMES
 *
 * Each time a copy of the core gets a few flips, zeroed or random pages, or is cut; then one command must give an answer
 * or an error with a text, and print nothing that steers a terminal. Half of the places are in the headers and notes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "command/host.h"
#include "target/core.h"

enum { PATIENCE_S = 20, PIECES_MAX = 8, PIECE_MAX = 4096, HEAD = 65536 };

struct damage {
	off_t at[PIECES_MAX];
	size_t size[PIECES_MAX], n;
	off_t length; /* of the file from now on */
};

static const char *const commands[] = {"post-mortem", "info",	      "threads",  "bt --all",
				       "tasks",	      "await-report", "diagnose", "sample 1"};
static const uint8_t *original;
static off_t size;
static int copy;
static struct scl_target *target;
static struct scl_buffer printed;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void fail(const char *what, uint64_t seed, const char *command)
{
	printf("%s: seed %" PRIu64 ", %s\n%s\n", what, seed, command, scl_buffer_str(&printed));
	exit(1);
}

static struct scl_target *give_target(struct scl_host *host, struct scl_error *err)
{
	static const struct scl_core_options options;

	(void)host;
	if (!target)
		target = scl_core_open_fd(dup(copy), "damaged", &options, err);
	return target;
}

static bool keep(struct scl_host *host, const char *text, size_t len)
{
	(void)host;
	scl_buffer_append(&printed, text, len);
	return true;
}

static bool never(struct scl_host *host)
{
	(void)host;
	return false;
}

/* Where most of a core is zero, places that are not are tried for. */
static off_t choose_place(uint64_t *state)
{
	off_t at = 0;

	if (next_random(state) % 2)
		return (off_t)(next_random(state) % HEAD) % size;
	for (int i = 0; i < 50; i++) {
		at = (off_t)(next_random(state) % (uint64_t)size);
		if (original[at])
			break;
	}
	return at;
}

static void damage_piece(struct damage *damage, uint64_t *state)
{
	uint8_t bytes[PIECE_MAX] = {0};
	off_t at = choose_place(state);
	uint64_t kind = next_random(state) % 4;
	size_t n = kind < 2 ? 1 + kind * 7 : PIECE_MAX;

	if ((off_t)n > size - at)
		n = (size_t)(size - at);
	for (size_t i = 0; i < n && kind != 2; i++)
		bytes[i] = (uint8_t)next_random(state);
	if (pwrite(copy, bytes, n, at) != (ssize_t)n)
		abort();
	damage->at[damage->n] = at;
	damage->size[damage->n++] = n;
}

static void put_damage(struct damage *damage, uint64_t *state)
{
	*damage = (struct damage){.length = size};
	for (uint64_t n = 1 + next_random(state) % PIECES_MAX; n > 0; n--)
		damage_piece(damage, state);
	if (next_random(state) % 4 == 0)
		damage->length = (off_t)(next_random(state) % (uint64_t)size);
	if (damage->length < size && ftruncate(copy, damage->length) != 0)
		abort();
}

static void write_back(off_t at, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t wrote = pwrite(copy, original + at + done, n - done, at + (off_t)done);
		if (wrote <= 0)
			abort();
		done += (size_t)wrote;
	}
}

static void mend(const struct damage *damage)
{
	if (damage->length < size)
		write_back(damage->length, (size_t)(size - damage->length));
	for (size_t i = 0; i < damage->n; i++)
		write_back(damage->at[i], damage->size[i]);
}

static bool try_seed(struct scl_host *host, uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15;
	const char *command = commands[seed % (sizeof commands / sizeof commands[0])];
	struct scl_session *session = scl_session_create(host);
	struct scl_error err = {0};
	struct damage damage;

	if (!session)
		abort();
	put_damage(&damage, &state);
	scl_buffer_clear(&printed);
	alarm(PATIENCE_S);
	bool done = scl_session_run_line(session, command, &err);
	alarm(0);
	if (!done && !err.text[0])
		fail("an error without a text", seed, command);
	if (done && !printed.len)
		fail("no answer", seed, command);
	if (memchr(scl_buffer_str(&printed), 0x1b, printed.len) || strchr(err.text, 0x1b))
		fail("an escape character", seed, command);
	scl_session_destroy(session);
	scl_target_close(target);
	target = NULL;
	mend(&damage);
	return done;
}

int main(int argc, char **argv)
{
	struct scl_host host = {.name = "test",
				.prompt = "",
				.target = give_target,
				.write = keep,
				.interrupted = never,
				.still = true};
	unsigned answers = 0, errors = 0;
	struct stat st;

	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
		return 2;
	size = st.st_size;
	original = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	copy = memfd_create("core", MFD_CLOEXEC);
	if (original == MAP_FAILED || copy < 0)
		return 2;
	write_back(0, (size_t)size);
	for (uint64_t seed = 1; seed <= strtoull(argv[2], NULL, 10); seed++)
		*(try_seed(&host, seed) ? &answers : &errors) += 1;
	printf("%u answers, %u errors\n", answers, errors);
	scl_buffer_destroy(&printed);
	return 0;
}
