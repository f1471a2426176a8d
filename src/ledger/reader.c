#include "ledger/reader.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK    ((size_t)256 * 1024)
#define MAX_LINE ((size_t)16 * 1024 * 1024)
#define MAX_US   1e15 /* thirty years: sums of times, in nanoseconds too, stay integers */

/* The bytes of a file, cut into lines. */
struct cutter {
	int fd;
	char *data; /* line_start … end is not handed out yet */
	size_t line_start, end, cap;
};

enum cut { CUT_LINE, CUT_END, CUT_TORN, CUT_TOO_LONG, CUT_ERROR };

static bool more(struct cutter *c, enum cut *why)
{
	ssize_t n;

	memmove(c->data, c->data + c->line_start, c->end - c->line_start);
	c->end -= c->line_start;
	c->line_start = 0;
	if (c->cap - c->end < CHUNK) {
		c->cap = c->end + 2 * CHUNK;
		c->data = xrealloc(c->data, c->cap);
	}
	do {
		n = read(c->fd, c->data + c->end, CHUNK);
	} while (n < 0 && errno == EINTR);
	*why = n < 0 ? CUT_ERROR : c->end ? CUT_TORN : CUT_END;
	if (n > 0)
		c->end += (size_t)n;
	return n > 0;
}

/* The next line, without its newline, in *line; it holds until the next call. */
static enum cut next_line(struct cutter *c, char **line, size_t *len)
{
	size_t searched = 0; /* of the line under way */
	enum cut why;

	for (;;) {
		char *start = c->data + c->line_start;
		size_t have = c->end - c->line_start;
		char *newline = have > searched
		                        ? memchr(start + searched, '\n', have - searched)
		                        : NULL;

		if (newline) {
			*line = start;
			*len = (size_t)(newline - start);
			c->line_start += *len + 1;
			return CUT_LINE;
		}
		if (have > MAX_LINE)
			return CUT_TOO_LONG;
		searched = have;
		if (!more(c, &why))
			return why;
	}
}

/*
 * A line as a tree.  This is the seam for a faster way with `attempt` lines, which are
 * nearly all of a ledger.
 */
static cJSON *parse(const char *line, size_t len)
{
	const char *end = NULL;
	cJSON *tree;

	if (memchr(line, '\0', len))
		return NULL;
	tree = cJSON_ParseWithLengthOpts(line, len, &end, false);
	while (tree && end < line + len && (*end == ' ' || *end == '\t' || *end == '\r'))
		end++;
	if (tree && (!cJSON_IsObject(tree) || end != line + len)) {
		cJSON_Delete(tree);
		return NULL;
	}
	return tree;
}

static bool check_first(const char *event, const cJSON *json, struct err *err)
{
	double schema = json_number(json, "schema", 0);

	if (!str_eq(event, "run"))
		return err_set(err, "not a ledger: its first line is no \"run\"");
	if (schema < 1)
		return err_set(err, "not a ledger: its first line has no schema version");
	if (schema > LEDGER_SCHEMA) {
		err_set(err,
		        "written by a newer pgmonkey: schema %.0f, this one reads up to "
		        "%d",
		        schema, LEDGER_SCHEMA);
		return err_hint(err,
		                "use a pgmonkey that is at least as new as the ledger");
	}
	return true;
}

struct reading {
	bool (*line)(const struct ledger_line *, void *, struct err *);
	void *arg;
	struct ledger_end *end;
};

static bool take_line(struct reading *r, const char *text, size_t len, struct err *err)
{
	cJSON *json = parse(text, len);
	const char *event = json_string(json, "event");
	double t_us = json_number(json, "t_us", MAX_US);
	struct ledger_line line = { .number = r->end->lines + 1,
		                    .event = event,
		                    .json = json };
	bool well;

	if (!json)
		return err_set(err, "the line is corrupt: not a JSON object");
	if (!event || t_us >= MAX_US || t_us <= -MAX_US) {
		well = err_set(err, "a line without \"event\" or \"t_us\"");
	} else {
		line.t_us = (int64_t)t_us;
		well = (line.number > 1 || check_first(event, json, err)) &&
		       r->line(&line, r->arg, err);
	}
	if (well) {
		r->end->lines++;
		r->end->t_us = line.t_us;
		r->end->finished = r->end->finished || str_eq(event, "end");
	}
	cJSON_Delete(json);
	return well;
}

static bool read_lines(struct reading *r, struct cutter *c, struct err *err)
{
	char *text = NULL;
	size_t len = 0;

	for (;;) {
		switch (next_line(c, &text, &len)) {
		case CUT_LINE:
			if (!take_line(r, text, len, err))
				return false;
			break;
		case CUT_TORN:
			r->end->torn = true;
			return true;
		case CUT_END:
			return true;
		case CUT_TOO_LONG:
			return err_set(err, "the line is longer than %zu MB",
			               MAX_LINE / 1024 / 1024);
		case CUT_ERROR:
			return err_set(err, "cannot be read: %s", strerror(errno));
		}
	}
}

bool ledger_read(const char *path,
                 bool (*line)(const struct ledger_line *, void *, struct err *),
                 void *arg, struct ledger_end *end, struct err *err)
{
	struct cutter c = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	struct reading r = { line, arg, end };
	bool well;

	*end = (struct ledger_end){ 0 };
	if (c.fd < 0)
		return err_set(err, "cannot open ledger %.300s: %s", path,
		               strerror(errno));
	c.cap = 2 * CHUNK;
	c.data = xcalloc(1, c.cap);
	well = read_lines(&r, &c, err);
	if (!well)
		err_prefix(err, "%.300s:%zu", path, end->lines + 1);
	else if (!end->lines)
		well = err_set(err, "%.300s: %s", path,
		               end->torn ? "not a ledger: it has no whole line"
		                         : "the ledger is empty");
	free(c.data);
	close(c.fd);
	return well;
}
