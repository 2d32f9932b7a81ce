/* read.c - all reads of a target: the checks, the budget and the page cache that every back end gets. */
#include <string.h>

#include "target/backend.h"
#include "target/page_cache.h"
#include "target/read_log.h"

/* The first page is never mapped (vm.mmap_min_addr); an address in it is a null pointer and an offset. */
enum { NULL_PAGE_SIZE = 4096, CSTR_CHUNK = 256, READS_PER_LOOK = 64 /* at the stop flag */ };

static bool check_span(const struct scl_span *span, struct scl_error *err)
{
	if (span->size > SCL_READ_MAX)
		return scl_fail_at(err, SCL_ECORRUPT, span->addr,
				   "a length of %zu bytes at 0x%" PRIx64 " is no sane one", span->size, span->addr);
	if (span->size == 0)
		return true;
	if (span->addr < NULL_PAGE_SIZE)
		return scl_fail_at(err, SCL_EFAULT, span->addr,
				   "cannot read %zu bytes at 0x%" PRIx64 ": a null pointer", span->size, span->addr);
	if (span->addr > UINT64_MAX - span->size)
		return scl_fail_at(err, SCL_EFAULT, span->addr,
				   "cannot read %zu bytes at 0x%" PRIx64 ": the end of the address space", span->size,
				   span->addr);
	return true;
}

bool scl_target_may_read(const struct scl_target *t, struct scl_error *err)
{
	if (t->refused == SCL_EINTERRUPTED)
		return scl_fail(err, SCL_EINTERRUPTED, "interrupted");
	if (t->refused == SCL_EBUDGET)
		return scl_fail(
			err, SCL_EBUDGET,
			"the read budget of this command is spent: the lists of the process do not seem to end");
	return true;
}

static bool charge(struct scl_target *t, uint64_t bytes, struct scl_error *err)
{
	if (t->stop && t->asked.calls % READS_PER_LOOK == 0 && t->stop(t->stop_arg))
		t->refused = SCL_EINTERRUPTED;
	else if (t->asked.calls >= t->ceiling.calls || bytes > t->ceiling.bytes - t->asked.bytes)
		t->refused = SCL_EBUDGET;
	if (!scl_target_may_read(t, err))
		return false;
	t->asked.calls++;
	t->asked.bytes += bytes;
	return true;
}

static bool backend_read(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err)
{
	t->spent.calls++;
	for (size_t i = 0; i < n; i++)
		t->spent.bytes += spans[i].size;
	return t->ops->read(t, spans, n, err);
}

/* All pages of a block by one read; where not all of it is mapped, it has none yet. */
static struct scl_block *fetch_block(struct scl_target *t, scl_addr addr)
{
	struct scl_block *block = scl_page_cache_add(t->cache, addr);

	if (!block)
		return NULL;
	/* A block that wraps lies in no address space. */
	struct scl_span whole = {.addr = addr, .to = block->bytes, .size = SCL_BLOCK_SIZE};
	if (addr >= NULL_PAGE_SIZE && addr <= UINT64_MAX - SCL_BLOCK_SIZE && backend_read(t, &whole, 1, NULL))
		block->pages = UINT16_MAX;
	return block;
}

/* The copy of the page that `at` is in; NULL where it cannot be had whole. */
static const uint8_t *find_page(struct scl_target *t, scl_addr at)
{
	scl_addr inside = at % SCL_BLOCK_SIZE;
	size_t page = (size_t)(inside / SCL_PAGE_SIZE);
	struct scl_block *block = scl_page_cache_get(t->cache, at - inside);

	if (!block)
		block = fetch_block(t, at - inside);
	if (!block)
		return NULL;
	uint8_t *bytes = block->bytes + page * SCL_PAGE_SIZE;
	if (!(block->pages >> page & 1)) {
		struct scl_span whole = {.addr = at - at % SCL_PAGE_SIZE, .to = bytes, .size = SCL_PAGE_SIZE};
		if (!backend_read(t, &whole, 1, NULL))
			return NULL;
		block->pages |= (uint16_t)(1U << page);
	}
	block->asked |= (uint16_t)(1U << page);
	return bytes;
}

/* One span, page by page. A page that cannot be had whole is read for just the bytes that are wanted of it. */
static bool read_cached(struct scl_target *t, const struct scl_span *span, struct scl_error *err)
{
	size_t done = 0;

	while (done < span->size) {
		scl_addr at = span->addr + done;
		size_t offset = (size_t)(at % SCL_PAGE_SIZE);
		size_t left = span->size - done;
		size_t piece = left < SCL_PAGE_SIZE - offset ? left : SCL_PAGE_SIZE - offset;
		uint8_t *to = (uint8_t *)span->to + done;
		const uint8_t *page = find_page(t, at);

		if (page) {
			memcpy(to, page + offset, piece);
		} else {
			struct scl_span exact = {.addr = at, .to = to, .size = piece};
			if (!backend_read(t, &exact, 1, err))
				return false;
		}
		done += piece;
	}
	return true;
}

static bool read_still(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err)
{
	if (!t->cache)
		t->cache = scl_page_cache_create(t->ops->dead ? SCL_PAGE_CACHE_FEW : SCL_PAGE_CACHE_MAX);
	if (!t->cache)
		return backend_read(t, spans, n, err);
	for (size_t i = 0; i < n; i++) {
		bool ok = spans[i].size <= SCL_PAGE_SIZE ? read_cached(t, &spans[i], err)
							 : backend_read(t, &spans[i], 1, err);
		if (!ok)
			return false;
	}
	return true;
}

static void note(struct scl_read_log *log, const struct scl_span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (spans[i].size)
			scl_read_log_add(log, spans[i].addr, spans[i].size);
}

bool scl_read_spans(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err)
{
	uint64_t bytes = 0;

	if (n > SCL_SPANS_MAX)
		return scl_fail(err, SCL_ECORRUPT, "%zu pieces of memory are more than one read takes", n);
	for (size_t i = 0; i < n; i++) {
		if (!check_span(&spans[i], err))
			return false;
		bytes += spans[i].size;
	}
	if (bytes == 0)
		return true;
	if (!charge(t, bytes, err))
		return false;
	if (t->log)
		note(t->log, spans, n);
	if (t->still ? read_still(t, spans, n, err) : backend_read(t, spans, n, err))
		return true;
	if (t->log)
		t->log->failed = true;
	return false;
}

const uint8_t *scl_target_peek(struct scl_target *t, scl_addr addr, size_t size)
{
	size_t offset = (size_t)(addr % SCL_PAGE_SIZE);
	const uint8_t *page;

	if (!t->still || !t->cache || addr < NULL_PAGE_SIZE || size > SCL_PAGE_SIZE - offset)
		return NULL;
	page = find_page(t, addr);
	return page ? page + offset : NULL;
}

/* What most reads are: a few bytes of a page that is at hand. */
static bool read_at_hand(struct scl_target *t, const struct scl_span *span)
{
	const uint8_t *bytes = t->log ? NULL : scl_target_peek(t, span->addr, span->size);

	if (!bytes || !charge(t, span->size, NULL))
		return false;
	memcpy(span->to, bytes, span->size);
	return true;
}

bool scl_read(struct scl_target *t, scl_addr addr, void *to, size_t size, struct scl_error *err)
{
	struct scl_span span = {.addr = addr, .to = to, .size = size};

	return read_at_hand(t, &span) || scl_read_spans(t, &span, 1, err);
}

bool scl_read_ptr(struct scl_target *t, scl_addr addr, scl_addr *ret, struct scl_error *err)
{
	return scl_read(t, addr, ret, sizeof *ret, err);
}

bool scl_read_u8(struct scl_target *t, scl_addr addr, uint8_t *ret, struct scl_error *err)
{
	return scl_read(t, addr, ret, sizeof *ret, err);
}

bool scl_read_u32(struct scl_target *t, scl_addr addr, uint32_t *ret, struct scl_error *err)
{
	return scl_read(t, addr, ret, sizeof *ret, err);
}

bool scl_read_i32(struct scl_target *t, scl_addr addr, int32_t *ret, struct scl_error *err)
{
	return scl_read(t, addr, ret, sizeof *ret, err);
}

bool scl_read_i64(struct scl_target *t, scl_addr addr, int64_t *ret, struct scl_error *err)
{
	return scl_read(t, addr, ret, sizeof *ret, err);
}

/* As many of `want` bytes as are mapped; 0 with an error when the first one is not. */
static size_t read_up_to(struct scl_target *t, scl_addr addr, void *to, size_t want, struct scl_error *err)
{
	struct scl_error why = {0};

	while (!scl_read(t, addr, to, want, &why)) {
		if (why.code != SCL_EFAULT || want == 1) {
			scl_error_set(err, why.code, why.sys_errno, why.address, "%s", why.text);
			return 0;
		}
		want = why.address > addr && why.address - addr < want ? (size_t)(why.address - addr) : want / 2;
	}
	return want;
}

bool scl_read_cstr(struct scl_target *t, scl_addr addr, char *buf, size_t cap, struct scl_error *err)
{
	size_t len = 0;

	if (cap == 0)
		return true;
	buf[0] = '\0';
	while (len < cap - 1) {
		size_t chunk = SCL_PAGE_SIZE - (size_t)((addr + len) % SCL_PAGE_SIZE);
		if (chunk > CSTR_CHUNK)
			chunk = CSTR_CHUNK;
		if (chunk > cap - 1 - len)
			chunk = cap - 1 - len;
		size_t got = read_up_to(t, addr + len, buf + len, chunk, err);
		buf[len + got] = '\0';
		if (got == 0)
			return false;
		if (memchr(buf + len, '\0', got))
			return true;
		len += got;
	}
	return true;
}

void scl_target_set_still(struct scl_target *t, bool still)
{
	t->still = still;
	if (t->cache)
		scl_page_cache_clear(t->cache);
}

bool scl_target_is_still(const struct scl_target *t)
{
	return t->still;
}

/* What has been unmapped since fails a whole read: found by halves, as a process maps and unmaps now and then. */
static void read_foreseen(struct scl_target *t, const struct scl_span *spans, size_t n)
{
	if (backend_read(t, spans, n, NULL))
		return;
	if (n == 1) {
		scl_page_cache_unforesee(t->cache, spans);
		return;
	}
	read_foreseen(t, spans, n / 2);
	read_foreseen(t, spans + n / 2, n - n / 2);
}

void scl_target_foresee(struct scl_target *t)
{
	struct scl_span spans[SCL_SPANS_MAX];
	size_t n;

	if (!t->still || !t->cache)
		return;
	while ((n = scl_page_cache_foresee(t->cache, spans, SCL_SPANS_MAX)) > 0)
		read_foreseen(t, spans, n);
}

void scl_target_set_log(struct scl_target *t, struct scl_read_log *log)
{
	t->log = log;
}

static uint64_t ceiling(uint64_t used, uint64_t more)
{
	return more == 0 || more > UINT64_MAX - used ? UINT64_MAX : used + more;
}

void scl_target_set_budget(struct scl_target *t, struct scl_read_budget budget)
{
	t->ceiling.calls = ceiling(t->asked.calls, budget.calls);
	t->ceiling.bytes = ceiling(t->asked.bytes, budget.bytes);
	if (t->refused == SCL_EBUDGET)
		t->refused = SCL_OK;
}

void scl_target_set_stop(struct scl_target *t, bool (*stop)(void *arg), void *arg)
{
	t->stop = stop;
	t->stop_arg = arg;
	if (t->refused == SCL_EINTERRUPTED)
		t->refused = SCL_OK;
}

struct scl_read_budget scl_target_spent(const struct scl_target *t)
{
	return t->spent;
}
