/*
 * gen.h - generators, coroutines and asynchronous generators: where they stand and what they await.
 *
 * Sources: Objects/genobject.c (_PyGen_yf), Include/cpython/genobject.h, Include/internal/pycore_frame.h.
 */
#ifndef SCL_PYTHON_GEN_H
#define SCL_PYTHON_GEN_H

#include "python/decoder.h"

enum scl_gen_status {
	SCL_GEN_CREATED,   /* not started */
	SCL_GEN_SUSPENDED, /* at a bare yield */
	SCL_GEN_AWAITING,  /* in await or yield from: `awaited` */
	SCL_GEN_RUNNING,
	SCL_GEN_DONE, /* returned or raised: it has no frame */
};

struct scl_gen {
	scl_addr address;
	enum scl_gen_status status;
	struct scl_frame frame; /* code NULL when it is done */
	scl_addr awaited;
};

/* The object's type is not checked. What it says of its own state is believed only where the rest agrees. */
SCL_CHECKED bool scl_gen_read(struct scl_decoder *decoder, scl_addr address, struct scl_gen *ret,
			      struct scl_error *err);

#endif
