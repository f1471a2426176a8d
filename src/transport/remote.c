#include "transport/remote_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool remote_open(struct remote *r, nsec_t deadline, struct err *err)
{
	return r->type->open(r, deadline, err);
}

void remote_run(struct remote *r, const char *const *words, nsec_t deadline,
                struct remote_result *result, struct err *err)
{
	*result = (struct remote_result){ .end = REMOTE_FAILED,
		                          .out = BUF_INIT,
		                          .errors = BUF_INIT };
	r->type->run(r, words, deadline, result, err);
}

/* The last line that says something: login scripts print theirs first. */
static const char *last_line(struct buf *b)
{
	char *line;

	while (b->len && isspace((unsigned char)b->data[b->len - 1]))
		b->data[--b->len] = '\0';
	line = strrchr(b->data, '\n');
	return line ? line + 1 : b->data;
}

static bool exited_badly(const struct remote *r, const char *const *words,
                         struct remote_result *result, struct err *err)
{
	const char *said = last_line(&result->errors);
	struct buf command = BUF_INIT;

	if (!*said)
		said = last_line(&result->out);
	for (; *words; words++)
		buf_printf(&command, "%s%s", command.len ? " " : "", *words);
	err_set(err, "%s: \"%.200s\" exited with %d%s%.300s", r->host, command.data,
	        result->status, *said ? ": " : "", said);
	buf_free(&command);
	return false;
}

bool remote_ask(struct remote *r, const char *const *words, nsec_t deadline,
                struct buf *out, struct err *err)
{
	struct remote_result result;
	bool ok;

	remote_run(r, words, deadline, &result, err);
	ok = result.end == REMOTE_EXITED && result.status == 0;
	if (ok)
		buf_add(out, result.out.data, result.out.len);
	else if (result.end == REMOTE_EXITED)
		exited_badly(r, words, &result, err);
	remote_result_free(&result);
	return ok;
}

void remote_result_free(struct remote_result *result)
{
	buf_free(&result->out);
	buf_free(&result->errors);
}

void remote_free(struct remote *r)
{
	if (r)
		r->type->free(r);
}

void remote_add_output(struct buf *b, const char *data, size_t len)
{
	size_t room = REMOTE_MAX_OUTPUT - b->len;

	buf_add(b, data, len < room ? len : room);
}
