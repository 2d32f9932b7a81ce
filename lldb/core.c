/* core.c - a core dump in LLDB: which file it is, and our own target of it. */
#include "shim.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/core.h"

enum { FILES_MAX = 32 }; /* core dumps that one LLDB has open */

struct files {
	struct core_identity at[FILES_MAX];
	size_t n;
};

/* An ELF file of type ET_CORE, elf(5), or a minidump. */
static bool is_core(const char *path)
{
	static const char minidump[] = "MDMP";
	unsigned char head[EI_NIDENT + 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool whole = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head;
	bool is = whole &&
		  ((memcmp(head, ELFMAG, SELFMAG) == 0 && head[EI_NIDENT] == ET_CORE && head[EI_NIDENT + 1] == 0) ||
		   memcmp(head, minidump, strlen(minidump)) == 0);

	if (fd >= 0)
		close(fd);
	return is;
}

static void add(struct files *files, const char *path)
{
	struct core_identity *file = &files->at[files->n];
	struct stat st;

	for (size_t i = 0; i < files->n; i++)
		if (strcmp(files->at[i].path, path) == 0)
			return;
	if (files->n == FILES_MAX || strlen(path) >= sizeof file->path || !is_core(path) || stat(path, &st) != 0)
		return;
	memset(file, 0, sizeof *file);
	snprintf(file->path, sizeof file->path, "%s", path);
	file->inode = st.st_ino;
	file->size = (uint64_t)st.st_size;
	files->n++;
}

/*
 * The SB API tells the file of a core from LLDB 21 on (SBProcess::GetCoreFile). All of them map it, so that its name is
 * in our own maps, proc(5).
 */
static void mapped_cores(struct files *files)
{
	char line[SCL_PATH_MAX + 128], last[SCL_PATH_MAX] = "";
	FILE *f = fopen("/proc/self/maps", "re");

	while (f && fgets(line, sizeof line, f)) {
		const char *path = strchr(line, '/');

		line[strcspn(line, "\n")] = '\0';
		if (!path || strncmp(path, last, sizeof last) == 0)
			continue;
		snprintf(last, sizeof last, "%s", path);
		add(files, path);
	}
	if (f)
		fclose(f);
}

static struct scl_target *open_core(const struct core_identity *file, struct scl_error *err)
{
	const struct scl_core_options options = {.exe = file->exe[0] ? file->exe : NULL,
						 .sysroot = file->sysroot[0] ? file->sysroot : NULL};

	return scl_core_open(file->path, &options, err);
}

/* Where several are open, the one of the selected process. */
static struct scl_target *choose(struct shim *s, struct files *files, int pid, struct scl_error *err)
{
	for (size_t i = 0; i < files->n; i++) {
		struct core_identity *file = &files->at[i];
		struct scl_target *opened;

		sb_program(s->sb, file->exe, sizeof file->exe);
		sb_sysroot(s->sb, file->sysroot, sizeof file->sysroot);
		if (s->target && scl_target_is_dead(s->target) && memcmp(file, &s->core, sizeof *file) == 0 &&
		    (files->n == 1 || scl_target_pid(s->target) == pid))
			return s->target;
		opened = open_core(file, err);
		if (!opened && files->n == 1)
			return NULL;
		if (opened && (files->n == 1 || scl_target_pid(opened) == pid)) {
			s->core = *file;
			return opened;
		}
		scl_target_close(opened);
	}
	scl_error_set(err, SCL_EUNSUPPORTED, 0, 0,
		      "LLDB does not tell the file of this core dump; run `scalene-dbg -c CORE` on it");
	return NULL;
}

struct scl_target *core_target(struct shim *s, int pid, struct scl_error *err)
{
	struct files *files = calloc(1, sizeof *files);
	struct scl_target *target;

	if (!files) {
		scl_error_set(err, SCL_ENOMEM, 0, 0, "out of memory");
		return NULL;
	}
	mapped_cores(files);
	target = choose(s, files, pid, err);
	free(files);
	return target;
}
