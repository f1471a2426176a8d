/*
 * The log is for people and goes to stderr, one line an event.  Nothing that a verdict
 * needs is only here: that is what the ledger is for (ledger/ledger.h).
 *
 * A line is "TIME level [context] message"; on a terminal the level is coloured unless
 * NO_COLOR is set; under the journal (JOURNAL_STREAM) it is "<N>message".
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/xalloc.h"

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* "[reboot the primary's host INJECT]" before each message; NULL or "" for none. */
void log_set_context(const char *context);

/* Called before a line is written, so that a live line on the terminal can be wiped. */
void log_set_before(void (*before)(void));

void log_write(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...)   log_write(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_DEBUG, __VA_ARGS__)

/* True where colour may be used on that stream: a terminal, TERM not dumb, no NO_COLOR. */
bool log_colour(int fd);

/* Impossible states only: says where and aborts. */
void bug(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

#endif
