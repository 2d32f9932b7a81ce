/* elf_headers.c - see elf_headers.h. */
#include "target/elf_headers.h"

#include <elf.h>
#include <string.h>

enum { PROGRAM_HEADERS_MAX = 64, NOTES_MAX = 4096 };

static bool is_program(const Elf64_Ehdr *file)
{
	return memcmp(file->e_ident, ELFMAG, SELFMAG) == 0 && file->e_ident[EI_CLASS] == ELFCLASS64 &&
	       file->e_ident[EI_DATA] == ELFDATA2LSB && (file->e_type == ET_EXEC || file->e_type == ET_DYN) &&
	       file->e_phentsize == sizeof(Elf64_Phdr) && file->e_phnum > 0 && file->e_phnum <= PROGRAM_HEADERS_MAX;
}

bool scl_elf_load_read(scl_elf_bytes_fn *bytes, void *source, struct scl_elf_load *ret)
{
	Elf64_Phdr headers[PROGRAM_HEADERS_MAX];
	bool found = false;
	Elf64_Ehdr file;

	if (!bytes(source, 0, &file, sizeof file) || !is_program(&file) ||
	    !bytes(source, file.e_phoff, headers, file.e_phnum * sizeof headers[0]))
		return false;
	*ret = (struct scl_elf_load){0};
	for (size_t i = 0; i < file.e_phnum; i++) {
		const Elf64_Phdr *header = &headers[i];
		if (header->p_type != PT_LOAD || header->p_memsz > UINT64_MAX - header->p_vaddr)
			continue;
		if (!found) {
			ret->offset = header->p_offset;
			ret->vaddr = header->p_vaddr;
		}
		found = true;
		if (header->p_vaddr + header->p_memsz > ret->end)
			ret->end = header->p_vaddr + header->p_memsz;
	}
	return found;
}

static size_t aligned(size_t n, uint64_t to)
{
	size_t mask = to == 8 ? 7 : 3;

	return (n + mask) & ~mask;
}

/* The build id among the notes of one segment. */
static bool find_build_id(const uint8_t *notes, size_t n, uint64_t align, uint8_t *id, size_t *size)
{
	Elf64_Nhdr note;

	for (size_t at = 0; at + sizeof note <= n;) {
		memcpy(&note, notes + at, sizeof note);
		size_t name = at + sizeof note, desc = name + aligned(note.n_namesz, align);
		if (note.n_namesz > n || note.n_descsz > n || desc > n || note.n_descsz > n - desc)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" &&
		    memcmp(notes + name, "GNU", sizeof "GNU") == 0 && note.n_descsz <= SCL_BUILD_ID_MAX) {
			memcpy(id, notes + desc, note.n_descsz);
			*size = note.n_descsz;
			return true;
		}
		at = desc + aligned(note.n_descsz, align);
	}
	return false;
}

bool scl_elf_build_id_read(scl_elf_bytes_fn *bytes, void *source, uint8_t *id, size_t *size)
{
	Elf64_Phdr headers[PROGRAM_HEADERS_MAX];
	uint8_t notes[NOTES_MAX];
	Elf64_Ehdr file;

	*size = 0;
	if (!bytes(source, 0, &file, sizeof file) || !is_program(&file) ||
	    !bytes(source, file.e_phoff, headers, file.e_phnum * sizeof headers[0]))
		return false;
	for (size_t i = 0; i < file.e_phnum; i++) {
		const Elf64_Phdr *header = &headers[i];
		if (header->p_type != PT_NOTE || header->p_filesz == 0 || header->p_filesz > sizeof notes)
			continue;
		if (!bytes(source, header->p_offset, notes, header->p_filesz))
			return false;
		if (find_build_id(notes, header->p_filesz, header->p_align, id, size))
			return true;
	}
	return true;
}

/* Offsets and addresses of a PT_LOAD are congruent to the page size, so that it need not be known. */
scl_addr scl_elf_bias(const struct scl_elf_load *load, scl_addr start, uint64_t offset)
{
	return start - offset + load->offset - load->vaddr;
}
