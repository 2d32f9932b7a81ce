/* fds.c - see fds.h. */
#include "target/fds.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/map.h"

enum { CHUNK = 16384, SOCKETS_MIN = 64 };

struct scl_fds {
	struct scl_map index[SCL_NET_TABLES]; /* inode -> index in `sockets` */
	bool has[SCL_NET_TABLES];
	struct scl_net_socket *sockets;
	size_t n, cap;
	struct scl_arena arena; /* the paths */
};

struct scl_fds *scl_fds_create(void)
{
	return calloc(1, sizeof(struct scl_fds));
}

void scl_fds_destroy(struct scl_fds *fds)
{
	if (!fds)
		return;
	for (size_t i = 0; i < SCL_NET_TABLES; i++)
		scl_map_destroy(&fds->index[i]);
	free(fds->sockets);
	scl_arena_destroy(&fds->arena);
	free(fds);
}

bool scl_fds_has(const struct scl_fds *fds, enum scl_net_table table)
{
	return fds->has[table];
}

static bool has_room(struct scl_fds *fds)
{
	if (fds->n < fds->cap)
		return true;
	size_t cap = fds->cap ? 2 * fds->cap : SOCKETS_MIN;
	struct scl_net_socket *more = cap <= SCL_FDS_SOCKETS_MAX ? realloc(fds->sockets, cap * sizeof *more) : NULL;
	if (!more)
		return false;
	fds->sockets = more;
	fds->cap = cap;
	return true;
}

/* A line about a socket that is known already. A table is read page by page, so that a line may also come twice. */
static void merge(enum scl_net_table table, const struct scl_net_socket *socket, struct scl_net_socket *known)
{
	if (table != SCL_NET_UNIX) {
		*known = *socket;
		return;
	}
	if (strcmp(known->path, socket->path) != 0)
		known->path = "";
	if (known->state != socket->state)
		known->state = 0;
}

/* False when there is no room for more. */
static bool add(struct scl_fds *fds, enum scl_net_table table, const struct scl_net_socket *socket)
{
	uint32_t known;

	if (scl_map_get(&fds->index[table], socket->inode, &known)) {
		merge(table, socket, &fds->sockets[known]);
		return true;
	}
	if (!has_room(fds))
		return false;
	struct scl_net_socket *kept = &fds->sockets[fds->n];
	*kept = *socket;
	kept->path = socket->path[0] ? scl_arena_strndup(&fds->arena, socket->path, strlen(socket->path)) : "";
	if (!kept->path || !scl_map_put(&fds->index[table], socket->inode, (uint32_t)fds->n))
		return false;
	fds->n++;
	return true;
}

struct reading {
	struct scl_fds *fds;
	enum scl_net_table table;
	char text[CHUNK];
	size_t len;
	size_t lines;
	bool overlong; /* within a line that is longer than any of the kernel's */
	bool full;
};

/* Take the whole lines; the rest of the text is moved to the front. */
static void take_lines(struct reading *reading)
{
	struct scl_net_socket socket;
	char *at = reading->text, *end = reading->text + reading->len;

	for (char *newline; !reading->full && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL;) {
		*newline = '\0';
		if (!reading->overlong && scl_proc_net_parse(reading->table, at, &socket))
			reading->full = !add(reading->fds, reading->table, &socket);
		reading->overlong = false;
		reading->full = reading->full || ++reading->lines == SCL_FDS_LINES_MAX;
		at = newline + 1;
	}
	reading->len = (size_t)(end - at);
	memmove(reading->text, at, reading->len);
	if (reading->len == sizeof reading->text) {
		reading->overlong = true;
		reading->len = 0;
	}
}

void scl_fds_read(struct scl_fds *fds, enum scl_net_table table, int file)
{
	struct reading reading = {.fds = fds, .table = table};
	ssize_t got;

	fds->has[table] = true;
	while (file >= 0 && !reading.full &&
	       (got = read(file, reading.text + reading.len, sizeof reading.text - reading.len)) > 0) {
		reading.len += (size_t)got;
		take_lines(&reading);
	}
}

const struct scl_net_socket *scl_fds_find(const struct scl_fds *fds, enum scl_net_table table, uint64_t inode)
{
	uint32_t index;

	return scl_map_get(&fds->index[table], inode, &index) ? &fds->sockets[index] : NULL;
}
