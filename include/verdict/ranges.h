/*
 * Sets of integers as inclusive runs: tens of millions of keys that are nearly all there
 * take a few dozen bytes.
 */
#ifndef VERDICT_RANGES_H
#define VERDICT_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	int64_t first, last;
};

/* Zero is the empty set. */
struct ranges {
	struct range *items;
	size_t count, cap;
};

/* Any order, overlaps too; call ranges_normalize() before anything else is asked. */
void ranges_add(struct ranges *r, int64_t first, int64_t last);
void ranges_normalize(struct ranges *r);
void ranges_free(struct ranges *r);

bool ranges_has(const struct ranges *r, int64_t key); /* O(log n) */
uint64_t ranges_count(const struct ranges *r);

/* What is in exactly one of both, normalized; out is overwritten. */
void ranges_xor(const struct ranges *a, const struct ranges *b, struct ranges *out);

#endif
