/* elf.c - see elf.h. */
#include "target/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/backend.h"
#include "target/path.h"

enum { CACHED_FILES = 64, SHOWN_PATH = 256 };

struct elf_file {
	char *path;
	scl_addr start; /* of the module: two of the same path may be two files, an old and a new one */
	int fd;
	Elf *elf;
};

struct scl_elf_cache {
	struct elf_file files[CACHED_FILES];
	size_t next; /* the one to replace */
};

static void close_file(struct elf_file *file)
{
	if (!file->path)
		return;
	elf_end(file->elf);
	close(file->fd);
	free(file->path);
	*file = (struct elf_file){0};
}

void scl_elf_cache_destroy(struct scl_elf_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < CACHED_FILES; i++)
		close_file(&cache->files[i]);
	free(cache);
}

static int open_module(struct scl_target *t, const struct scl_module *module)
{
	return t->ops->open_module ? t->ops->open_module(t, module) : scl_target_open_file(t, module->path);
}

static bool load(struct scl_target *t, const struct scl_module *module, struct elf_file *file, struct scl_error *err)
{
	char shown[SHOWN_PATH];

	file->fd = open_module(t, module);
	if (file->fd < 0 && t->ops->explain_module)
		return t->ops->explain_module(t, module, err), false;
	if (file->fd < 0)
		return scl_fail_errno(err, SCL_EIO, errno, "cannot open %s: %s",
				      scl_path_show(module->path, shown, sizeof shown), strerror(errno));
	elf_version(EV_CURRENT);
	file->elf = elf_begin(file->fd, ELF_C_READ, NULL);
	file->path = strdup(module->path);
	file->start = module->start;
	if (!file->elf || elf_kind(file->elf) != ELF_K_ELF || !file->path) {
		elf_end(file->elf);
		close(file->fd);
		free(file->path);
		*file = (struct elf_file){0};
		return scl_fail(err, SCL_EIO, "%s is not a readable ELF file",
				scl_path_show(module->path, shown, sizeof shown));
	}
	return true;
}

static Elf *open_elf(struct scl_target *t, const struct scl_module *module, struct scl_error *err)
{
	struct scl_elf_cache *cache = t->elves;

	if (!cache)
		cache = t->elves = calloc(1, sizeof *cache);
	if (!cache) {
		scl_error_set(err, SCL_ENOMEM, ENOMEM, 0, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < CACHED_FILES; i++) {
		struct elf_file *file = &cache->files[i];
		if (file->path && file->start == module->start && strcmp(file->path, module->path) == 0)
			return file->elf;
	}
	struct elf_file *file = &cache->files[cache->next];
	close_file(file);
	if (!load(t, module, file, err))
		return NULL;
	cache->next = (cache->next + 1) % CACHED_FILES;
	return file->elf;
}

/* A linker may write "name@@VERSION" into .symtab. */
static bool same_name(const char *symbol, const char *name, size_t len)
{
	return symbol && strncmp(symbol, name, len) == 0 && (symbol[len] == '\0' || symbol[len] == '@');
}

static bool is_address(const GElf_Sym *sym)
{
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_NOTYPE:
	case STT_OBJECT:
	case STT_FUNC:
	case STT_COMMON:
		return sym->st_shndx != SHN_UNDEF && sym->st_shndx != SHN_ABS;
	default:
		return false;
	}
}

/* Search one symbol table; a global symbol is preferred to a static one of the same name. */
static bool search_table(Elf *elf, Elf_Scn *scn, const GElf_Shdr *shdr, const char *name, GElf_Sym *ret)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t len = strlen(name);
	bool found = false;
	GElf_Sym sym;

	for (int i = 1; data && gelf_getsym(data, i, &sym); i++) {
		if (!is_address(&sym) || !same_name(elf_strptr(elf, shdr->sh_link, sym.st_name), name, len))
			continue;
		bool global = GELF_ST_BIND(sym.st_info) != STB_LOCAL;
		if (global || !found)
			*ret = sym;
		found = true;
		if (global)
			break;
	}
	return found;
}

static bool search_tables(Elf *elf, GElf_Word type, const char *name, GElf_Sym *ret)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	while ((scn = elf_nextscn(elf, scn)) != NULL)
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == type && search_table(elf, scn, &shdr, name, ret))
			return true;
	return false;
}

bool scl_elf_find_symbol(struct scl_target *t, const struct scl_module *module, const char *name,
			 struct scl_symbol *ret, struct scl_error *err)
{
	Elf *elf = open_elf(t, module, err);
	char shown[SHOWN_PATH];
	GElf_Sym sym;

	if (!elf)
		return false;
	if (!search_tables(elf, SHT_SYMTAB, name, &sym) && !search_tables(elf, SHT_DYNSYM, name, &sym))
		return scl_fail(err, SCL_ENOTFOUND, "%s has no symbol %s",
				scl_path_show(module->path, shown, sizeof shown), name);
	*ret = (struct scl_symbol){.addr = module->bias + sym.st_value, .size = sym.st_size};
	return true;
}

bool scl_elf_find_section(struct scl_target *t, const struct scl_module *module, const char *name,
			  struct scl_symbol *ret, struct scl_error *err)
{
	Elf *elf = open_elf(t, module, err);
	Elf_Scn *scn = NULL;
	char shown[SHOWN_PATH];
	GElf_Shdr shdr;
	size_t names;

	if (!elf)
		return false;
	if (elf_getshdrstrndx(elf, &names) == 0)
		while ((scn = elf_nextscn(elf, scn)) != NULL) {
			if (!gelf_getshdr(scn, &shdr) || !(shdr.sh_flags & SHF_ALLOC))
				continue;
			const char *its_name = elf_strptr(elf, names, shdr.sh_name);
			if (!its_name || strcmp(its_name, name) != 0)
				continue;
			*ret = (struct scl_symbol){.addr = module->bias + shdr.sh_addr, .size = shdr.sh_size};
			return true;
		}
	return scl_fail(err, SCL_ENOTFOUND, "%s has no section %s", scl_path_show(module->path, shown, sizeof shown),
			name);
}

/* The descriptor of the NT_GNU_BUILD_ID note in this section's data, or NULL. */
static const uint8_t *build_id_note(Elf_Data *data, size_t *size)
{
	size_t at = 0, name, desc;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name, &desc)) > 0)
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" &&
		    memcmp((const char *)data->d_buf + name, "GNU", sizeof "GNU") == 0) {
			*size = note.n_descsz;
			return (const uint8_t *)data->d_buf + desc;
		}
	return NULL;
}

bool scl_elf_build_id(struct scl_target *t, const struct scl_module *module, char *buf, size_t cap,
		      struct scl_error *err)
{
	Elf *elf = open_elf(t, module, err);
	const uint8_t *id = NULL;
	Elf_Scn *scn = NULL;
	char shown[SHOWN_PATH];
	GElf_Shdr shdr;
	size_t size = 0;

	if (!elf)
		return false;
	while (!id && (scn = elf_nextscn(elf, scn)) != NULL)
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == SHT_NOTE)
			id = build_id_note(elf_getdata(scn, NULL), &size);
	if (!id || size == 0 || cap < 2 * size + 1)
		return scl_fail(err, SCL_ENOTFOUND, "%s has no build id",
				scl_path_show(module->path, shown, sizeof shown));
	for (size_t i = 0; i < size; i++)
		snprintf(buf + 2 * i, 3, "%02x", id[i]);
	return true;
}
