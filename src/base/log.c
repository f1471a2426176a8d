#include "base/log.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum log_level level_limit = LOG_INFO;
static char context_text[160];
static void (*before_line)(void);

static const struct {
	const char *name;
	const char *colour;
	int journal;
} levels[] = {
	[LOG_ERROR] = { "error", "\033[31m", 3 },
	[LOG_WARNING] = { "warning", "\033[33m", 4 },
	[LOG_INFO] = { "info", "\033[36m", 6 },
	[LOG_DEBUG] = { "debug", "\033[2m", 7 },
};

void log_set_level(enum log_level level)
{
	level_limit = level;
}

enum log_level log_get_level(void)
{
	return level_limit;
}

void log_set_context(const char *context)
{
	snprintf(context_text, sizeof context_text, "%s", context ? context : "");
}

void log_set_before(void (*before)(void))
{
	before_line = before;
}

bool log_colour(int fd)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* Names and messages come from files and servers: none may steer the terminal. */
static void defuse(char *message)
{
	for (char *c = message; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
}

void log_write(enum log_level level, const char *fmt, ...)
{
	char message[2048];
	char when[RFC3339_SIZE];
	bool colour = log_colour(STDERR_FILENO);
	va_list args;

	if (level > level_limit)
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	defuse(message);
	if (before_line)
		before_line();
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", levels[level].journal);
	else
		fprintf(stderr, "%s ",
		        rfc3339(when, clock_system()->wall(clock_system())));
	fprintf(stderr, "%s%s%s: ", colour ? levels[level].colour : "",
	        levels[level].name, colour ? "\033[0m" : "");
	if (context_text[0])
		fprintf(stderr, "[%s] ", context_text);
	fprintf(stderr, "%s\n", message);
}

void bug(const char *fmt, ...)
{
	va_list args;

	fputs("pgmonkey: BUG: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
