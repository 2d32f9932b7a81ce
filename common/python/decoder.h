/*
 * decoder.h - what decoding the objects of one runtime takes: its code objects, its types, names of local variables.
 *
 * A plain value over three caches; what they keep is good for one command, or until scl_decoder_refresh.
 */
#ifndef SCL_PYTHON_DECODER_H
#define SCL_PYTHON_DECODER_H

#include "python/locals.h"

struct scl_decoder {
	const struct scl_runtime *rt;
	struct scl_codes *codes;
	struct scl_types *types;
	struct scl_locals *locals;
	bool borrowed; /* the code objects are somebody else's */
};

/* With a cache of code objects that is there already, or NULL: one of its own. The runtime must outlive it. */
SCL_CHECKED bool scl_decoder_init(struct scl_decoder *decoder, const struct scl_runtime *rt, struct scl_codes *codes,
				  struct scl_error *err);
/* A zeroed one is valid. */
void scl_decoder_destroy(struct scl_decoder *decoder);
/* Forget types and names: every struct scl_type is gone. */
void scl_decoder_refresh(struct scl_decoder *decoder);

#endif
