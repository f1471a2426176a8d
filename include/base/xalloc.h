/*
 * Memory that is never NULL: running out of it ends the program, since nothing
 * sensible can be judged without it.  What is returned is freed with free().
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUSTCHECK              __attribute__((warn_unused_result))

void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull, malloc));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((returns_nonnull, malloc));
char *xstrndup(const char *s, size_t n) __attribute__((returns_nonnull, malloc));
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((returns_nonnull));

/* One zeroed T. */
#define XNEW(T) ((T *)xcalloc(1, sizeof(T)))

/*
 * Room for one more in a plain array that is kept as pointer + count + capacity:
 *	ARRAY_PUSH(list->items, list->count, list->cap) = item;
 */
#define ARRAY_PUSH(items, count, cap)                                                \
	(*(((count) < (cap)                                                          \
	            ? (void)0                                                        \
	            : (void)((cap) = (cap) ? (cap)*2 : 8,                            \
	                     (items) = xrealloc((items), (cap) * sizeof *(items)))), \
	   &(items)[(count)++]))

#endif
