/*
 * Strings that occur again and again, once each, as small numbers: an attempt carries two
 * bytes of them.  Number 0 is "".
 */
#ifndef VERDICT_INTERN_H
#define VERDICT_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct intern {
	char **items;
	size_t count, cap;
	uint32_t *slots; /* hash table of number + 1 */
	size_t slot_count;
};

/* The number of s (NULL is ""). More than `max` different ones become 0. */
size_t intern(struct intern *table, const char *s, size_t max);
const char *intern_text(const struct intern *table, size_t number);
void intern_free(struct intern *table);

#endif
