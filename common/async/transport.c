#include "async/transport.h"

#include <stdio.h>
#include <string.h>

#include "python/items.h"

static bool is(struct scl_asyncio *a, scl_addr object, enum scl_type_flag flag)
{
	bool yes;

	return object && scl_object_is(a->decoder.rt, object, flag, &yes, NULL) && yes;
}

/* (host, port), (host, port, flowinfo, scope_id): "10.0.0.1:80", "[::1]:80". */
static bool put_address(struct scl_asyncio *a, scl_addr tuple, char text[SCL_FD_NAME])
{
	const struct scl_runtime *rt = a->decoder.rt;
	scl_addr host = scl_tuple_item(rt, tuple, 0), port = scl_tuple_item(rt, tuple, 1);
	char name[SCL_FD_NAME - sizeof "[]:65535"];
	int64_t number;

	if (!is(a, host, SCL_TYPE_STR) || !scl_str_read(rt, host, name, sizeof name, NULL) ||
	    !is(a, port, SCL_TYPE_LONG) || !scl_int_read(rt, port, &number, NULL) || number < 0 || number > UINT16_MAX)
		return false;
	snprintf(text, SCL_FD_NAME, strchr(name, ':') ? "[%s]:%d" : "%s:%d", name, (int)number);
	return true;
}

/* One end; *internet: it is no path. */
static void read_end(struct scl_asyncio *a, scl_addr extra, const char *key, char text[SCL_FD_NAME], bool *internet)
{
	scl_addr value;

	if (!scl_dict_get(a->decoder.rt, extra, key, &value, NULL) || !value)
		return;
	if (is(a, value, SCL_TYPE_TUPLE))
		*internet = put_address(a, value, text) || *internet;
	else if (is(a, value, SCL_TYPE_STR) && !scl_str_read(a->decoder.rt, value, text, SCL_FD_NAME, NULL))
		text[0] = '\0';
}

bool scl_transport_read(struct scl_asyncio *a, scl_addr transport, struct scl_fd *ret)
{
	scl_addr extra = transport ? scl_asyncio_attr(a, transport, "_extra") : 0;
	const char *name = extra ? scl_asyncio_class_name(a, transport) : "";
	bool datagrams = strcmp(name, "_SelectorDatagramTransport") == 0, internet = false;

	*ret = (struct scl_fd){0};
	if ((!datagrams && strcmp(name, "_SelectorSocketTransport") != 0) || !is(a, extra, SCL_TYPE_DICT))
		return false;
	read_end(a, extra, "sockname", ret->local, &internet);
	read_end(a, extra, "peername", ret->peer, &internet);
	ret->kind = !internet ? SCL_FD_UNIX : datagrams ? SCL_FD_UDP : SCL_FD_TCP;
	return ret->local[0] || ret->peer[0];
}
