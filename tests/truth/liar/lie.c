/* What is made of a statement, and of the server's answer to it. */
#include "base/str.h"
#include "liar.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* ---- Messages of the protocol -------------------------------------------------------
 */

static void add_message(struct buf *out, char type, const struct buf *body)
{
	uint32_t len = htonl((uint32_t)body->len + 4);

	buf_putc(out, type);
	buf_add(out, &len, sizeof len);
	buf_add(out, body->data, body->len);
}

/* type: 'E' error, 'N' notice */
static void add_error(struct buf *out, char type, const struct manner *m)
{
	struct buf body = BUF_INIT;
	const char codes[] = "SVCM";
	const char *fields[] = { m->severity, m->severity, m->sqlstate, m->message };

	for (size_t i = 0; i < 4; i++) {
		buf_putc(&body, codes[i]);
		buf_add(&body, fields[i], strlen(fields[i]) + 1);
	}
	buf_putc(&body, '\0');
	add_message(out, type, &body);
	buf_free(&body);
}

static void add_ready(struct buf *out)
{
	struct buf body = BUF_INIT;

	buf_putc(&body, 'I');
	add_message(out, 'Z', &body);
	buf_free(&body);
}

static void say(struct pair *p, struct buf *out, const char *said)
{
	pair_say(p, out->data, out->len, said);
	buf_free(out);
}

/* An ERROR leaves the session as it was; all above it ends the session. */
static void say_error(struct pair *p)
{
	struct buf out = BUF_INIT;
	bool ends = !str_eq(p->manner.severity, "ERROR");

	add_error(&out, 'E', &p->manner);
	if (!ends)
		add_ready(&out);
	p->closing |= ends;
	say(p, &out, "error");
}

bool lie_to_login(struct pair *p)
{
	struct buf out = BUF_INIT;

	if (p->liar->manner.lie != LIE_LOGIN)
		return false;
	add_error(&out, 'E', &p->liar->manner);
	p->closing = true;
	say(p, &out, NULL);
	return true;
}

/* ---- Statements ---------------------------------------------------------------------
 */

/* Keys of "… VALUES ('run', PROBE, SEQ, 'time'), (…) RETURNING …". */
static void find_keys(struct buf *keys, const char *sql)
{
	const char *at = strstr(sql, " VALUES (");

	buf_clear(keys);
	while (at && (at = strstr(at, "('"))) {
		char *end;
		long probe;

		at = strstr(at, "', ");
		if (!at)
			return;
		probe = strtol(at + 3, &end, 10);
		buf_printf(keys, " %ld:%lld", probe, strtoll(end + 2, &end, 10));
		at = end;
	}
}

static void did(struct pair *p, const char *what)
{
	if (p->write)
		liar_log(p->liar, "did %u %s%s", p->number, what, p->keys.data);
}

static void send_rolled_back(struct pair *p, const char *sql)
{
	struct buf body = BUF_INIT;
	struct buf out = BUF_INIT;

	buf_printf(&body, "BEGIN; %s; ROLLBACK", sql);
	buf_putc(&body, '\0');
	add_message(&out, 'Q', &body);
	pair_pass_on(p, out.data, out.len);
	buf_free(&body);
	buf_free(&out);
}

/* The server never hears of it. */
static void withhold(struct pair *p)
{
	did(p, "withheld");
	p->asked = false;
	if (p->manner.lie == LIE_REFUSE)
		say_error(p);
	else
		pair_end(p, p->manner.ending);
}

void lie_to_statement(struct pair *p, const char *message, size_t len)
{
	const char *sql = message + 5;
	enum lie lie;

	p->asked = true;
	p->failed = false;
	p->write = str_starts(sql, "INSERT ");
	p->manner = p->liar->manner;
	lie = p->manner.lie;
	find_keys(&p->keys, p->write ? sql : "");
	if (p->write && (lie == LIE_REFUSE || lie == LIE_LOSE))
		withhold(p);
	else if (p->write && lie == LIE_DROP)
		send_rolled_back(p, sql);
	else
		pair_pass_on(p, message, len);
}

/* ---- Answers ------------------------------------------------------------------------
 */

static void finish(struct pair *p, const char *ready, size_t len)
{
	enum lie lie = p->write ? p->manner.lie : LIE_HONEST;

	did(p, p->failed ? "failed" : lie == LIE_DROP ? "rolled_back" : "committed");
	p->asked = false;
	if (lie == LIE_HIDE)
		pair_end(p, p->manner.ending);
	else if (lie == LIE_DENY)
		say_error(p);
	else
		pair_say(p, ready, len,
		         p->failed         ? "error"
		         : lie == LIE_WARN ? "warned"
		         : p->write        ? "acked"
		                           : NULL);
}

/* The frame that send_rolled_back() put around it is nobody's business. */
static bool is_frame(const struct pair *p, const char *message)
{
	return p->manner.lie == LIE_DROP && message[0] == 'C' &&
	       (str_eq(message + 5, "BEGIN") || str_eq(message + 5, "ROLLBACK"));
}

static void about_write(struct pair *p, const char *message, size_t len)
{
	if (p->manner.lie == LIE_HIDE || p->manner.lie == LIE_DENY ||
	    is_frame(p, message))
		return;
	if (p->manner.lie == LIE_WARN && message[0] == 'C') {
		struct buf out = BUF_INIT;

		add_error(&out, 'N', &p->manner);
		say(p, &out, NULL);
	}
	pair_say(p, message, len, NULL);
}

static void about_read(struct pair *p, const char *message, size_t len)
{
	struct buf *row = &p->liar->row;

	if (message[0] == 'D' && p->manner.lie == LIE_STALE && row->len) {
		liar_log(p->liar, "stale %u", p->number);
		pair_say(p, row->data, row->len, NULL);
		return;
	}
	if (message[0] == 'D') {
		buf_clear(row);
		buf_add(row, message, len);
	}
	pair_say(p, message, len, NULL);
}

void lie_about_answer(struct pair *p, const char *message, size_t len)
{
	if (!p->asked) {
		pair_say(p, message, len, NULL);
		return;
	}
	if (message[0] == 'Z') {
		finish(p, message, len);
		return;
	}
	p->failed |= message[0] == 'E';
	if (p->write)
		about_write(p, message, len);
	else
		about_read(p, message, len);
}
