#include "base/str.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

bool str_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

#define MAX_WORD 63

/* Levenshtein distance of two words of at most MAX_WORD bytes. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[MAX_WORD + 1];
	size_t n = strlen(b);

	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[n];
}

const char *str_nearest(const char *word, const char *const *list)
{
	const char *nearest = NULL;
	size_t len = strlen(word);
	unsigned best = (unsigned)(len < 6 ? 2 : len / 3 + 1);

	if (len > MAX_WORD)
		return NULL;
	for (; *list; list++) {
		unsigned d = strlen(*list) > MAX_WORD ? best : distance(word, *list);

		if (d < best) {
			best = d;
			nearest = *list;
		}
	}
	return nearest;
}

/* Length of the well-formed sequence at s, 0 if it is none. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n > left)
		return 0;
	/* The second byte rules out overlong forms, surrogates and what is past U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool str_is_utf8(const char *s, size_t len, size_t *bad)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t i = 0;

	while (i < len) {
		size_t n = utf8_sequence(u + i, len - i);

		if (!n) {
			*bad = i;
			return false;
		}
		i += n;
	}
	return true;
}

char *str_expand_home(const char *path)
{
	const char *home = getenv("HOME");

	if (path[0] == '~' && path[1] == '/' && home)
		return xasprintf("%s%s", home, path + 1);
	return xstrdup(path);
}

char *str_shell_quote(const char *word)
{
	struct buf b = BUF_INIT;

	buf_putc(&b, '\'');
	for (; *word; word++) {
		/* Both outside of the quotes: fish takes backslashes within them. */
		if (*word == '\'' || *word == '\\')
			buf_printf(&b, "'\\%c'", *word);
		else
			buf_putc(&b, *word);
	}
	buf_putc(&b, '\'');
	return buf_steal(&b);
}
