/* test_modules.c - modules, symbols and sections of real processes: this program, its copies, installed Pythons. */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <link.h>
#include <sys/stat.h>

#include "check.h"
#include "child.h"
#include "target/elf_headers.h"
#include "target/live.h"

static struct scl_error err;

/* What a test looks for; not static, so that the linker keeps the names. */
uint64_t scl_test_marker = 42;
uint64_t scl_test_function(uint64_t x);

uint64_t scl_test_function(uint64_t x)
{
	return x + scl_test_marker;
}

struct found {
	char path[SCL_PATH_MAX];
	struct scl_module module;
	int count, mains;
	const char *wanted; /* part of a path; NULL: the program itself */
};

static bool find(const struct scl_module *module, void *arg)
{
	struct found *found = arg;

	found->mains += module->main;
	if (found->wanted ? !strstr(module->path, found->wanted) : !module->main)
		return true;
	found->count++;
	found->module = *module;
	snprintf(found->path, sizeof found->path, "%s", module->path);
	found->module.path = found->path;
	return true;
}

static bool same_build_id(struct scl_target *target, const struct scl_module *module, const char *path)
{
	char id[64] = "", command[SCL_PATH_MAX + 64], line[256] = "";

	if (!scl_module_build_id(target, module, id, sizeof id, &err))
		return false;
	snprintf(command, sizeof command, "readelf -n '%s' 2>/dev/null | sed -n 's/.*Build ID: //p'", path);
	FILE *readelf = popen(command, "r");
	if (!readelf)
		return false;
	bool known = fgets(line, sizeof line, readelf) != NULL;
	pclose(readelf);
	line[strcspn(line, "\n")] = '\0';
	if (!known) /* no readelf, or no id in the file */
		check_skipped++;
	return !known || strcmp(line, id) == 0;
}

static int first_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(scl_addr *)arg = info->dlpi_addr;
	return 1;
}

static void finds_itself_in_a_fork(void)
{
	struct found self = {0}, libc = {.wanted = "/libc.so"};
	struct scl_symbol symbol;
	struct child child;
	scl_addr bias;

	CHECK(child_start(&child));
	struct scl_target *target = scl_live_open(child.pid, &err);
	CHECK(target && scl_for_each_module(target, find, &self, &err));
	CHECK_INT(self.count, 1);
	CHECK_INT(self.mains, 1);
	dl_iterate_phdr(first_object, &bias);
	CHECK(self.module.bias == bias);
	CHECK(self.module.executable);
	if (target && self.count == 1) {
		CHECK(scl_find_symbol(target, &self.module, "scl_test_marker", &symbol, &err));
		CHECK(symbol.addr == (uintptr_t)&scl_test_marker);
		CHECK_INT(symbol.size, sizeof scl_test_marker);
		CHECK(scl_find_symbol(target, &self.module, "scl_test_function", &symbol, &err));
		CHECK(symbol.addr == (uintptr_t)scl_test_function);
		CHECK(!scl_find_symbol(target, &self.module, "scl_test_", &symbol, &err));
		CHECK_INT(err.code, SCL_ENOTFOUND);
		CHECK(!scl_find_symbol(target, &self.module, "printf", &symbol, &err));
		CHECK(scl_find_section(target, &self.module, ".data", &symbol, &err));
		uintptr_t marker = (uintptr_t)&scl_test_marker;
		CHECK(symbol.addr <= marker && marker < symbol.addr + symbol.size);
		CHECK(!scl_find_section(target, &self.module, ".comment", &symbol, &err));
		CHECK_INT(err.code, SCL_ENOTFOUND);
		CHECK(same_build_id(target, &self.module, self.path));
		CHECK(scl_for_each_module(target, find, &libc, &err));
		CHECK_INT(libc.count, 1);
		CHECK(!libc.module.main);
		CHECK(scl_find_symbol(target, &libc.module, "getppid", &symbol, &err));
		CHECK(symbol.addr == (uintptr_t)dlsym(RTLD_DEFAULT, "getppid"));
	}
	scl_target_close(target);
	child_end(&child);
}

/* Start a program and wait until it has written a byte; its stdin is a pipe that stays open. */
static int start(const char *path, const char *const *argv)
{
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) != 0)
		return -1;
	int pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ready[1], STDOUT_FILENO);
		execv(path, (char *const *)argv);
		_exit(1);
	}
	close(ready[1]);
	bool ok = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	if (ok)
		return pid;
	waitpid(pid, NULL, 0);
	return -1;
}

static bool copy_self(const char *to)
{
	char buf[8192];
	ssize_t got;
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	bool ok = in >= 0 && out >= 0;

	while (ok && (got = read(in, buf, sizeof buf)) > 0)
		ok = write(out, buf, (size_t)got) == got;
	close(in);
	close(out);
	return ok;
}

static void check_copy(const char *name, bool deleted)
{
	static const char *const argv[] = {"copy", "wait", NULL};
	char dir[] = "/tmp/scl-test-XXXXXX", path[256];
	struct found self = {0};
	struct scl_symbol symbol;
	uint64_t value = 0;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/%s", dir, name);
	CHECK(copy_self(path));
	int pid = start(path, argv);
	if (deleted)
		unlink(path);
	struct scl_target *target = scl_live_open(pid, &err);
	CHECK(target && scl_for_each_module(target, find, &self, &err));
	CHECK_INT(self.count, 1);
	CHECK_CONTAINS(self.path, name);
	CHECK(!deleted || strstr(self.path, " (deleted)"));
	CHECK(target && scl_find_symbol(target, &self.module, "scl_test_marker", &symbol, &err));
	CHECK(target && scl_read_i64(target, symbol.addr, (int64_t *)&value, &err) && value == 42);
	scl_target_close(target);
	end_process(pid);
	unlink(path);
	rmdir(dir);
}

static void finds_programs_with_odd_names(void)
{
	check_copy("two words", false);
	check_copy("new\nline", false);
	check_copy("really (deleted)", false);
}

static void finds_a_deleted_program(void)
{
	check_copy("gone", true);
	check_copy("gone (deleted)", true);
}

static bool check_python(const char *path)
{
	static const char *const argv[] = {"python3", "-c", "import os, time; os.write(1, b'r'); time.sleep(60)", NULL};
	struct found library = {.wanted = "/libpython3"}, self = {0};
	struct scl_symbol runtime = {0}, section;
	struct scl_error why;
	uint64_t word;

	int pid = start(path, argv);
	if (pid < 0)
		return false;
	struct scl_target *target = scl_live_open(pid, &err);
	CHECK(target && scl_for_each_module(target, find, &self, &err) &&
	      scl_for_each_module(target, find, &library, &err));
	CHECK_INT(self.count, 1);
	const struct scl_module *module = library.count ? &library.module : &self.module;
	if (target && self.count == 1) {
		CHECK(scl_find_symbol(target, module, "_PyRuntime", &runtime, &why));
		CHECK(runtime.addr >= module->start && runtime.size > 64);
		CHECK(scl_read_i64(target, runtime.addr, (int64_t *)&word, &why));
		/* Since 3.11 the runtime has a section of its own (pycore_runtime.h, 3.13: Py_DEBUG_OFFSETS). */
		if (scl_find_section(target, module, ".PyRuntime", &section, &why))
			CHECK(section.addr == runtime.addr && section.size >= runtime.size);
		CHECK(same_build_id(target, module, module->path));
	}
	scl_target_close(target);
	end_process(pid);
	return true;
}

static void finds_the_runtime_of_pythons(void)
{
	const char *home = getenv("HOME");
	char pattern[SCL_PATH_MAX];
	glob_t found = {0};

	glob("/usr/bin/python3.[0-9]*[0-9]", 0, NULL, &found);
	snprintf(pattern, sizeof pattern, "%s/.pyenv/versions/3.[0-9]*/bin/python3", home ? home : "");
	glob(pattern, GLOB_APPEND, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		/* _PyRuntime came with 3.7. */
		if (strstr(found.gl_pathv[i], "/3.6."))
			continue;
		check_case = found.gl_pathv[i];
		if (!check_python(found.gl_pathv[i]))
			check_skipped++;
	}
	if (found.gl_pathc == 0)
		check_skipped++;
	globfree(&found);
	check_case = "";
}

/* -- program headers, by hand -------------------------------------------------------------------------- */

static struct {
	Elf64_Ehdr file;
	Elf64_Phdr headers[3];
} elf;

static bool elf_bytes(void *source, uint64_t offset, void *to, size_t n)
{
	size_t size = *(const size_t *)source;

	if (offset > size || n > size - offset)
		return false;
	memcpy(to, (const char *)&elf + offset, n);
	return true;
}

static void make_elf(void)
{
	memset(&elf, 0, sizeof elf);
	memcpy(elf.file.e_ident, ELFMAG, SELFMAG);
	elf.file.e_ident[EI_CLASS] = ELFCLASS64;
	elf.file.e_ident[EI_DATA] = ELFDATA2LSB;
	elf.file.e_type = ET_DYN;
	elf.file.e_phoff = sizeof elf.file;
	elf.file.e_phentsize = sizeof(Elf64_Phdr);
	elf.file.e_phnum = 3;
	elf.headers[0] = (Elf64_Phdr){.p_type = PT_NOTE};
	elf.headers[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_offset = 0x1100, .p_vaddr = 0x402100, .p_memsz = 0x800};
	elf.headers[2] = (Elf64_Phdr){.p_type = PT_LOAD, .p_offset = 0x2000, .p_vaddr = 0x403000, .p_memsz = 0x1234};
}

static void reads_program_headers(void)
{
	size_t size = sizeof elf;
	struct scl_elf_load load;

	make_elf();
	CHECK(scl_elf_load_read(elf_bytes, &size, &load));
	CHECK(load.offset == 0x1100 && load.vaddr == 0x402100 && load.end == 0x404234);
	/* The page of offset 0x1000 holds virtual address 0x402000. */
	CHECK(scl_elf_bias(&load, 0x402000, 0x1000) == 0);
	CHECK(scl_elf_bias(&load, 0x7f0000402000, 0x1000) == 0x7f0000000000);
	for (size = 0; size < sizeof elf; size++)
		if (scl_elf_load_read(elf_bytes, &size, &load))
			CHECK_FAIL("taken at %zu bytes", size);
}

static void refuses_lying_program_headers(void)
{
	size_t size = sizeof elf;
	struct scl_elf_load load;

	make_elf();
	elf.file.e_phnum = 0xffff;
	CHECK(!scl_elf_load_read(elf_bytes, &size, &load));
	make_elf();
	elf.file.e_phoff = UINT64_MAX - 8;
	CHECK(!scl_elf_load_read(elf_bytes, &size, &load));
	make_elf();
	elf.file.e_phentsize = 1;
	CHECK(!scl_elf_load_read(elf_bytes, &size, &load));
	make_elf();
	elf.file.e_type = ET_CORE;
	CHECK(!scl_elf_load_read(elf_bytes, &size, &load));
	make_elf();
	elf.headers[1].p_memsz = elf.headers[2].p_memsz = UINT64_MAX;
	CHECK(!scl_elf_load_read(elf_bytes, &size, &load));
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "wait") == 0) {
		if (write(STDOUT_FILENO, "r", 1) == 1)
			pause();
		return 1;
	}
	RUN(reads_program_headers);
	RUN(refuses_lying_program_headers);
	RUN(finds_itself_in_a_fork);
	RUN(finds_programs_with_odd_names);
	RUN(finds_a_deleted_program);
	RUN(finds_the_runtime_of_pythons);
	return check_finish();
}
