/* Where the time went: each boundary with the observation that it rests on. */
#include "verdict/model.h"

#include "base/str.h"

#include <stdlib.h>

static void add(struct verdict *v, const char *name, int64_t at_us, char *observed)
{
	v->boundaries[v->boundary_count++] = (struct boundary){ name, at_us, observed };
}

/* The manager's first view behind the fault that names another leader, or none. */
static void find_detection(struct model *m)
{
	int64_t fault = m->fault_us;
	const char *before = NULL;
	bool asked = false;

	for (size_t i = 0; i < m->view_count; i++) {
		const struct manager_view *view = &m->views[i];

		if (view->t_us < fault) {
			before = view->leader;
			asked = true;
		} else if (asked && !str_eq(view->leader, before)) {
			add(m->v, "detection", view->t_us,
			    view->leader ? xasprintf("the manager named %s leader",
			                             view->leader)
			                 : xstrdup("the manager named no leader"));
			return;
		}
	}
	add(m->v, "detection", -1,
	    xstrdup(asked ? "unknown: the manager's leader did not change"
	                  : "unknown: the manager had not been asked before the fault"));
}

/* The first time behind the fault that a member began to be a primary that takes writes. */
static const struct member_run *new_primary(const struct model *m, bool *looked)
{
	const struct member_run *first = NULL;

	*looked = false;
	for (size_t i = 0; i < m->run_count; i++) {
		const struct member_run *r = &m->runs[i];

		*looked = *looked || (r->primary && r->first_us < m->fault_us);
		if (r->primary && !r->read_only && r->first_us > m->fault_us &&
		    (!first || r->first_us < first->first_us))
			first = r;
	}
	return first;
}

static bool is_key_ack(const struct attempt *a)
{
	return a->outcome <= OUTCOME_ACKED_WEAK && !(a->flags & ATTEMPT_CONNECT);
}

/* The server that acked the most recent write before the fault. */
static uint8_t server_before(const struct model *m, const struct model_probe *p)
{
	uint8_t server = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (p->attempts[i].scheduled_us >= m->fault_us)
			break;
		if (is_key_ack(&p->attempts[i]) && p->attempts[i].server)
			server = p->attempts[i].server;
	}
	return server;
}

/* The first ack behind the fault by another server than before it. */
static const struct attempt *first_new_ack(const struct model *m)
{
	const struct attempt *first = NULL;

	for (size_t i = 0; i < m->v->probe_count; i++) {
		const struct model_probe *p = &m->probes[i];
		uint8_t before = server_before(m, p);

		for (size_t k = 0;
		     before && probe_is_write(&m->v->probes[i]) && k < p->count; k++) {
			const struct attempt *a = &p->attempts[k];

			if (a->scheduled_us >= m->fault_us && is_key_ack(a) &&
			    a->server && a->server != before) {
				if (!first || a->answered_us < first->answered_us)
					first = a;
				break;
			}
		}
	}
	return first;
}

static void find_promotion(struct model *m)
{
	bool looked;
	const struct member_run *run = new_primary(m, &looked);
	const struct attempt *ack = first_new_ack(m);

	if (run && (!ack || run->first_us <= ack->answered_us))
		add(m->v, "promotion", run->first_us,
		    xasprintf("%s answered as a primary that takes writes",
		              intern_text(&m->members, run->member)));
	else if (ack)
		add(m->v, "promotion", ack->answered_us,
		    xasprintf("%s acked its first write", server_name(m, ack->server)));
	else
		add(m->v, "promotion", -1,
		    xstrdup(looked ? "unknown: no member began to be primary after the "
		                     "fault"
		                   : "unknown: no member was asked for its role"));
}

static const struct model_probe *probe_of(const struct model *m, const char *endpoint)
{
	for (size_t i = 0; i < m->v->probe_count; i++) {
		if (m->v->probes[i].endpoint == endpoint)
			return &m->probes[i];
	}
	return NULL;
}

/* The first ack of the outage's endpoint, from its beginning, by the server that ended
 * it. */
static const struct attempt *first_of_last_server(const struct model_probe *p,
                                                  const struct outage *o)
{
	int64_t end = o->start_us + o->length.us;
	const struct attempt *first = NULL;
	uint8_t server = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct attempt *a = &p->attempts[i];

		if (is_key_ack(a) && a->scheduled_us >= o->start_us &&
		    a->answered_us == end)
			server = a->server;
	}
	for (size_t i = 0; i < p->count && !first; i++) {
		const struct attempt *a = &p->attempts[i];

		if (is_key_ack(a) && a->scheduled_us >= o->start_us &&
		    a->server == server)
			first = a;
	}
	return first;
}

static void find_rerouting(struct model *m, const struct outage *o)
{
	const struct model_probe *p = o ? probe_of(m, o->endpoint) : NULL;
	const struct attempt *ack = o && o->recovered ? first_of_last_server(p, o) : NULL;
	const struct connection *found = NULL;

	if (!ack) {
		add(m->v, "rerouting", -1,
		    xstrdup(o ? "unknown: no recovery was seen" : "none: no outage"));
		return;
	}
	for (size_t i = 0; i < p->connection_count; i++) {
		const struct connection *c = &p->connections[i];

		if (c->t_us >= o->start_us && c->t_us <= ack->answered_us &&
		    (!found || c->t_us > found->t_us))
			found = c;
	}
	if (!found)
		add(m->v, "rerouting", -1,
		    xstrdup("none: the session outlived the outage"));
	else
		add(m->v, "rerouting", found->t_us,
		    xasprintf("%s gave a session that acked%s%s", o->endpoint,
		              ack->server ? ", to " : "", server_name(m, ack->server)));
}

static void find_reconnection(struct model *m, const struct outage *o)
{
	if (o && o->recovered)
		add(m->v, "reconnection", o->start_us + o->length.us,
		    xasprintf("the client's ack through %s", o->endpoint));
	else
		add(m->v, "reconnection", -1,
		    xstrdup(o ? "unknown: no recovery was seen" : "none: no outage"));
}

static void find_redundancy(struct model *m)
{
	struct verdict *v = m->v;

	if (v->redundancy_restored)
		add(v, "redundancy", v->fault.injected_us + v->redundancy_us,
		    xstrdup("all members stream again"));
	else
		add(v, "redundancy", -1,
		    v->redundancy_why ? xasprintf("not restored: %s", v->redundancy_why)
		                      : xstrdup("unknown: it was not looked at"));
}

void find_boundaries(struct model *m)
{
	const struct outage *o = rto_outage(m->v);

	if (!m->v->fault.injected)
		return;
	m->v->boundaries = xcalloc(5, sizeof m->v->boundaries[0]);
	find_detection(m);
	find_promotion(m);
	find_rerouting(m, o);
	find_reconnection(m, o);
	find_redundancy(m);
}
