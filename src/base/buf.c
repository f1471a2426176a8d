#include "base/buf.h"

#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char buf_empty[1];

static void reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;

	if (need <= b->cap)
		return;
	b->cap = need < 64 ? 64 : need + need / 2;
	b->data = xrealloc(b->data == buf_empty ? NULL : b->data, b->cap);
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!len)
		return;
	reserve(b, len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n <= 0)
		return;
	reserve(b, (size_t)n);
	va_start(args, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, args);
	va_end(args);
	b->len += (size_t)n;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->cap)
		b->data[0] = '\0';
}

char *buf_steal(struct buf *b)
{
	char *s = b->cap ? b->data : xstrdup("");

	*b = (struct buf)BUF_INIT;
	return s;
}

void buf_free(struct buf *b)
{
	if (b->cap)
		free(b->data);
	*b = (struct buf)BUF_INIT;
}

static void json_char(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_puts(b, "\\\"");
		break;
	case '\\':
		buf_puts(b, "\\\\");
		break;
	case '\n':
		buf_puts(b, "\\n");
		break;
	case '\t':
		buf_puts(b, "\\t");
		break;
	case '\r':
		buf_puts(b, "\\r");
		break;
	default:
		if (c < 0x20 || c == 0x7f)
			buf_printf(b, "\\u%04x", c);
		else
			buf_putc(b, (char)c);
	}
}

void buf_json_string(struct buf *b, const char *s)
{
	size_t left = strlen(s);
	size_t bad;

	buf_putc(b, '"');
	while (left) {
		bool clean = str_is_utf8(s, left, &bad);
		size_t good = clean ? left : bad;

		for (size_t i = 0; i < good; i++)
			json_char(b, (unsigned char)s[i]);
		if (!clean) {
			buf_puts(b, "\xef\xbf\xbd");
			good++;
		}
		s += good;
		left -= good;
	}
	buf_putc(b, '"');
}

bool buf_read_fd(struct buf *b, int fd, size_t max)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (b->len + (size_t)n > max) {
			errno = EFBIG;
			return false;
		}
		buf_add(b, chunk, (size_t)n);
	}
}
