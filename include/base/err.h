/*
 * An error is a value: the function that fails describes it, one caller at the top
 * says it.  A message is lower case without a full stop and names what failed, on which
 * target, and why; the hint says what the reader can do.
 *
 *	bool f(…, struct err *err) MUSTCHECK;
 *
 *	struct err err = { 0 };
 *	if (!f(…, &err))
 *		…err.message, err.hint…
 *
 * A struct err owns nothing: it can be copied, dropped and reused.  `err` arguments are
 * never NULL.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/xalloc.h"

#include <stdbool.h>

struct err {
	char message[768];
	char hint[384];
};

/* Both return false, so that a function can end in `return err_set(…)`. */
bool err_set(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "PREFIX: " before the message that is there. Returns false. */
bool err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Exit codes of the program, as README and the manual page document them. */
enum exit_code {
	EXIT_PASS = 0,         /* objectives kept */
	EXIT_MISSED = 1,       /* an objective was missed */
	EXIT_INCONCLUSIVE = 2, /* the tool cannot know */
	EXIT_ABORTED = 3,      /* stopped before its end, and healed */
	EXIT_NOT_HEALED = 4,   /* something is still broken */
	EXIT_REFUSED = 5,      /* refused before any fault: nothing was touched */
	EXIT_BAD_USAGE = 64,   /* command line, as in sysexits.h */
	EXIT_BAD_FILE = 65,    /* scenario, cluster, game day file or ledger is wrong */
};

#endif
