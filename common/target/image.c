/* image.c - see image.h. Mappings are kept in order of address, each with memory of its own. */
#include "target/image.h"

#include <stdlib.h>
#include <string.h>

#include "target/backend.h"

struct mapping {
	scl_addr addr;
	size_t size;
	uint8_t *bytes;
};

struct named {
	char *name;
	struct scl_symbol value;
};

struct lwp {
	uint64_t id;
	struct scl_lwp_status status;
};

struct names {
	struct named *items;
	size_t n;
};

struct image {
	struct scl_target base;
	struct mapping *maps;
	size_t n_maps;
	struct names symbols, sections;
	struct lwp *lwps;
	size_t n_lwps;
};

static struct image *image_of(struct scl_target *t)
{
	return (struct image *)t;
}

/* Room for one more element; the arrays are small, so that growing by one is cheap enough. */
static void *grown(void *items, size_t n, size_t size)
{
	return realloc(items, (n + 1) * size);
}

/* The index of the first mapping that ends above addr; n_maps when there is none. */
static size_t find_map(const struct image *image, scl_addr addr)
{
	size_t low = 0, high = image->n_maps;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (image->maps[mid].addr + (image->maps[mid].size - 1) < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool read_span(const struct image *image, const struct scl_span *span, struct scl_error *err)
{
	size_t done = 0;

	for (size_t i = find_map(image, span->addr); done < span->size; i++) {
		scl_addr at = span->addr + done;
		if (i == image->n_maps || image->maps[i].addr > at)
			return scl_fail_at(err, SCL_EFAULT, at, "cannot read %zu bytes at 0x%" PRIx64, span->size,
					   span->addr);
		size_t offset = (size_t)(at - image->maps[i].addr);
		size_t there = image->maps[i].size - offset, left = span->size - done;
		size_t piece = there < left ? there : left;
		memcpy((uint8_t *)span->to + done, image->maps[i].bytes + offset, piece);
		done += piece;
	}
	return true;
}

static bool image_read(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!read_span(image_of(t), &spans[i], err))
			return false;
	return true;
}

static bool image_for_each_module(struct scl_target *t, scl_module_fn *fn, void *arg, struct scl_error *err)
{
	const struct image *image = image_of(t);
	struct scl_module module = {.path = "/image/python", .executable = true, .main = true};

	(void)err;
	if (image->n_maps > 0) {
		const struct mapping *last = &image->maps[image->n_maps - 1];
		module.start = image->maps[0].addr;
		module.end = last->addr + last->size;
	}
	fn(&module, arg);
	return true;
}

static bool find_name(const struct names *names, const char *name, const char *kind, struct scl_symbol *ret,
		      struct scl_error *err)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->items[i].name, name) == 0) {
			*ret = names->items[i].value;
			return true;
		}
	return scl_fail(err, SCL_ENOTFOUND, "the image has no %s %s", kind, name);
}

static bool image_find_symbol(struct scl_target *t, const struct scl_module *m, const char *name,
			      struct scl_symbol *ret, struct scl_error *err)
{
	(void)m;
	return find_name(&image_of(t)->symbols, name, "symbol", ret, err);
}

static bool image_find_section(struct scl_target *t, const struct scl_module *m, const char *name,
			       struct scl_symbol *ret, struct scl_error *err)
{
	(void)m;
	return find_name(&image_of(t)->sections, name, "section", ret, err);
}

static bool image_for_each_lwp(struct scl_target *t, scl_lwp_fn *fn, void *arg, struct scl_error *err)
{
	const struct image *image = image_of(t);

	(void)err;
	for (size_t i = 0; i < image->n_lwps; i++)
		if (!fn(image->lwps[i].id, arg))
			break;
	return true;
}

static bool image_lwp_status(struct scl_target *t, uint64_t lwp, unsigned want, struct scl_lwp_status *ret,
			     struct scl_error *err)
{
	const struct image *image = image_of(t);
	const struct scl_lwp_status *from = NULL;

	for (size_t i = 0; i < image->n_lwps; i++)
		if (image->lwps[i].id == lwp)
			from = &image->lwps[i].status;
	if (!from)
		return scl_fail(err, SCL_EGONE, "thread %" PRIu64 " has ended", lwp);
	if (want & SCL_LWP_STAT) {
		ret->state = from->state;
		ret->user_ns = from->user_ns;
		ret->system_ns = from->system_ns;
	}
	if (want & SCL_LWP_SYSCALL) {
		ret->in_syscall = from->in_syscall;
		ret->syscall = from->syscall;
		memcpy(ret->args, from->args, sizeof ret->args);
	}
	if (want & SCL_LWP_NAME)
		memcpy(ret->name, from->name, sizeof ret->name);
	return true;
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i].name);
	free(names->items);
}

static void image_close(struct scl_target *t)
{
	struct image *image = image_of(t);

	for (size_t i = 0; i < image->n_maps; i++)
		free(image->maps[i].bytes);
	free(image->maps);
	free_names(&image->symbols);
	free_names(&image->sections);
	free(image->lwps);
	free(image);
}

static const struct scl_target_ops image_ops = {
	.name = "image",
	.read = image_read,
	.for_each_module = image_for_each_module,
	.find_symbol = image_find_symbol,
	.find_section = image_find_section,
	.for_each_lwp = image_for_each_lwp,
	.lwp_status = image_lwp_status,
	.close = image_close,
};

struct scl_target *scl_image_create(void)
{
	struct image *image = calloc(1, sizeof *image);

	if (!image)
		return NULL;
	scl_target_init(&image->base, &image_ops, 0);
	return &image->base;
}

void *scl_image_map(struct scl_target *t, scl_addr addr, size_t size)
{
	struct image *image = image_of(t);
	size_t at = find_map(image, addr);

	if (size == 0 || addr > UINT64_MAX - size)
		return NULL;
	if (at < image->n_maps && image->maps[at].addr < addr + size)
		return NULL;
	struct mapping *maps = grown(image->maps, image->n_maps, sizeof *maps);
	if (!maps)
		return NULL;
	image->maps = maps;
	uint8_t *bytes = calloc(1, size);
	if (!bytes)
		return NULL;
	memmove(&maps[at + 1], &maps[at], (image->n_maps - at) * sizeof *maps);
	maps[at] = (struct mapping){.addr = addr, .size = size, .bytes = bytes};
	image->n_maps++;
	return bytes;
}

void *scl_image_at(struct scl_target *t, scl_addr addr, size_t size)
{
	const struct image *image = image_of(t);
	size_t i = find_map(image, addr);

	if (i == image->n_maps || image->maps[i].addr > addr)
		return NULL;
	size_t offset = (size_t)(addr - image->maps[i].addr);
	return size <= image->maps[i].size - offset ? image->maps[i].bytes + offset : NULL;
}

void scl_image_put(struct scl_target *t, scl_addr addr, const void *bytes, size_t n)
{
	void *to = scl_image_at(t, addr, n);

	if (to)
		memcpy(to, bytes, n);
}

void scl_image_put_ptr(struct scl_target *t, scl_addr addr, uint64_t value)
{
	scl_image_put(t, addr, &value, sizeof value);
}

void scl_image_put_u32(struct scl_target *t, scl_addr addr, uint32_t value)
{
	scl_image_put(t, addr, &value, sizeof value);
}

void scl_image_put_u8(struct scl_target *t, scl_addr addr, uint8_t value)
{
	scl_image_put(t, addr, &value, sizeof value);
}

void scl_image_unmap(struct scl_target *t, scl_addr addr)
{
	struct image *image = image_of(t);
	size_t i = find_map(image, addr);

	if (i == image->n_maps || image->maps[i].addr > addr)
		return;
	free(image->maps[i].bytes);
	image->n_maps--;
	memmove(&image->maps[i], &image->maps[i + 1], (image->n_maps - i) * sizeof *image->maps);
}

static bool add_name(struct names *names, const char *name, scl_addr addr, uint64_t size)
{
	struct named *items = grown(names->items, names->n, sizeof *items);

	if (!items)
		return false;
	names->items = items;
	items[names->n] = (struct named){.name = strdup(name), .value = {.addr = addr, .size = size}};
	if (!items[names->n].name)
		return false;
	names->n++;
	return true;
}

bool scl_image_add_symbol(struct scl_target *t, const char *name, scl_addr addr, uint64_t size)
{
	return add_name(&image_of(t)->symbols, name, addr, size);
}

bool scl_image_add_section(struct scl_target *t, const char *name, scl_addr addr, uint64_t size)
{
	return add_name(&image_of(t)->sections, name, addr, size);
}

bool scl_image_add_lwp(struct scl_target *t, uint64_t lwp, const struct scl_lwp_status *status)
{
	struct image *image = image_of(t);
	struct lwp *lwps = grown(image->lwps, image->n_lwps, sizeof *lwps);

	if (!lwps)
		return false;
	image->lwps = lwps;
	lwps[image->n_lwps++] = (struct lwp){.id = lwp, .status = *status};
	return true;
}
