/* The ledger of a history: what the agent would have written. */
#ifndef TESTS_TRUTH_LINES_H
#define TESTS_TRUTH_LINES_H

#include "base/buf.h"
#include "world.h"

struct lines {
	const struct history *h;
	struct buf text;
	struct entry {
		int64_t order;
		size_t at, len;
	} * entries;
	size_t count, cap;
	size_t began;
};

static inline void begin_line(struct lines *l, int64_t order, int64_t t_us,
                              const char *event)
{
	ARRAY_PUSH(l->entries, l->count, l->cap) =
		(struct entry){ order, l->text.len, 0 };
	buf_printf(&l->text, "{\"event\":\"%s\",\"t_us\":%lld", event, (long long)t_us);
}

static inline void end_line(struct lines *l)
{
	struct entry *e = &l->entries[l->count - 1];

	buf_puts(&l->text, "}\n");
	e->len = l->text.len - e->at;
}

/* printf() would take half of the time of a history. */
static inline void add_key(struct lines *l, const char *key)
{
	buf_puts(&l->text, ",\"");
	buf_puts(&l->text, key);
	buf_puts(&l->text, "\":");
}

static inline void add_int(struct lines *l, const char *key, int64_t value)
{
	char digits[24];
	char *at = digits + sizeof digits - 1;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	*at = '\0';
	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*--at = '-';
	add_key(l, key);
	buf_puts(&l->text, at);
}

static inline void add_text(struct lines *l, const char *key, const char *value)
{
	if (!value)
		return;
	add_key(l, key);
	buf_putc(&l->text, '"');
	buf_puts(&l->text, value);
	buf_putc(&l->text, '"');
}

static inline void add_bool(struct lines *l, const char *key, bool value)
{
	buf_printf(&l->text, ",\"%s\":%s", key, value ? "true" : "false");
}

/* A line without an inner life. */
static inline void plain(struct lines *l, int64_t t, const char *event, const char *key,
                         const char *value)
{
	begin_line(l, t, t, event);
	add_text(l, key, value);
	end_line(l);
}

/* ---- the beginning ----------------------------------------------------------------- */

static inline void run_line(struct lines *l)
{
	const struct history *h = l->h;
	const char *separator = "";

	begin_line(l, -3, 0, "run");
	add_int(l, "schema", 1);
	add_text(l, "run", "r1");
	add_text(l, "started", "2026-11-25T02:15:51.000Z");
	buf_puts(&l->text, ",\"objectives\":{");
	if (h->rto_objective >= 0) {
		buf_printf(&l->text, "\"rto_seconds\":%g", h->rto_objective);
		separator = ",";
	}
	if (h->rpo_objective >= 0) {
		buf_printf(&l->text, "%s\"rpo_rows\":%lld", separator,
		           (long long)h->rpo_objective);
		separator = ",";
	}
	buf_printf(&l->text, "%s\"sync_standbys\":%d}", separator, h->sync_standbys);
	if (h->named >= 0)
		buf_printf(&l->text, ",\"rto_endpoint\":\"e%d\"", h->named);
	add_int(l, "recovered_for_us", h->recovered_for);
	add_int(l, "timely_us", h->timely);
	if (h->expected != RECOVERS) {
		add_text(l, "expect", h->expected == BLOCKED ? "blocked" : "no_failover");
		add_text(l, "because", "so it is");
	}
	buf_puts(&l->text, ",\"cluster_file\":{\"hosts\":{");
	for (int i = 0; i < h->members; i++)
		buf_printf(&l->text, "%s\"db%d\":{\"address\":\"10.0.0.1%d\"}",
		           i ? "," : "", i, i);
	buf_puts(&l->text, "}}");
	end_line(l);
}

static inline void probe_lines(struct lines *l)
{
	const struct history *h = l->h;

	for (int i = 0; i < h->endpoint_count; i++) {
		const struct endpoint *e = &h->endpoints[i];

		begin_line(l, -1, 300, "probe");
		add_int(l, "probe", i + 1);
		add_text(l, "kind", e->reads ? "read" : "write");
		buf_printf(&l->text, ",\"endpoint\":\"e%d\"", i);
		add_int(l, "every_us", e->every);
		if (e->reads) {
			add_int(l, "max_staleness_us", e->max_staleness);
			add_int(l, "of", 1);
		}
		end_line(l);
	}
}

/* ---- attempts ---------------------------------------------------------------------- */

static inline void server(struct lines *l, const struct try *t)
{
	const struct endpoint *e = &l->h->endpoints[t->endpoint];

	if (t->member == NOBODY || e->mute)
		return;
	if (e->virtual_address)
		add_text(l, "server", "10.9.9.9:5432");
	else
		buf_printf(&l->text, ",\"server\":\"10.0.0.1%d:5432\"", t->member);
}

static inline void attempt_line(struct lines *l, const struct try *t, int64_t order)
{
	static const char *const fates[] = { "acked", "acked_weak", "refused", "in_doubt",
		                             "not_sent" };

	begin_line(l, order, t->told, "attempt");
	add_int(l, "probe", t->endpoint + 1);
	if (t->key)
		add_int(l, "seq", t->key);
	else
		add_text(l, "kind", "connect");
	add_int(l, "scheduled_us", t->scheduled);
	if (t->fate != NOT_SENT) {
		add_int(l, "sent_us", t->scheduled);
		add_int(l, "answered_us", t->answered);
	}
	server(l, t);
	add_text(l, "outcome", fates[t->fate]);
	add_text(l, "reason", t->reason);
	add_text(l, "sqlstate", t->fate == WEAK ? "01000" : t->sqlstate);
	add_text(l, "message", t->message);
	if (l->h->endpoints[t->endpoint].reads && t->fate == ACKED)
		add_int(l, "newest", t->newest);
	end_line(l);
}

static inline void attempt_lines(struct lines *l, struct history *h)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct try *t = &h->tries[i];

		attempt_line(l, t, h->shuffled ? between(h, 1, h->end - 1) : t->told);
	}
}

/* ---- how members see it ------------------------------------------------------------ */

static inline void member_line(struct lines *l, int member, int64_t t)
{
	const struct history *h = l->h;
	int timeline = 1;
	bool primary = false;

	for (int i = 0; i < h->stint_count; i++) {
		const struct stint *s = &h->stints[i];

		if (t >= s->from && (s->member != 0 || i != 0 || !h->dual_until))
			timeline = s->timeline;
		if (s->member == member && t >= s->from && t < s->until) {
			primary = true;
			timeline = s->timeline;
			break;
		}
	}
	begin_line(l, t, t, "member");
	buf_printf(&l->text, ",\"member\":\"db%d\"", member);
	add_int(l, "asked_us", t);
	add_text(l, "state", primary ? "primary" : "replica");
	add_int(l, "timeline", timeline);
	end_line(l);
}

static inline void member_lines(struct lines *l)
{
	const struct history *h = l->h;

	for (int i = 0; h->member_every && i < h->members; i++) {
		for (int64_t t = 1500 + i; t < h->audit; t += h->member_every) {
			if (!late_at(h, t))
				member_line(l, i, t);
		}
	}
}

/* ---- the course -------------------------------------------------------------------- */

static inline void fault_lines(struct lines *l)
{
	const struct history *h = l->h;

	plain(l, h->inject_phase - 20, "phase", "phase", "ARM");
	if (h->armed) {
		begin_line(l, h->inject_phase - 10, h->inject_phase - 10, "intent");
		add_text(l, "fault", "reboot_host");
		buf_puts(&l->text,
		         ",\"target\":{\"expression\":\"primary\",\"host\":\"db0\"}");
		end_line(l);
	}
	plain(l, h->inject_phase, "phase", "phase", "INJECT");
	if (h->injected)
		plain(l, h->fault, "injected", "fault", "reboot_host");
	if (h->inject_failed)
		plain(l, h->fault, "inject_failed", "message", "no route");
	if (h->confirmed)
		plain(l, h->fault + 50, "confirmed", "evidence", "boot_id changed");
	else if (h->injected)
		plain(l, h->fault + 50, "unconfirmed", "why", "boot_id is the same");
	if (h->aborted)
		plain(l, h->fault + 60, "abort", "why", "no primary for too long");
	if (h->note) {
		begin_line(l, h->fault + 70, h->fault + 70, "note");
		add_text(l, "text", "something was odd");
		add_bool(l, "inconclusive", true);
		end_line(l);
	}
	if (h->clock_step) {
		begin_line(l, h->fault + 80, h->fault + 80, "clock");
		add_int(l, "step_us", h->clock_step);
		end_line(l);
	}
}

static inline void end_lines(struct lines *l)
{
	const struct history *h = l->h;
	int64_t t = h->audit - 300;

	plain(l, h->heal, "phase", "phase", "HEAL");
	if (h->armed && !h->inject_failed) {
		begin_line(l, t, t, h->healed ? "healed" : "not_healed");
		add_text(l, "fault", "reboot_host");
		if (h->lacking)
			add_text(l, "lacking", "patroni.service is not running");
		end_line(l);
	}
	plain(l, t + 10, "phase", "phase", "SETTLE");
	if (h->redundancy >= 0) {
		begin_line(l, t + 20, t + 20, "redundancy");
		add_text(l, "state", h->redundancy ? "restored" : "not_restored");
		end_line(l);
	}
	plain(l, h->audit, "phase", "phase", "AUDIT");
	for (int i = 0; i < h->late_count; i++) {
		begin_line(l, h->lates[i].until, h->lates[i].until, "loop");
		add_int(l, "late_us", h->lates[i].until - h->lates[i].from);
		end_line(l);
	}
	if (h->finished)
		plain(l, h->end, "end", NULL, NULL);
}

/* ---- the audits -------------------------------------------------------------------- */

static inline bool differs(const struct history *h, int endpoint, int64_t key)
{
	for (int i = 0; endpoint == 0 && i < h->differ_count; i++) {
		if (h->differs[i] == key)
			return true;
	}
	return false;
}

/* Keys of an endpoint that are there; replica: with its differences. */
static inline void present(struct lines *l, int endpoint, bool replica)
{
	const struct history *h = l->h;
	int64_t first = 0, last = 0;
	const char *separator = "";

	buf_puts(&l->text, ",\"present\":[");
	for (size_t i = 0; i <= h->count; i++) {
		const struct try *t = i < h->count ? &h->tries[i] : NULL;
		bool there = t && t->endpoint == endpoint && t->key &&
		             t->there != (replica && differs(h, endpoint, t->key));

		if (there && first && t->key == last + 1) {
			last++;
			continue;
		}
		if (first && (there || !t)) {
			buf_printf(&l->text, "%s[%lld,%lld]", separator, (long long)first,
			           (long long)last);
			separator = ",";
		}
		if (there)
			first = last = t->key;
	}
	buf_puts(&l->text, "]");
}

static inline void audit_line(struct lines *l, int endpoint, int member, bool right)
{
	const struct history *h = l->h;
	bool replica = member != primary_at(h, NEVER);
	bool complete = (replica ? h->replica_audit : h->primary_audit) == AUDITED;

	begin_line(l, h->audit + 200 * MS + right, h->audit + 200 * MS, "audit");
	buf_printf(&l->text, ",\"member\":\"db%d\"", member);
	add_bool(l, "surviving", !replica);
	add_int(l, "probe", endpoint + 1);
	add_bool(l, "complete", complete && right);
	if (complete && right)
		present(l, endpoint, replica);
	else if (right)
		add_text(l, "why", "permission denied");
	else
		buf_puts(&l->text, ",\"present\":[[1,1]],\"why\":\"cut\"");
	end_line(l);
}

static inline void audit_lines(struct lines *l)
{
	const struct history *h = l->h;

	for (int i = 0; i < h->endpoint_count; i++) {
		if (h->endpoints[i].reads)
			continue;
		if (h->primary_audit != AUDIT_MISSING && h->audited_twice)
			audit_line(l, i, primary_at(h, NEVER), false);
		if (h->primary_audit != AUDIT_MISSING)
			audit_line(l, i, primary_at(h, NEVER), true);
		if (h->replica_audited != NOBODY)
			audit_line(l, i, h->replica_audited, true);
	}
}

/* ---- all of it --------------------------------------------------------------------- */

static inline int by_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Caller frees. */
static inline char *ledger_text(struct history *h)
{
	struct lines l = { .h = h, .text = BUF_INIT };
	struct buf out = BUF_INIT;

	run_line(&l);
	begin_line(&l, -2, 100, "phase");
	add_text(&l, "phase", "PREFLIGHT");
	end_line(&l);
	probe_lines(&l);
	begin_line(&l, 0, 1000, "phase");
	add_text(&l, "phase", "STEADY");
	end_line(&l);
	attempt_lines(&l, h);
	member_lines(&l);
	fault_lines(&l);
	end_lines(&l);
	audit_lines(&l);
	qsort(l.entries, l.count, sizeof *l.entries, by_order);
	for (size_t i = 0; i < l.count && l.entries[i].order < h->cut; i++)
		buf_add(&out, l.text.data + l.entries[i].at, l.entries[i].len);
	if (h->torn)
		buf_puts(&out, "{\"event\":\"att");
	buf_free(&l.text);
	free(l.entries);
	return buf_steal(&out);
}

#endif
