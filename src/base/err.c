#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

bool err_set(struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->message, sizeof err->message, fmt, args);
	va_end(args);
	err->hint[0] = '\0';
	return false;
}

bool err_hint(struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
	return false;
}

bool err_prefix(struct err *err, const char *fmt, ...)
{
	char rest[sizeof err->message];
	va_list args;
	int n;

	snprintf(rest, sizeof rest, "%s", err->message);
	va_start(args, fmt);
	n = vsnprintf(err->message, sizeof err->message, fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof err->message)
		snprintf(err->message + n, sizeof err->message - (size_t)n, ": %s", rest);
	return false;
}
