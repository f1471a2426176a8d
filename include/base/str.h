/* Small things about strings that several layers need. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);

/* The word of a NULL-ended list nearest to `word` (edit distance), NULL if none is near. */
const char *str_nearest(const char *word, const char *const *list);

/* True if the bytes are well-formed UTF-8 (RFC 3629); *bad is the first wrong offset. */
bool str_is_utf8(const char *s, size_t len, size_t *bad);

/* "~/x" becomes "$HOME/x"; everything else is copied. Caller frees. */
char *str_expand_home(const char *path);

/*
 * Single-quotes one word for a shell in the way that POSIX sh, bash, dash, zsh and fish
 * all read alike: 'it'\''s', 'a'\\'b'.  Caller frees.
 */
char *str_shell_quote(const char *word);

#endif
