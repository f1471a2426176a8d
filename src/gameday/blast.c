#include "gameday/blast.h"

#include "base/str.h"

#include <stdlib.h>

struct blast {
	const struct scenario *scenario;
	const struct inventory *inv;
	const struct ha_view *view;
	const struct fault_target *target;
	const struct host *host;
	struct err *err;
};

static size_t count_running(const struct inventory *inv, const char *service)
{
	size_t n = 0;

	for (size_t i = 0; i < inv->host_count; i++)
		n += host_runs(&inv->hosts[i], service);
	return n;
}

static bool check_hosts(const struct blast *b)
{
	if (b->scenario->blast_radius.hosts >= 1)
		return true;
	return err_set(b->err, "blast_radius.hosts allows no host at all");
}

static bool check_never(const struct blast *b)
{
	const char *word = target_in_never(b->host, b->inv, b->view,
	                                   &b->scenario->blast_radius.never);

	if (!word)
		return true;
	err_set(b->err, "%s is never hit (\"%s\")", b->host->name, word);
	return err_hint(b->err, "see blast_radius.never in the scenario");
}

/* Two faults at once are not what the scenario says, whoever made the first one. */
static bool check_others_up(const struct blast *b)
{
	const struct ha_view *view = b->view;

	for (size_t i = 0; view && i < view->member_count; i++) {
		const struct ha_member *m = &view->members[i];

		if (ha_member_is_up(m))
			continue;
		err_set(b->err, "%s is down already: the manager says \"%s\"", m->name,
		        m->state ? m->state : "");
		return err_hint(b->err,
		                "repair it first; no fault while a member is down");
	}
	for (size_t i = 0; view && view->member_count && i < b->inv->host_count; i++) {
		const struct host *host = &b->inv->hosts[i];

		if (!host_runs(host, "postgres") || target_member_on(b->inv, view, host))
			continue;
		err_set(b->err, "%s is down already: the manager does not know it",
		        host->name);
		return err_hint(b->err,
		                "repair it first; no fault while a member is down");
	}
	return true;
}

/* Does it take everything on the host with it, or what it runs beside the database? */
static bool hits_dcs(const struct blast *b)
{
	return host_runs(b->host, "etcd") &&
	       ((fault_needs(b->scenario->fault) & NEEDS_HOST) ||
	        str_eq(b->target->role, "dcs_member"));
}

static bool check_dcs(const struct blast *b)
{
	size_t all = count_running(b->inv, "etcd");

	if (!hits_dcs(b) || all - 1 >= all / 2 + 1)
		return true;
	err_set(b->err, "%s runs etcd, and without it %zu of %zu members are no majority",
	        b->host->name, all - 1, all);
	return err_hint(b->err,
	                "blast_radius.keep_quorum asks for a majority of etcd; three "
	                "members bear the loss of one");
}

static bool hits_database(const struct blast *b)
{
	return b->target->member &&
	       (fault_needs(b->scenario->fault) & (NEEDS_MEMBER | NEEDS_HOST | NEEDS_HA));
}

static bool check_standby(const struct blast *b)
{
	const struct ha_view *view = b->view;

	if (!view || !hits_database(b) || !str_eq(view->leader, b->target->member))
		return true;
	for (size_t i = 0; i < view->member_count; i++) {
		const struct ha_member *m = &view->members[i];

		if (!str_eq(m->name, b->target->member) && ha_member_is_up(m))
			return true;
	}
	err_set(b->err, "%s is the primary, and no healthy standby is there",
	        b->target->member);
	return err_hint(b->err, "blast_radius.keep_quorum asks for one");
}

bool blast_allows(const struct scenario *scenario, const struct inventory *inv,
                  const struct ha_view *view, const struct fault_target *target,
                  struct err *err)
{
	struct blast b = { scenario, inv, view, target, NULL, err };

	if (!check_hosts(&b))
		return false;
	if (!target->host) /* a fault without a target hits nothing by itself */
		return check_others_up(&b);
	b.host = inventory_host(inv, target->host);
	if (!b.host)
		return err_set(err, "%s is no host of the cluster file", target->host);
	if (!check_never(&b) || !check_others_up(&b))
		return false;
	return !scenario->blast_radius.keep_quorum ||
	       (check_dcs(&b) && check_standby(&b));
}
