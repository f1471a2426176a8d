/*
 * A growing string.  `data` is never NULL and always ends in a NUL that `len`
 * does not count; binary content may hold more of them.
 *
 *	struct buf b = BUF_INIT;
 *	buf_printf(&b, "%s is at %d", name, n);
 *	puts(b.data);
 *	buf_free(&b);
 *
 * buf_steal() hands the string over to the caller, who frees it with free().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/xalloc.h"

#include <stdbool.h>
#include <stdio.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

extern char buf_empty[1];
#define BUF_INIT                  \
	{                         \
		.data = buf_empty \
	}

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_clear(struct buf *b);
char *buf_steal(struct buf *b);
void buf_free(struct buf *b);

/* Appends s as a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void buf_json_string(struct buf *b, const char *s);

/* Reads all of an open file up to `max` bytes; false (errno set, EFBIG when larger). */
bool buf_read_fd(struct buf *b, int fd, size_t max) MUSTCHECK;

#endif
