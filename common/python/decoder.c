#include "python/decoder.h"

#include "base/clock.h"

enum { RECHECK_NS = SCL_NS_PER_S };

bool scl_decoder_init(struct scl_decoder *decoder, const struct scl_runtime *rt, struct scl_codes *codes,
		      struct scl_error *err)
{
	*decoder = (struct scl_decoder){.rt = rt, .borrowed = codes != NULL};
	decoder->codes = codes ? codes : scl_codes_create(rt, RECHECK_NS);
	decoder->types = scl_types_create(rt);
	decoder->locals = decoder->types ? scl_locals_create(rt, decoder->types) : NULL;
	if (decoder->codes && decoder->locals)
		return true;
	scl_decoder_destroy(decoder);
	return scl_fail(err, SCL_ENOMEM, "out of memory");
}

void scl_decoder_destroy(struct scl_decoder *decoder)
{
	scl_locals_destroy(decoder->locals);
	scl_types_destroy(decoder->types);
	if (!decoder->borrowed)
		scl_codes_destroy(decoder->codes);
	*decoder = (struct scl_decoder){0};
}

void scl_decoder_refresh(struct scl_decoder *decoder)
{
	scl_locals_reset(decoder->locals);
	scl_types_reset(decoder->types);
}
