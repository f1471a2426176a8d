/*
 * Unit tests speak TAP, so that prove(1) runs them beside shell tests.  One process a
 * file; a failed check prints got and wanted with file and line and goes on.
 *
 *	int main(void)
 *	{
 *		is_int(1 + 1, 2, "adds");
 *		return done_testing();
 *	}
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_count;
static int tap_failed;

static inline bool tap_result(bool passed, const char *file, int line, const char *what)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, what ? what : "?");
	if (!passed) {
		tap_failed++;
		printf("#   failed at %s:%d\n", file, line);
	}
	fflush(stdout);
	return passed;
}

static inline bool tap_int(int64_t got, int64_t want, const char *file, int line,
                           const char *what)
{
	bool passed = tap_result(got == want, file, line, what);

	if (!passed)
		printf("#   got  %" PRId64 "\n#   want %" PRId64 "\n", got, want);
	return passed;
}

static inline bool tap_str(const char *got, const char *want, const char *file, int line,
                           const char *what)
{
	bool same = got && want ? strcmp(got, want) == 0 : got == want;
	bool passed = tap_result(same, file, line, what);

	if (!passed)
		printf("#   got  %s\n#   want %s\n", got ? got : "(null)",
		       want ? want : "(null)");
	return passed;
}

#define ok(cond, what)          tap_result((cond), __FILE__, __LINE__, (what))
#define is_int(got, want, what) tap_int((got), (want), __FILE__, __LINE__, (what))
#define is_str(got, want, what) tap_str((got), (want), __FILE__, __LINE__, (what))

static inline int done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

#endif
