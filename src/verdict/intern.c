#include "verdict/intern.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64

static size_t hash(const char *s)
{
	uint64_t h = 14695981039346656037U; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211U;
	return (size_t)(h ^ (h >> 32));
}

/* The slot that holds s, or the free one where it belongs. */
static uint32_t *slot_of(const struct intern *table, const char *s)
{
	size_t i = hash(s);

	for (;; i++) {
		uint32_t *slot = &table->slots[i & (table->slot_count - 1)];

		if (!*slot || strcmp(table->items[*slot - 1], s) == 0)
			return slot;
	}
}

static void grow(struct intern *table)
{
	free(table->slots);
	table->slot_count = table->slot_count ? table->slot_count * 2 : FIRST_SLOTS;
	table->slots = xcalloc(table->slot_count, sizeof table->slots[0]);
	for (size_t i = 0; i < table->count; i++)
		*slot_of(table, table->items[i]) = (uint32_t)(i + 1);
}

size_t intern(struct intern *table, const char *s, size_t max)
{
	uint32_t *slot;

	if (!table->count) {
		ARRAY_PUSH(table->items, table->count, table->cap) = xstrdup("");
		grow(table);
	}
	if (!s)
		return 0;
	slot = slot_of(table, s);
	if (*slot)
		return *slot - 1;
	if (table->count > max)
		return 0;
	ARRAY_PUSH(table->items, table->count, table->cap) = xstrdup(s);
	*slot = (uint32_t)table->count;
	if (table->count * 2 > table->slot_count)
		grow(table);
	return table->count - 1;
}

const char *intern_text(const struct intern *table, size_t number)
{
	return number < table->count ? table->items[number] : "";
}

void intern_free(struct intern *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->items[i]);
	free(table->items);
	free(table->slots);
	*table = (struct intern){ 0 };
}
