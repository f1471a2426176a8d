/* Attempts into ledger and status: the one place where an outcome is counted. */
#include "probe/endpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *text_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

/* ---- Status ----------------------------------------------------------------------- */

static void not_acked(struct endpoint_probe *p, nsec_t scheduled, const char *why)
{
	struct endpoint_status *s = &p->status;
	bool before = s->acked_since && scheduled < p->run_scheduled;

	if (s->failing_since ? scheduled < s->failing_since : !before)
		s->failing_since = scheduled;
	/* What was due before the run of acks began, and is given up only now, is no
	 * break. */
	if (before)
		return;
	s->acked_since = 0;
	if (why && *why)
		snprintf(s->last_error, sizeof s->last_error, "%s", why);
}

static void acked_in_time(struct endpoint_probe *p, nsec_t scheduled, nsec_t answered)
{
	struct endpoint_status *s = &p->status;

	if (!s->acked_since) {
		s->acked_since = answered;
		p->run_scheduled = scheduled;
	}
	if (s->failing_since && answered - s->acked_since >= p->env.recovered_for)
		s->failing_since = 0;
}

/* A weak ack is one for who waits for it: it ends no outage late, it only promises less. */
static void count_acked(struct endpoint_probe *p, const struct tick *tick,
                        const struct decision *d)
{
	struct endpoint_status *s = &p->status;
	nsec_t waited = d->answered - tick->scheduled;
	char why[64];

	if (d->outcome == OUTCOME_ACKED)
		s->acked++;
	else
		s->weak++;
	if (!s->first_acked)
		s->first_acked = d->answered;
	s->last_acked = d->answered;
	s->newest = d->saw_newest ? d->newest : tick->seq;
	memcpy(s->server, d->server, sizeof s->server);
	p->refused = false;
	if (waited <= p->env.timely) {
		acked_in_time(p, tick->scheduled, d->answered);
		return;
	}
	snprintf(why, sizeof why, "acked only after %.1f s", nsec_to_seconds(waited));
	not_acked(p, tick->scheduled, why);
}

static void count(struct endpoint_probe *p, const struct tick *tick,
                  const struct decision *d)
{
	struct endpoint_status *s = &p->status;

	s->attempts++;
	switch (d->outcome) {
	case OUTCOME_ACKED:
	case OUTCOME_ACKED_WEAK:
		count_acked(p, tick, d);
		return;
	case OUTCOME_REFUSED:
		s->refused++;
		p->refused = true;
		break;
	case OUTCOME_IN_DOUBT:
		s->in_doubt++;
		break;
	case OUTCOME_NOT_SENT:
		s->not_sent++;
		if (strcmp(d->reason, "late") == 0)
			return;
		break;
	}
	not_acked(p, tick->scheduled, d->message);
}

void record_stall(struct endpoint_probe *p, const struct session *s, nsec_t now)
{
	nsec_t scheduled = s->under_way.items[0].scheduled;
	struct pg_error error;

	deadline_error(&error, now - scheduled);
	not_acked(p, scheduled, error.message);
}

/* ---- Ledger ----------------------------------------------------------------------- */

void record_attempt(struct endpoint_probe *p, const struct tick *tick,
                    const struct decision *d)
{
	struct ledger *l = p->env.ledger;
	bool sent = d->outcome != OUTCOME_NOT_SENT;

	count(p, tick, d);
	ledger_begin(l, "attempt");
	ledger_int(l, "probe", p->options.number);
	ledger_int(l, "seq", tick->seq);
	ledger_time(l, "scheduled_us", tick->scheduled);
	if (sent) {
		ledger_time(l, "sent_us", d->session->sent);
		ledger_time(l, "answered_us", d->answered);
	}
	if (d->session)
		ledger_int(l, "connection", d->session->number);
	ledger_string(l, "server", text_or_null(d->server));
	ledger_string(l, "outcome", outcome_name(d->outcome));
	ledger_string(l, "reason", d->reason);
	ledger_string(l, "sqlstate", text_or_null(d->sqlstate));
	ledger_string(l, "message", text_or_null(d->message));
	if (d->saw_newest) {
		ledger_int(l, "of", p->options.of);
		ledger_int(l, "newest", d->newest);
		ledger_bool(l, "in_recovery", d->in_recovery);
	}
	ledger_end(l);
}

void record_connect_failed(struct session *s, const struct pg_error *error, nsec_t now)
{
	struct endpoint_probe *p = s->probe;
	struct ledger *l = p->env.ledger;

	snprintf(p->lost, sizeof p->lost, "%.190s", error->message);
	p->connect_failed = true;
	not_acked(p, s->began, error->message);
	ledger_begin(l, "attempt");
	ledger_int(l, "probe", p->options.number);
	ledger_string(l, "kind", "connect");
	ledger_time(l, "scheduled_us", s->began);
	ledger_time(l, "sent_us", s->began);
	ledger_time(l, "answered_us", now);
	ledger_int(l, "connection", s->number);
	ledger_string(l, "outcome", outcome_name(OUTCOME_REFUSED));
	ledger_string(l, "sqlstate", text_or_null(error->sqlstate));
	ledger_string(l, "message", text_or_null(error->message));
	ledger_end(l);
}

void record_connection(struct session *s)
{
	struct endpoint_probe *p = s->probe;
	struct ledger *l = p->env.ledger;

	ledger_begin_at(l, "connection", s->changed);
	ledger_int(l, "probe", p->options.number);
	ledger_int(l, "connection", s->number);
	ledger_time(l, "began_us", s->began);
	ledger_string(l, "remote", text_or_null(p->ops->remote_address(s->conn)));
	ledger_string(l, "local", text_or_null(p->ops->local_address(s->conn)));
	ledger_int(l, "pid", p->ops->backend_pid(s->conn));
	ledger_end(l);
}
