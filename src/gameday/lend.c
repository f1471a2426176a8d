/* What a fault is lent to reach its target: in a run, in a check, and for a late heal. */
#include "gameday/run.h"

bool fault_lend(struct fault *fault, const struct lender *lender,
                struct pg_target **member, struct err *err)
{
	const struct inventory *inv = lender->remotes->inventory;
	const struct host *host =
		fault->target.host ? inventory_host(inv, fault->target.host) : NULL;

	*member = NULL;
	fault->inventory = inv;
	fault->loop = lender->remotes->loop;
	fault->ha = lender->ha;
	if (host && (fault_needs(fault) & NEEDS_SSH))
		fault->remote = remotes_get(lender->remotes, host->name);
	if (host && host_runs(host, "postgres")) {
		*member = member_target(inv, host, err);
		if (!*member)
			return false;
	}
	fault->member_target = *member;
	return true;
}
