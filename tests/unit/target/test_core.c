/* test_core.c - a small core and the same as a minidump, whole and damaged: memory, files, threads and death. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "check.h"
#include "core_writer.h"
#include "minidump_writer.h"
#include "target/core.h"

enum { DAMAGES = 1000 };

static char root[] = "/tmp/scalene-core-XXXXXX", program[128];
static struct scl_target *target;
static struct scl_error err;
static struct cw core;
static void (*write_core)(struct cw *cw, const char *program) = cw_core;

static void write_program(const uint8_t *id)
{
	uint8_t image[3 * CW_PAGE];
	int fd = open(program, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	cw_program(image, id);
	CHECK(fd >= 0 && write(fd, image, sizeof image) == sizeof image);
	close(fd);
}

/* Open the first `size` bytes of the core as it is now. */
static bool open_core(size_t size, const char *exe)
{
	const struct scl_core_options options = {.sysroot = root, .exe = exe};
	int fd = memfd_create("core", MFD_CLOEXEC);

	if (fd < 0 || write(fd, core.bytes, size) != (ssize_t)size)
		CHECK_FAIL("no file for the core");
	err = (struct scl_error){0};
	target = scl_core_open_fd(fd, "tiny.core", &options, &err);
	return target != NULL;
}

static void begin(void)
{
	write_core(&core, "/bin/tiny");
	write_program(cw_id);
	CHECK(open_core(core.size, NULL));
}

static void end(void)
{
	scl_target_close(target);
	target = NULL;
	unlink(program);
}

static void reads_what_it_has(void)
{
	uint8_t bytes[2 * CW_PAGE];

	begin();
	CHECK(scl_read(target, CW_DATA + 5, bytes, 3, &err) && bytes[0] == 'd' && bytes[2] == 'd');
	CHECK(scl_read(target, CW_HEADERS + 0x300, bytes, 1, &err) && bytes[0] == cw_byte(CW_HEADERS + 0x300));
	CHECK(!scl_read(target, CW_DATA + CW_PAGE - 1, bytes, 2, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_CONTAINS(err.text, "nothing was mapped");
	CHECK(!scl_read(target, CW_LOST, bytes, 8, &err));
	CHECK_CONTAINS(err.text, write_core == md_core ? "--style=full" : "coredump_filter");
	end();
}

static void takes_unsaved_pages_from_the_file(void)
{
	uint8_t bytes[2 * CW_PAGE];

	begin();
	/* From the core, the file and the core again. */
	CHECK(scl_read(target, CW_TEXT - 1, bytes, CW_PAGE + 2, &err));
	CHECK_INT(bytes[0], cw_byte(CW_TEXT - 1));
	CHECK_INT(bytes[1], cw_byte(CW_TEXT));
	CHECK_INT(bytes[CW_PAGE], cw_byte(CW_DATA - 1));
	CHECK_INT(bytes[CW_PAGE + 1], 'd');
	end();
}

static bool remember(const struct scl_core_file *file, void *arg)
{
	snprintf(arg, 512, "%s|%s|%s", file->path, file->build_id, file->problem ? file->problem : "");
	return true;
}

static void names_a_missing_file(void)
{
	char text[512] = "";
	uint8_t byte;

	begin();
	unlink(program);
	CHECK(!scl_read(target, CW_TEXT, &byte, 1, &err));
	CHECK_CONTAINS(err.text, "cafe0011");
	CHECK_CONTAINS(err.text, "/bin/tiny");
	CHECK_CONTAINS(err.text, root);
	scl_core_for_each_file(target, remember, text);
	CHECK_CONTAINS(text, "/bin/tiny|cafe0011|the file of");
	end();
}

static void refuses_a_wrong_file(void)
{
	const uint8_t other[4] = {1, 2, 3, 4};
	uint8_t byte;

	begin();
	write_program(other);
	CHECK(!scl_read(target, CW_TEXT, &byte, 1, &err));
	CHECK_CONTAINS(err.text, "cafe0011");
	CHECK_CONTAINS(err.text, "01020304");
	scl_target_close(target);
	CHECK(!open_core(core.size, program));
	CHECK_CONTAINS(err.text, "01020304");
	write_program(cw_id);
	CHECK(open_core(core.size, program));
	end();
}

struct ids {
	uint64_t ids[4];
	size_t n;
};

static bool note_lwp(uint64_t lwp, void *arg)
{
	struct ids *ids = arg;

	ids->ids[ids->n++ % 4] = lwp;
	return true;
}

static void knows_threads_and_death(void)
{
	struct scl_lwp_status status;
	struct scl_death death;
	struct ids ids = {0};

	begin();
	CHECK_INT(scl_target_pid(target), CW_MAIN);
	CHECK(scl_for_each_lwp(target, note_lwp, &ids, &err));
	CHECK_INT(ids.n, 2);
	CHECK_INT(ids.ids[0], CW_MAIN);
	CHECK_INT(ids.ids[1], CW_OTHER);
	CHECK(scl_lwp_status(target, CW_MAIN, SCL_LWP_STAT | SCL_LWP_SYSCALL | SCL_LWP_NAME, &status, &err));
	CHECK(status.state == 'S' && status.in_syscall && status.syscall == 232 && status.args[0] == 7);
	CHECK_STR(status.name, "tiny");
	CHECK(scl_lwp_status(target, CW_OTHER, SCL_LWP_STAT | SCL_LWP_SYSCALL, &status, &err));
	CHECK(status.state == 'R' && !status.in_syscall);
	CHECK(!scl_lwp_status(target, 4711, SCL_LWP_STAT, &status, &err) && err.code == SCL_EGONE);
	CHECK(scl_target_death(target, &death, &err));
	CHECK(death.lwp == CW_OTHER && death.signal == SIGSEGV && death.code == SEGV_MAPERR);
	CHECK(death.has_address && death.address == 0x18);
	end();
}

static void knows_arguments_and_environment(void)
{
	struct scl_arena arena = {0};
	const char *const *argv;
	char text[64];
	size_t argc;

	begin();
	CHECK(scl_target_command_line(target, &arena, &argv, &argc, &err));
	CHECK_INT(argc, 2);
	CHECK_STR(argv[0], "tiny");
	CHECK_STR(argv[1], "-x");
	CHECK(scl_target_getenv(target, "PWD", text, sizeof text, &err));
	CHECK_STR(text, "/srv");
	CHECK(!scl_target_getenv(target, "PW", text, sizeof text, &err) && err.code == SCL_ENOTFOUND);
	CHECK(scl_target_cwd(target, text, sizeof text, &err));
	CHECK_STR(text, "/srv");
	scl_arena_destroy(&arena);
	end();
}

static void refuses_what_is_no_core(void)
{
	Elf64_Ehdr *head = (Elf64_Ehdr *)(void *)core.bytes;

	begin();
	end();
	head->e_machine = EM_S390;
	CHECK(!open_core(core.size, NULL));
	CHECK_CONTAINS(err.text, "another kind of machine");
	head->e_type = ET_DYN;
	CHECK(!open_core(core.size, NULL));
	CHECK_CONTAINS(err.text, "no core dump");
	memset(core.bytes, 'x', 64);
	CHECK(!open_core(core.size, NULL));
	CHECK_CONTAINS(err.text, "not a readable ELF file");
	CHECK(!open_core(0, NULL));
	CHECK_CONTAINS(err.text, "empty");
}

static void says_where_it_is_truncated(void)
{
	uint8_t byte;

	begin();
	end();
	write_program(cw_id);
	CHECK(open_core(core.size - 100, NULL));
	CHECK_INT(scl_core_missing_bytes(target), 100);
	CHECK(scl_read(target, CW_STACK, &byte, 1, &err));
	CHECK(!scl_read(target, CW_STACK + CW_PAGE - 50, &byte, 1, &err));
	CHECK_CONTAINS(err.text, "truncated");
	end();
}

static bool read_module(const struct scl_module *module, void *arg)
{
	struct scl_symbol symbol;
	uint8_t byte;

	(void)arg;
	(void)!scl_read(target, module->start, &byte, 1, NULL);
	(void)!scl_read(target, module->end - 1, &byte, 1, NULL);
	(void)!scl_find_symbol(target, module, "_PyRuntime", &symbol, NULL);
	return true;
}

/* All that can be asked: an answer or an error, each of which says something. */
static void ask_everything(void)
{
	static const scl_addr places[] = {CW_HEADERS, CW_TEXT, CW_DATA, CW_LOST, CW_STACK, CW_AUXV, UINT64_MAX - 8};
	struct scl_arena arena = {0};
	const char *const *argv;
	struct scl_death death;
	uint8_t bytes[64];
	char text[512];
	size_t argc;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (!scl_read(target, places[i], bytes, sizeof bytes, &err))
			CHECK(err.text[0]);
	if (!scl_for_each_module(target, read_module, NULL, &err))
		CHECK(err.text[0]);
	struct ids ids = {0};
	CHECK(scl_for_each_lwp(target, note_lwp, &ids, &err));
	if (!scl_target_death(target, &death, &err))
		CHECK(err.text[0]);
	CHECK(scl_target_command_line(target, &arena, &argv, &argc, &err));
	(void)!scl_target_getenv(target, "PWD", text, sizeof text, NULL);
	scl_core_for_each_file(target, remember, text);
	scl_arena_destroy(&arena);
}

/* xorshift64, so that a damage that fails can be had again. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void survives_damage(void)
{
	char damage[32];

	for (uint64_t seed = 1; seed <= DAMAGES; seed++) {
		uint64_t state = seed * 0x9e3779b97f4a7c15;
		write_core(&core, "/bin/tiny");
		write_program(cw_id);
		snprintf(damage, sizeof damage, "seed %" PRIu64, seed);
		check_case = damage;
		/* Most of it in the headers and notes. */
		for (uint64_t flips = next_random(&state) % 8; flips > 0; flips--)
			core.bytes[next_random(&state) % (flips % 3 ? 2560 : core.size)] ^=
				(uint8_t)next_random(&state);
		size_t size = seed % 4 ? core.size : next_random(&state) % core.size;
		if (!open_core(size, NULL)) {
			CHECK(err.text[0] && err.code != SCL_OK);
			continue;
		}
		ask_everything();
		end();
	}
	check_case = "";
}

static void all_of_a_minidump(void)
{
	write_core = md_core;
	reads_what_it_has();
	takes_unsaved_pages_from_the_file();
	names_a_missing_file();
	refuses_a_wrong_file();
	knows_threads_and_death();
	knows_arguments_and_environment();
	says_where_it_is_truncated();
	survives_damage();
	begin();
	end();
	CHECK(!open_core(40, NULL));
	CHECK_CONTAINS(err.text, "minidump without a readable directory");
	write_core = cw_core;
}

int main(void)
{
	char bin[64];

	if (!mkdtemp(root))
		return 1;
	snprintf(bin, sizeof bin, "%s/bin", root);
	mkdir(bin, 0755);
	snprintf(program, sizeof program, "%s/tiny", bin);
	RUN(reads_what_it_has);
	RUN(takes_unsaved_pages_from_the_file);
	RUN(names_a_missing_file);
	RUN(refuses_a_wrong_file);
	RUN(knows_threads_and_death);
	RUN(knows_arguments_and_environment);
	RUN(refuses_what_is_no_core);
	RUN(says_where_it_is_truncated);
	RUN(survives_damage);
	RUN(all_of_a_minidump);
	unlink(program);
	rmdir(bin);
	rmdir(root);
	return check_finish();
}
