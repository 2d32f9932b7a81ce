/*
 * fuzz_core.c - core dumps: whatever a file says of itself, all that can be asked of it has an end.
 *
 * Input: a length to cut at, whose highest bit makes it a minidump, then edits of a small valid core (core_writer.h,
 * minidump_writer.h): position and byte. Without edits it must open.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "target/core.h"
#include "target/core_writer.h"
#include "target/minidump_writer.h"

enum { EDIT = 3 };

static struct scl_target *target;

static bool read_module(const struct scl_module *module, void *arg)
{
	struct scl_symbol symbol;
	uint8_t byte;

	(void)arg;
	(void)!scl_read(target, module->end - 1, &byte, 1, NULL);
	(void)!scl_find_symbol(target, module, "_PyRuntime", &symbol, NULL);
	return true;
}

static bool look_at_lwp(uint64_t lwp, void *arg)
{
	struct scl_lwp_status status;

	(void)arg;
	(void)!scl_lwp_status(target, lwp, SCL_LWP_STAT | SCL_LWP_SYSCALL | SCL_LWP_NAME, &status, NULL);
	return true;
}

static bool look_at_file(const struct scl_core_file *file, void *arg)
{
	*(size_t *)arg += strlen(file->path) + strlen(file->build_id) + (file->problem ? strlen(file->problem) : 0);
	return true;
}

static void ask_everything(void)
{
	struct scl_arena arena = {0};
	const char *const *argv;
	struct scl_death death;
	size_t argc, length = 0;
	uint8_t bytes[64];
	char text[64];

	for (scl_addr at = CW_HEADERS - 32; at < CW_STACK + 2 * CW_PAGE; at += CW_PAGE / 2)
		(void)!scl_read(target, at, bytes, sizeof bytes, NULL);
	(void)!scl_for_each_module(target, read_module, NULL, NULL);
	(void)!scl_for_each_lwp(target, look_at_lwp, NULL, NULL);
	(void)!scl_target_death(target, &death, NULL);
	(void)!scl_target_command_line(target, &arena, &argv, &argc, NULL);
	(void)!scl_target_getenv(target, "PWD", text, sizeof text, NULL);
	scl_core_for_each_file(target, look_at_file, &length);
	scl_arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct scl_core_options options = {.sysroot = "/proc/self/fdinfo"}; /* none of its files */
	struct scl_error err = {0};
	static struct cw core;

	(size >= 2 && data[1] & 0x80 ? md_core : cw_core)(&core, "/bin/tiny");
	size_t length = size >= 2 ? core.size - (size_t)(data[0] | (data[1] & 0x7f) << 8) % core.size : core.size;
	for (size_t at = 2; at + EDIT <= size; at += EDIT)
		core.bytes[(size_t)(data[at] | data[at + 1] << 8) % core.size] = data[at + 2];
	int fd = memfd_create("core", MFD_CLOEXEC);
	if (fd < 0 || write(fd, core.bytes, length) != (ssize_t)length)
		abort();
	target = scl_core_open_fd(fd, "fuzzed", &options, &err);
	if (!target && (size < 2 || !err.text[0]))
		abort();
	if (target)
		ask_everything();
	scl_target_close(target);
	return 0;
}
