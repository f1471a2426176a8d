/*
 * A strict scanner of JSON text (RFC 8259): finds what is wrong and where, which cJSON
 * either accepts or does not tell, and finds where the n-th value stands, which cJSON
 * does not keep.  Values count in preorder, as they stand in the text, the root being 0.
 *
 * Only base/json.c uses this.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct json_scan {
	const char *text;
	size_t len;
	size_t want; /* number of the value to be found */

	size_t at;         /* offset; of what is wrong, after a failure */
	const char *wrong; /* a sentence, NULL if the text is well formed */
	size_t key_at;     /* offsets of the wanted value and of its key … */
	size_t value_at;   /* … which are equal where it has none */

	size_t seen;    /* values so far */
	unsigned depth; /* of the value under way */
};

/* Scans all of it. False: `wrong` at `at`. Text after the root value is wrong. */
bool json_scan(struct json_scan *scan);

#endif
