#include "probe/key_runs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void key_runs_init(struct key_runs *r)
{
	*r = (struct key_runs){ .json = BUF_INIT };
	buf_putc(&r->json, '[');
}

static void close_run(struct key_runs *r)
{
	if (!r->open)
		return;
	buf_printf(&r->json, "%s[%" PRId64 ",%" PRId64 "]", r->json.len > 1 ? "," : "",
	           r->first, r->last);
	r->open = false;
}

void key_runs_add(struct key_runs *r, int64_t key)
{
	if (r->open && key == r->last + 1) {
		r->last = key;
		return;
	}
	if (r->open && key <= r->last)
		r->unsorted = true;
	close_run(r);
	r->first = r->last = key;
	r->open = true;
}

const char *key_runs_end(struct key_runs *r)
{
	close_run(r);
	buf_putc(&r->json, ']');
	return r->json.data;
}

void key_runs_free(struct key_runs *r)
{
	buf_free(&r->json);
}

bool key_runs_parse_key(const char *line, size_t len, int64_t *key)
{
	char digits[24];
	char *end;

	if (!len || len >= sizeof digits)
		return false;
	memcpy(digits, line, len);
	digits[len] = '\0';
	errno = 0;
	*key = strtoll(digits, &end, 10);
	return end == digits + len && errno == 0 &&
	       (*digits == '-' || (*digits >= '0' && *digits <= '9'));
}
