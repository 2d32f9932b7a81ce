/*
 * transport.h - whom a transport of asyncio talks to, by what it noted when it was made: for a process that has no kernel
 * to ask any more.
 *
 * Sources: Lib/asyncio/transports.py (BaseTransport._extra), selector_events.py (_SelectorTransport.__init__: "sockname",
 * "peername"), as socket.getsockname() gives them.
 */
#ifndef SCL_ASYNC_TRANSPORT_H
#define SCL_ASYNC_TRANSPORT_H

#include "async/asyncio.h"
#include "target/fd.h"

/*
 * The addresses of a socket's transport: kind, local and peer; of a unix socket only the one that has a path. What the
 * state of the connection was is not known. False when the object is no such transport, or noted no address.
 */
bool scl_transport_read(struct scl_asyncio *a, scl_addr transport, struct scl_fd *ret);

#endif
