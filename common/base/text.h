/*
 * text.h - text that came from the debuggee, made fit for a terminal.
 *
 * Control characters (C0, DEL, C1), marks that reorder or hide text, lone surrogates and invalid UTF-8 are written as
 * \xNN or \uNNNN; nothing that leaves these functions can move a cursor or change a colour.
 */
#ifndef SCL_BASE_TEXT_H
#define SCL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scl_buffer;

/* Append `len` bytes of UTF-8, escaped as above. Newline and tab are escaped too (\n, \t). */
void scl_text_append(struct scl_buffer *b, const char *s, size_t len);
/* The same for a NUL-terminated string; NULL appends "?". */
void scl_text_puts(struct scl_buffer *b, const char *s);
/* A control character, or a mark that makes text look like another text: not for a terminal as it is. */
bool scl_text_is_harmful(uint32_t c);
/*
 * Append JSON text as cJSON prints it, with \uNNNN for each code point that `escaped` names, which must be one that JSON
 * has within strings alone. A byte that is no UTF-8 becomes the four characters \xNN, as on a terminal: file names that
 * differ in such bytes alone stay different ones.
 */
void scl_text_put_json(struct scl_buffer *b, const char *json, bool (*escaped)(uint32_t c));
/* Append one code point as UTF-8; lone surrogates and values above U+10FFFF become U+FFFD. */
void scl_text_put_codepoint(struct scl_buffer *b, uint32_t c);
/* Decode one code point; returns the bytes used, 0 when they are no valid UTF-8 (then take one byte as bad). */
size_t scl_text_decode(const char *s, size_t len, uint32_t *c);
/* Terminal columns of valid UTF-8: 0 for combining marks, 2 for East Asian wide characters, else 1. */
size_t scl_text_columns(const char *s, size_t len);
/* Append at most `columns` columns of already safe text s, an ellipsis in the last one when it was cut. */
void scl_text_put_cut(struct scl_buffer *b, const char *s, size_t columns);

#endif
