/* What a transport noted of its two ends, and what it may say instead. */
#include "async/transport.h"

#include "async/fake_asyncio.h"

enum { STR = 28, LONG = 24, TUPLE = 26, DICT = 29 };

static struct scl_fd fd;

static scl_addr flagged(scl_addr object, const char *name, int flag)
{
	put_u64(AT(object, object, type), new_type(UINT64_C(1) << flag, 64, name));
	return object;
}

static scl_addr text(const char *of)
{
	return flagged(new_ascii(of), "str", STR);
}

static scl_addr internet(const char *host, int64_t port)
{
	scl_addr item[] = {text(host), flagged(new_int(port), "int", LONG)};
	return flagged(new_tuple(item, 2), "tuple", TUPLE);
}

static bool read_transport(const char *name, scl_addr local, scl_addr peer)
{
	scl_addr type = fake_class_with_dict(name, 0, FAKE_INSTANCE_DICT), ends[] = {local, peer};
	scl_addr extra = flagged(fake_dict((const char *[]){"sockname", "peername"}, ends, 2), "dict", DICT);
	scl_addr transport = fake_instance(type, (const char *[]){"_extra"}, &extra, 1);
	return scl_transport_read(&asyncio, transport, &fd);
}

static void open_transports(void)
{
	fake_asyncio();
	if (!fake_open())
		CHECK_FAIL("%s", err.text);
}

static void addresses(void)
{
	open_transports();
	CHECK(read_transport("_SelectorSocketTransport", internet("10.0.0.1", 8000), internet("::1", 65535)));
	CHECK_INT(fd.kind, SCL_FD_TCP);
	CHECK_STR(fd.local, "10.0.0.1:8000");
	CHECK_STR(fd.peer, "[::1]:65535");
	fake_close();
}

static void addresses_of_one_end(void)
{
	open_transports();
	CHECK(read_transport("_SelectorDatagramTransport", internet("0.0.0.0", 53), fake.none));
	CHECK_INT(fd.kind, SCL_FD_UDP);
	CHECK_STR(fd.peer, "");
	CHECK(read_transport("_SelectorSocketTransport", text(""), text("/run/x.sock")));
	CHECK_INT(fd.kind, SCL_FD_UNIX);
	CHECK_STR(fd.peer, "/run/x.sock");
	fake_close();
}

static void none_at_all(void)
{
	open_transports();
	CHECK(!scl_transport_read(&asyncio, 0, &fd));
	CHECK(!scl_transport_read(&asyncio, NOWHERE, &fd));
	CHECK(!scl_transport_read(&asyncio, fake.loop, &fd));
	CHECK(!read_transport("_UnixReadPipeTransport", internet("10.0.0.1", 80), internet("10.0.0.2", 80)));
	CHECK(!read_transport("_SelectorSocketTransport", text(""), text(""))); /* a socketpair */
	fake_close();
}

static void lies(void)
{
	open_transports();
	scl_addr bad = flagged(new_tuple((scl_addr[]){NOWHERE, NOWHERE}, 2), "tuple", TUPLE), no_items;
	no_items = flagged(new_tuple(NULL, 0), "tuple", TUPLE);
	CHECK(!read_transport("_SelectorSocketTransport", bad, no_items));
	CHECK(!read_transport("_SelectorSocketTransport", NOWHERE, internet("10.0.0.1", 65536)));
	CHECK(!read_transport("_SelectorSocketTransport", internet("10.0.0.1", -1), 0));
	CHECK(read_transport("_SelectorSocketTransport", bad, internet("10.0.0.1", 1)));
	CHECK_STR(fd.local, "");
	CHECK_STR(fd.peer, "10.0.0.1:1");
	fake_close();
}

int main(void)
{
	RUN_LAYOUTS(addresses);
	RUN_LAYOUTS(addresses_of_one_end);
	RUN_LAYOUTS(none_at_all);
	RUN_LAYOUTS(lies);
	return check_finish();
}
