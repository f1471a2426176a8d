#include "cli/output.h"

#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * How many bytes at s may not reach a terminal: C0, DEL, C1 (also where it stands as a
 * byte of its own), and U+200E-F, U+202A-E, U+2066-9, which turn text round.
 */
static size_t unprintable(const unsigned char *s)
{
	if ((s[0] < 0x20 && s[0] != '\n' && s[0] != '\t') || s[0] == 0x7f)
		return 1;
	if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
		return 2;
	if (s[0] == 0xe2 && s[1] == 0x80 &&
	    (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae)))
		return 3;
	if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
		return 3;
	return 0;
}

/* Length of what is well-formed at the beginning of s. */
static size_t utf8_prefix(const char *s, size_t len)
{
	size_t bad;

	return str_is_utf8(s, len, &bad) ? len : bad;
}

void buf_printable(struct buf *out, const char *s)
{
	size_t left = strlen(s);
	size_t good = utf8_prefix(s, left);

	while (left > 0) {
		size_t bad = good ? unprintable((const unsigned char *)s) : 1;

		for (size_t i = 0; i < bad; i++)
			buf_printf(out, "\\x%02x", (unsigned char)s[i]);
		if (!bad)
			buf_putc(out, *s);
		bad += bad == 0;
		s += bad;
		left -= bad;
		good = good ? good - bad : utf8_prefix(s, left);
	}
}

static void put_printable(FILE *stream, const char *text)
{
	struct buf b = BUF_INIT;

	buf_printable(&b, text);
	fwrite(b.data, 1, b.len, stream);
	buf_free(&b);
}

void say(FILE *stream, const char *fmt, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	put_printable(stream, text ? text : "out of memory\n");
	free(text);
}

void say_file_err(const struct err *err)
{
	say(stderr, "%s\n", err->message);
	if (err->hint[0])
		say(stderr, "  hint: %s\n", err->hint);
}

void say_err(const struct err *err)
{
	fputs("pgmonkey: ", stderr);
	say_file_err(err);
}

void say_coloured(FILE *stream, const char *colour, const char *text)
{
	bool coloured = log_colour(fileno(stream));

	if (coloured)
		fprintf(stream, "\033[%sm", colour);
	put_printable(stream, text);
	if (coloured)
		fputs("\033[0m", stream);
}

bool stdout_is_written(void)
{
	bool failed = fflush(stdout) != 0;

	if (!failed && !ferror(stdout))
		return true;
	/* A reader that has seen enough (`| head`) needs no message. */
	if (errno != EPIPE)
		say(stderr, "pgmonkey: cannot write to standard output: %s\n",
		    strerror(errno));
	return false;
}

static bool write_all(int fd, const struct buf *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

/* A link that fails where the name is taken, or a rename that takes its place. */
static bool move_to(const char *from, const char *path, bool replace)
{
	if (replace)
		return rename(from, path) == 0;
	if (link(from, path) != 0)
		return false;
	unlink(from);
	return true;
}

bool file_write(const char *path, const struct buf *text, bool replace, struct err *err)
{
	char *temporary = xasprintf("%s.%ld.new", path, (long)getpid());
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	bool done = fd >= 0 && write_all(fd, text);

	if (fd >= 0 && close(fd) != 0)
		done = false;
	if (done)
		done = move_to(temporary, path, replace);
	if (!done) {
		err_set(err, "cannot write %s: %s", path, strerror(errno));
		if (errno == EEXIST)
			err_hint(err, "it is there already and stays as it is; choose "
			              "another name");
		if (fd >= 0)
			unlink(temporary);
	}
	free(temporary);
	return done;
}

char *local_time(char out[RFC3339_SIZE], nsec_t wall)
{
	time_t t = (time_t)(wall / NSEC_PER_SEC);
	struct tm tm;
	size_t n;

	localtime_r(&t, &tm);
	n = strftime(out, RFC3339_SIZE - 1, "%Y-%m-%dT%H:%M:%S%z", &tm);
	/* "+0100" becomes "+01:00" */
	if (n > 5) {
		memmove(out + n - 1, out + n - 2, 3);
		out[n - 2] = ':';
	}
	return out;
}

char *duration(char out[32], double seconds)
{
	long minutes = (long)(seconds / 60);

	if (seconds < 120)
		snprintf(out, 32, "%.0f s", seconds);
	else if (minutes < 120)
		snprintf(out, 32, "%ld min", minutes);
	else
		snprintf(out, 32, "%ld h %02ld min", minutes / 60, minutes % 60);
	return out;
}
