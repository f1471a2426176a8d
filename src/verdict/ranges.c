#include "verdict/ranges.h"

#include "base/xalloc.h"

#include <stdlib.h>

void ranges_add(struct ranges *r, int64_t first, int64_t last)
{
	if (last == INT64_MAX)
		last--; /* so that last + 1 is a number */
	if (first <= last)
		ARRAY_PUSH(r->items, r->count, r->cap) = (struct range){ first, last };
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a;
	const struct range *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* True if b begins within a or right behind it. */
static bool touches(const struct range *a, const struct range *b)
{
	return b->first <= a->last + 1;
}

void ranges_normalize(struct ranges *r)
{
	size_t kept = 0;

	if (r->count < 2)
		return;
	qsort(r->items, r->count, sizeof r->items[0], by_first);
	for (size_t i = 1; i < r->count; i++) {
		if (!touches(&r->items[kept], &r->items[i]))
			r->items[++kept] = r->items[i];
		else if (r->items[i].last > r->items[kept].last)
			r->items[kept].last = r->items[i].last;
	}
	r->count = kept + 1;
}

void ranges_free(struct ranges *r)
{
	free(r->items);
	*r = (struct ranges){ 0 };
}

bool ranges_has(const struct ranges *r, int64_t key)
{
	size_t low = 0;
	size_t high = r->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->items[middle].last < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->count && r->items[low].first <= key;
}

uint64_t ranges_count(const struct ranges *r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->count; i++)
		n += (uint64_t)r->items[i].last - (uint64_t)r->items[i].first + 1;
	return n;
}

/* Edges of a set in order: where it begins, and right behind its end, in turn. */
static int64_t edge(const struct ranges *r, size_t i)
{
	return i % 2 ? r->items[i / 2].last + 1 : r->items[i / 2].first;
}

/*
 * Every edge of either set is one of the result, but for those that both have: they
 * cancel out.  Edges of the result begin and end a run in turn.
 */
void ranges_xor(const struct ranges *a, const struct ranges *b, struct ranges *out)
{
	size_t i = 0;
	size_t j = 0;
	bool inside = false;
	int64_t from = 0;

	*out = (struct ranges){ 0 };
	while (i < 2 * a->count || j < 2 * b->count) {
		bool take_a = j == 2 * b->count ||
		              (i < 2 * a->count && edge(a, i) <= edge(b, j));
		bool take_b = i == 2 * a->count ||
		              (j < 2 * b->count && edge(b, j) <= edge(a, i));
		int64_t at = take_a ? edge(a, i) : edge(b, j);

		i += take_a;
		j += take_b;
		if (take_a && take_b)
			continue;
		if (inside)
			ranges_add(out, from, at - 1);
		inside = !inside;
		from = at;
	}
	ranges_normalize(out);
}
