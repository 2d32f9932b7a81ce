/* minidump_writer.h - the core of core_writer.h as a minidump: the same memory, threads, files and death. */
#ifndef SCL_TESTS_MINIDUMP_WRITER_H
#define SCL_TESTS_MINIDUMP_WRITER_H

#include <stdio.h>

#include "target/core_writer.h"

enum { MD_STREAMS = 7, MD_CODE = 0x100 }; /* MD_CODE: in the stack's page, a system call of the main thread */

struct md_stream {
	uint32_t type, size, at;
};

static void md_stream(struct cw *cw, uint32_t type, const void *bytes, size_t size)
{
	struct md_stream stream = {.type = type, .size = (uint32_t)size, .at = (uint32_t)cw->size};

	memcpy(cw->bytes + 32 + cw->notes * sizeof stream, &stream, sizeof stream);
	memcpy(cw->bytes + cw->size, bytes, size);
	cw->size += (size + 7) & ~(size_t)7;
	cw->notes++;
}

/* Two threads: the one that died first; each with its CONTEXT before the list. */
static void md_threads(struct cw *cw)
{
	uint64_t context[2][32] = {{0}};
	uint32_t list[1 + 2 * 12] = {2, CW_OTHER};

	context[1][0x78 / 8] = (uint64_t)-4; /* rax: EINTR */
	context[1][0xb0 / 8] = 7;	     /* rdi */
	context[1][0xf8 / 8] = CW_STACK + MD_CODE + 7;
	memcpy(cw->bytes + cw->size, context, sizeof context);
	for (uint32_t i = 0; i < 2; i++) {
		list[1 + 12 * i] = i ? CW_MAIN : CW_OTHER;
		list[1 + 12 * i + 10] = sizeof context[0];
		list[1 + 12 * i + 11] = (uint32_t)(cw->size + i * sizeof context[0]);
	}
	cw->size += sizeof context;
	md_stream(cw, 3, list, sizeof list);
}

static void md_process(struct cw *cw, const char *program)
{
	static const char status[] = "Name:\ttiny\nPid:\t100\n";
	uint32_t misc[6] = {sizeof misc, 1, CW_MAIN};
	struct {
		uint32_t thread, unused, code, flags;
		uint64_t record, address, rest[17];
	} exception = {.thread = CW_OTHER, .code = SIGSEGV, .flags = SEGV_MAPERR, .address = 0x18};
	char maps[512];

	md_stream(cw, 6, &exception, sizeof exception);
	md_stream(cw, 15, misc, sizeof misc);
	md_stream(cw, 0x47670004, status, strlen(status));
	md_stream(cw, 0x47670008, cw_auxv, sizeof cw_auxv);
	snprintf(maps, sizeof maps,
		 "%x-%x r--p 00000000 00:01 7 %s\n%x-%x r-xp 00001000 00:01 7 %s\n%x-%x rw-p 00002000 00:01 7 %s\n"
		 "%x-%x rw-p 00000000 00:00 0\n%x-%x rw-p 00000000 00:00 0 [stack]\n",
		 CW_HEADERS, CW_TEXT, program, CW_TEXT, CW_DATA, program, CW_DATA, CW_DATA + CW_PAGE, program, CW_LOST,
		 CW_LOST + CW_PAGE, CW_STACK, CW_STACK + CW_PAGE);
	md_stream(cw, 0x47670009, maps, strlen(maps));
}

static void md_memory(struct cw *cw)
{
	static const uint8_t call[] = {0xb8, 232, 0, 0, 0, 0x0f, 0x05}; /* mov $232,%eax; syscall */
	uint64_t list[2 + 2 * 3] = {3, CW_PAGE, CW_HEADERS, CW_PAGE, CW_DATA, CW_PAGE, CW_STACK, CW_PAGE};
	uint8_t image[3 * CW_PAGE], *to = cw->bytes + CW_PAGE;

	md_stream(cw, 9, list, sizeof list);
	cw_program(image, cw_id);
	memcpy(to, image, CW_PAGE);
	memset(to + CW_PAGE, 'd', CW_PAGE);
	cw_stack(to + 2 * CW_PAGE);
	memcpy(to + 2 * CW_PAGE + MD_CODE, call, sizeof call);
	cw->size = 4 * CW_PAGE;
}

/* The whole minidump, of the program at that path. */
static void md_core(struct cw *cw, const char *program)
{
	uint32_t head[8] = {0x504d444d, 0xa793, MD_STREAMS, 32};

	memset(cw, 0, sizeof *cw);
	memcpy(cw->bytes, head, sizeof head);
	cw->size = 32 + MD_STREAMS * sizeof(struct md_stream) + 4;
	md_threads(cw);
	md_process(cw, program);
	md_memory(cw);
}

#endif
