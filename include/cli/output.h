/*
 * Everything that the program says to people goes through here.  Names and messages come
 * from files and servers: control characters, which could drive a terminal, are shown as
 * \xNN, and so are marks that turn the direction of writing.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#include <stdio.h>

/* Appends s; newlines and tabs pass, other control characters are escaped. */
void buf_printable(struct buf *out, const char *s);

/* Formats, escapes, writes. */
void say(FILE *stream, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* "pgmonkey: MESSAGE" and "  hint: HINT" to stderr. */
void say_err(const struct err *err);

/* The same without the program's name: "FILE:LINE:COLUMN: …", as editors read it. */
void say_file_err(const struct err *err);

/* The text in the colour (an SGR number, "32") where the stream may have colour. */
void say_coloured(FILE *stream, const char *colour, const char *text);

/* Flushes stdout; false, said on stderr, where it could not be written. */
bool stdout_is_written(void) MUSTCHECK;

/*
 * Writes the text to a file: whole or not at all.  Without `replace` a file that is there
 * is an error.
 */
bool file_write(const char *path, const struct buf *text, bool replace,
                struct err *err) MUSTCHECK;

/* Local time with its offset: "2026-11-25T03:15:51+01:00". */
char *local_time(char out[RFC3339_SIZE], nsec_t wall);

/* "85 s", "12 min", "3 h 05 min". */
char *duration(char out[32], double seconds);

#endif
