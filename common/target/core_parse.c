/* core_parse.c - segments and notes of a core: core(5), elf(5), fs/binfmt_elf.c of Linux. */
#include <gelf.h>
#include <libelf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <unistd.h>
#ifdef __x86_64__
#include <sys/user.h>
#endif

#include "target/core_parts.h"

enum { NOTES_MAX = 256 << 20, SEGMENTS_MAX = 1 << 22, MAPPINGS_MAX = 1 << 18 };

/* To be called again, include/linux/errno.h, or EINTR. */
bool scl_core_was_blocked(uint64_t result)
{
	static const int64_t restarts[] = {-4, -512, -513, -514, -516};

	for (size_t i = 0; i < sizeof restarts / sizeof restarts[0]; i++)
		if ((int64_t)result == restarts[i])
			return true;
	return false;
}

static int by_start(const void *a, const void *b)
{
	const struct scl_core_mapping *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int by_segment(const void *a, const void *b)
{
	const struct scl_core_segment *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

void scl_core_sort(struct scl_core *core)
{
	if (core->n_segments)
		qsort(core->segments, core->n_segments, sizeof *core->segments, by_segment);
	if (core->n_mappings)
		qsort(core->mappings, core->n_mappings, sizeof *core->mappings, by_start);
}

static bool no_memory(struct scl_error *err)
{
	return scl_fail(err, SCL_ENOMEM, "out of memory");
}

/* -- notes -------------------------------------------------------------------------------------------------------- */

static void read_registers(const struct elf_prstatus *status, struct scl_core_lwp *lwp)
{
#ifdef __x86_64__
	struct user_regs_struct regs;

	_Static_assert(sizeof regs == sizeof status->pr_reg, "sys/procfs.h has the registers of sys/user.h");
	memcpy(&regs, &status->pr_reg, sizeof regs);
	lwp->has_registers = true;
	lwp->stack_pointer = regs.rsp;
	lwp->blocked = scl_core_was_blocked(regs.rax);
	lwp->syscall = lwp->blocked ? regs.orig_rax : UINT64_MAX;
	lwp->args[0] = regs.rdi;
	lwp->args[1] = regs.rsi;
	lwp->args[2] = regs.rdx;
	lwp->args[3] = regs.r10;
	lwp->args[4] = regs.r8;
	lwp->args[5] = regs.r9;
#else
	(void)status;
	lwp->has_registers = false;
#endif
}

static bool add_lwp(struct scl_core *core, const void *desc, size_t size, struct scl_error *err)
{
	struct elf_prstatus status;

	if (size < sizeof status)
		return true;
	memcpy(&status, desc, sizeof status);
	if (core->n_lwps == core->lwps_cap) {
		size_t cap = core->lwps_cap ? 2 * core->lwps_cap : 16;
		struct scl_core_lwp *lwps = scl_arena_calloc(&core->arena, cap, sizeof *lwps);
		if (!lwps)
			return no_memory(err);
		if (core->n_lwps)
			memcpy(lwps, core->lwps, core->n_lwps * sizeof *lwps);
		core->lwps = lwps;
		core->lwps_cap = cap;
	}
	struct scl_core_lwp *lwp = &core->lwps[core->n_lwps];
	*lwp = (struct scl_core_lwp){.id = (uint32_t)status.pr_pid, .signal = status.pr_cursig};
	read_registers(&status, lwp);
	/* The kernel, gcore and GDB put the thread first that the core is about. */
	if (core->n_lwps++ == 0)
		core->death =
			(struct scl_death){.lwp = lwp->id, .signal = lwp->signal, .stack_pointer = lwp->stack_pointer};
	return true;
}

static void read_process(struct scl_core *core, const void *desc, size_t size)
{
	struct elf_prpsinfo info;

	if (size < sizeof info)
		return;
	memcpy(&info, desc, sizeof info);
	core->base.pid = info.pr_pid;
	memcpy(core->fname, info.pr_fname, sizeof info.pr_fname);
}

/* GDB writes one for each thread; only the first thread's is of interest. */
static void read_siginfo(struct scl_core *core, const void *desc, size_t size)
{
	struct scl_death *death = &core->death;
	siginfo_t info;

	if (size < sizeof info || core->has_siginfo || core->n_lwps > 1)
		return;
	memcpy(&info, desc, sizeof info);
	core->has_siginfo = true;
	if (info.si_signo != death->signal && death->signal != 0)
		return;
	death->code = info.si_code;
	/* SI_USER, SI_TKILL and SI_QUEUE come from a process, and above 0 from the kernel, sigaction(2). */
	if (info.si_code <= 0) {
		death->sender = info.si_pid;
		return;
	}
	death->has_address = info.si_signo == SIGSEGV || info.si_signo == SIGBUS || info.si_signo == SIGILL ||
			     info.si_signo == SIGFPE || info.si_signo == SIGTRAP;
	if (death->has_address)
		death->address = (scl_addr)(uintptr_t)info.si_addr;
}

/* fill_files_note(): count, page size, then start, end and offset in pages of each, then their names. */
static bool read_files(struct scl_core *core, const void *desc, size_t size, struct scl_error *err)
{
	uint64_t head[2], entry[3];

	if (core->mappings || size < sizeof head)
		return true;
	memcpy(head, desc, sizeof head);
	uint64_t max = (size - sizeof head) / (sizeof entry + 1);
	if (head[0] > max || head[0] > MAPPINGS_MAX || head[1] == 0 || head[1] > 1 << 30)
		return true; /* garbage; what needs the files says that there are none */
	size_t n = (size_t)head[0];
	struct scl_core_mapping *maps = scl_arena_calloc(&core->arena, n + 1, sizeof *maps);
	size_t at = sizeof head + n * sizeof entry;
	char *names = scl_arena_strndup(&core->arena, "", 0);
	size_t names_size = size - at;

	names = names ? scl_arena_alloc(&core->arena, names_size + 1) : NULL;
	if (!maps || !names)
		return no_memory(err);
	memcpy(names, (const char *)desc + at, names_size);
	for (size_t i = 0, name = 0; i < n && name < names_size; i++) {
		memcpy(entry, (const char *)desc + sizeof head + i * sizeof entry, sizeof entry);
		struct scl_core_mapping *map = &maps[core->n_mappings];
		*map = (struct scl_core_mapping){.start = entry[0], .end = entry[1], .path = names + name};
		name += strlen(names + name) + 1;
		if (map->start < map->end && entry[2] <= INT64_MAX / head[1]) {
			map->offset = entry[2] * head[1];
			core->n_mappings++;
		}
	}
	core->mappings = maps;
	return true;
}

static bool read_auxv(struct scl_core *core, const void *desc, size_t size, struct scl_error *err)
{
	uint64_t *copy = scl_arena_alloc(&core->arena, size + 1);

	if (!copy)
		return no_memory(err);
	memcpy(copy, desc, size);
	core->auxv = copy;
	core->n_auxv = size / (2 * sizeof *copy);
	return true;
}

static bool read_note(struct scl_core *core, uint32_t type, const void *desc, size_t size, struct scl_error *err)
{
	switch (type) {
	case NT_PRSTATUS:
		return add_lwp(core, desc, size, err);
	case NT_PRPSINFO:
		read_process(core, desc, size);
		return true;
	case NT_SIGINFO:
		read_siginfo(core, desc, size);
		return true;
	case NT_FILE:
		return read_files(core, desc, size, err);
	case NT_AUXV:
		return read_auxv(core, desc, size, err);
	default:
		return true;
	}
}

static bool read_notes(struct scl_core *core, Elf *elf, const GElf_Phdr *header, struct scl_error *err)
{
	uint64_t left = header->p_offset < core->size ? core->size - header->p_offset : 0;
	size_t size = (size_t)(header->p_filesz < left ? header->p_filesz : left), at = 0, name, desc;
	GElf_Nhdr note;

	if (size == 0)
		return true;
	if (size > NOTES_MAX)
		return scl_fail(err, SCL_ECORRUPT, "%s has notes of %zu bytes: this is no sane core", core->name, size);
	Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)header->p_offset, size, ELF_T_NHDR);
	while (data && (at = gelf_getnote(data, at, &note, &name, &desc)) > 0)
		if (note.n_namesz == sizeof "CORE" &&
		    memcmp((const char *)data->d_buf + name, "CORE", sizeof "CORE") == 0 &&
		    !read_note(core, note.n_type, (const char *)data->d_buf + desc, note.n_descsz, err))
			return false;
	return true;
}

/* -- segments ------------------------------------------------------------------------------------------------------ */

static void add_segment(struct scl_core *core, const GElf_Phdr *header)
{
	uint64_t saved = header->p_filesz < header->p_memsz ? header->p_filesz : header->p_memsz;

	if (header->p_memsz == 0 || header->p_vaddr > UINT64_MAX - header->p_memsz || header->p_offset > INT64_MAX ||
	    saved > INT64_MAX - header->p_offset)
		return;
	core->segments[core->n_segments++] = (struct scl_core_segment){
		.start = header->p_vaddr,
		.end = header->p_vaddr + header->p_memsz,
		.offset = header->p_offset,
		.saved = saved,
		.writable = (header->p_flags & PF_W) != 0,
	};
	if (saved && header->p_offset + saved > core->size && header->p_offset + saved - core->size > core->missing)
		core->missing = header->p_offset + saved - core->size;
}

static bool read_headers(struct scl_core *core, Elf *elf, struct scl_error *err)
{
	GElf_Phdr header;
	size_t n;

	if (elf_getphdrnum(elf, &n) != 0 || n == 0 || n > SEGMENTS_MAX)
		return scl_fail(err, SCL_ECORRUPT, "%s has no readable program headers: %s", core->name,
				core->size < 4096 ? "it is truncated" : "it is corrupt");
	core->segments = scl_arena_calloc(&core->arena, n, sizeof *core->segments);
	if (!core->segments)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, (int)i, &header))
			return scl_fail(err, SCL_ECORRUPT, "%s is truncated before the end of its program headers",
					core->name);
		if (header.p_type == PT_LOAD)
			add_segment(core, &header);
		else if (header.p_type == PT_NOTE && !read_notes(core, elf, &header, err))
			return false;
	}
	scl_core_sort(core);
	return true;
}

#ifdef __x86_64__
enum { OUR_MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { OUR_MACHINE = EM_AARCH64 };
#else
enum { OUR_MACHINE = EM_NONE };
#endif

static bool check_kind(const struct scl_core *core, Elf *elf, struct scl_error *err)
{
	GElf_Ehdr file;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &file))
		return scl_fail(err, SCL_EIO, "%s is no core dump: it is not a readable ELF file", core->name);
	if (file.e_type != ET_CORE)
		return scl_fail(err, SCL_EUNSUPPORTED, "%s is no core dump, but %s", core->name,
				file.e_type == ET_EXEC || file.e_type == ET_DYN ? "a program or a library"
										: "another kind of ELF file");
	if (file.e_ident[EI_CLASS] != ELFCLASS64 || file.e_ident[EI_DATA] != ELFDATA2LSB ||
	    file.e_machine != OUR_MACHINE)
		return scl_fail(err, SCL_EUNSUPPORTED,
				"%s is a core of another kind of machine (ELF machine %u, %s bits): only those of this "
				"one can be read",
				core->name, file.e_machine, file.e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32");
	return true;
}

static bool parse_elf(struct scl_core *core, struct scl_error *err)
{
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(core->fd, ELF_C_READ, NULL);
	bool ok = check_kind(core, elf, err) && read_headers(core, elf, err);
	elf_end(elf);
	return ok;
}

bool scl_core_parse(struct scl_core *core, struct scl_error *err)
{
	off_t size = lseek(core->fd, 0, SEEK_END);

	if (size <= 0)
		return scl_fail(err, SCL_EIO, "%s is empty, or no file that can be read anywhere", core->name);
	core->size = (uint64_t)size;
	core->minidump = scl_core_is_minidump(core);
	if (core->minidump ? !scl_core_parse_minidump(core, err) : !parse_elf(core, err))
		return false;
	if (core->base.pid <= 0 && core->n_lwps > 0)
		core->base.pid = (int)core->lwps[0].id;
	return true;
}

uint64_t scl_core_auxval(const struct scl_core *core, uint64_t type)
{
	for (size_t i = 0; i < core->n_auxv; i++)
		if (core->auxv[2 * i] == type)
			return core->auxv[2 * i + 1];
	return 0;
}
