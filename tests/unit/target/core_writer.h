/* core_writer.h - a small core dump, as fs/binfmt_elf.c of Linux writes one, and the program that it is of. */
#ifndef SCL_TESTS_CORE_WRITER_H
#define SCL_TESTS_CORE_WRITER_H

#include <elf.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/procfs.h>
#include <sys/user.h>

enum {
	CW_PAGE = 4096,
	CW_HEADERS = 0x10000,		/* the program's first page, saved */
	CW_TEXT = CW_HEADERS + CW_PAGE, /* not saved: the file has it */
	CW_DATA = CW_TEXT + CW_PAGE,	/* saved, writable */
	CW_LOST = 0x40000,		/* writable, not saved */
	CW_STACK = 0x50000,
	CW_AUXV = CW_STACK + 0x800,
	CW_STRINGS = CW_STACK + 0xc00,
	CW_MAIN = 100, /* threads */
	CW_OTHER = 101,
	CW_SEGMENTS = 5,
};

static const uint8_t cw_id[4] = {0xca, 0xfe, 0x00, 0x11};

struct cw {
	uint8_t bytes[8 * CW_PAGE];
	size_t size, notes_at, notes;
};

static uint8_t cw_byte(uint64_t addr)
{
	return (uint8_t)(addr * 7 + (addr >> 8));
}

/* The program: a head, one note with the build id, two PT_LOADs. Three pages. */
static void cw_program(uint8_t *to, const uint8_t *id)
{
	Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_DYN,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_phoff = sizeof head,
			   .e_ehsize = sizeof head,
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 2};
	Elf64_Phdr headers[2] = {{.p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = 3 * CW_PAGE, .p_memsz = 3 * CW_PAGE},
				 {.p_type = PT_NOTE, .p_offset = 0x200, .p_filesz = 20, .p_align = 4}};
	Elf64_Nhdr note = {.n_namesz = 4, .n_descsz = sizeof cw_id, .n_type = NT_GNU_BUILD_ID};

	for (size_t i = 0; i < 3 * CW_PAGE; i++)
		to[i] = cw_byte(CW_HEADERS + i);
	memcpy(to, &head, sizeof head);
	memcpy(to + sizeof head, headers, sizeof headers);
	memcpy(to + 0x200, &note, sizeof note);
	memcpy(to + 0x20c, "GNU", 4);
	memcpy(to + 0x210, id, sizeof cw_id);
}

static void cw_note(struct cw *cw, uint32_t type, const void *desc, size_t size)
{
	Elf64_Nhdr note = {.n_namesz = 5, .n_descsz = (uint32_t)size, .n_type = type};
	uint8_t *to = cw->bytes + cw->notes_at + cw->notes;

	memcpy(to, &note, sizeof note);
	memcpy(to + sizeof note, "CORE", 5);
	memcpy(to + sizeof note + 8, desc, size);
	cw->notes += sizeof note + 8 + ((size + 3) & ~(size_t)3);
}

static void cw_thread(struct cw *cw, int lwp, int number, uint64_t syscall, int64_t result)
{
	struct elf_prstatus status = {.pr_pid = lwp, .pr_cursig = (short)number};
	struct user_regs_struct regs = {.orig_rax = syscall, .rax = (uint64_t)result, .rdi = 7};

	memcpy(&status.pr_reg, &regs, sizeof regs);
	cw_note(cw, NT_PRSTATUS, &status, sizeof status);
}

static const uint64_t cw_auxv[] = {AT_PHDR, CW_HEADERS + 64, AT_RANDOM, CW_STACK + 0xf00, AT_NULL, 0};

static void cw_notes(struct cw *cw, const char *program)
{
	struct elf_prpsinfo info = {.pr_pid = CW_MAIN, .pr_fname = "tiny"};
	siginfo_t why = {.si_signo = SIGSEGV, .si_code = SEGV_MAPERR};
	uint64_t files[2 + 2 * 3] = {2, CW_PAGE, CW_HEADERS, CW_TEXT, 0, CW_TEXT, CW_DATA + CW_PAGE, 1};
	uint8_t desc[512];
	size_t len = strlen(program) + 1;

	why.si_addr = (void *)0x18;
	cw_thread(cw, CW_OTHER, SIGSEGV, UINT64_MAX, 0); /* the one that died is the first */
	cw_note(cw, NT_PRPSINFO, &info, sizeof info);
	cw_note(cw, NT_SIGINFO, &why, sizeof why);
	cw_note(cw, NT_AUXV, cw_auxv, sizeof cw_auxv);
	memcpy(desc, files, sizeof files);
	memcpy(desc + sizeof files, program, len);
	memcpy(desc + sizeof files + len, program, len);
	cw_note(cw, NT_FILE, desc, sizeof files + 2 * len);
	cw_thread(cw, CW_MAIN, 0, 232, -4); /* epoll_wait, EINTR */
}

static void cw_stack(uint8_t *page)
{
	uint64_t words[] = {2, CW_STRINGS, CW_STRINGS + 5, 0, CW_STRINGS + 8, 0};

	memcpy(page + 0x800 - sizeof words, words, sizeof words);
	memcpy(page + 0x800, cw_auxv, sizeof cw_auxv);
	memcpy(page + 0xc00, "tiny\0-x\0PWD=/srv", 17);
}

static void cw_segment(struct cw *cw, size_t i, uint64_t at, size_t size, size_t saved, uint32_t flags)
{
	Elf64_Phdr header = {.p_type = PT_LOAD,
			     .p_vaddr = at,
			     .p_offset = cw->size,
			     .p_filesz = saved,
			     .p_memsz = size,
			     .p_flags = flags};

	memcpy(cw->bytes + sizeof(Elf64_Ehdr) + i * sizeof header, &header, sizeof header);
	cw->size += saved;
}

/* The whole core, of the program at that path. */
static void cw_core(struct cw *cw, const char *program)
{
	Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_CORE,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_phoff = sizeof head,
			   .e_ehsize = sizeof head,
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = CW_SEGMENTS + 1};
	uint8_t image[3 * CW_PAGE];

	memset(cw, 0, sizeof *cw);
	memcpy(cw->bytes, &head, sizeof head);
	cw->notes_at = 1024;
	cw_notes(cw, program);
	Elf64_Phdr notes = {.p_type = PT_NOTE, .p_offset = cw->notes_at, .p_filesz = cw->notes, .p_align = 4};
	memcpy(cw->bytes + sizeof head, &notes, sizeof notes);
	cw->size = CW_PAGE;
	cw_program(image, cw_id);
	memcpy(cw->bytes + cw->size, image, CW_PAGE);
	cw_segment(cw, 1, CW_HEADERS, CW_PAGE, CW_PAGE, PF_R);
	cw_segment(cw, 2, CW_TEXT, CW_PAGE, 0, PF_R | PF_X);
	memset(cw->bytes + cw->size, 'd', CW_PAGE);
	cw_segment(cw, 3, CW_DATA, CW_PAGE, CW_PAGE, PF_R | PF_W);
	cw_segment(cw, 4, CW_LOST, CW_PAGE, 0, PF_R | PF_W);
	cw_stack(cw->bytes + cw->size);
	cw_segment(cw, 5, CW_STACK, CW_PAGE, CW_PAGE, PF_R | PF_W);
}

#endif
