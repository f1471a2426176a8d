/* HEAL: in the run itself, and later from its ledger by another process. */
#include "gameday/run.h"

#include "base/log.h"
#include "ledger/reader.h"

#include <stdlib.h>

#define HEAL_EVERY (500 * NSEC_PER_MSEC)
#define HEAL_LIMIT 180.0 /* seconds that `pgmonkey heal` tries one fault */

static void write_healed(struct ledger *ledger, const struct fault *f, bool healed,
                         const struct err *err)
{
	ledger_begin(ledger, healed ? "healed" : "not_healed");
	ledger_string(ledger, "fault", f->type->name);
	if (healed) {
		ledger_string(ledger, "evidence", f->evidence);
		ledger_string(ledger, "lacking", f->lacking);
	} else {
		ledger_string(ledger, "why", err->message);
		ledger_string(ledger, "hint", err->hint[0] ? err->hint : NULL);
	}
	ledger_end(ledger);
}

bool heal_fault(struct loop *loop, struct ledger *ledger, struct fault *fault,
                nsec_t until, struct err *err)
{
	struct err sync;
	bool healed;

	*err = (struct err){ 0 };
	/* The evidence of CONFIRM is in the ledger; from here on it is that of the heal. */
	free(fault->evidence);
	fault->evidence = NULL;
	for (;;) {
		healed = fault->type->heal(fault, err);
		if (healed || loop_now(loop) >= until || loop_has_quit(loop))
			break;
		loop_sleep(loop, loop_now(loop) + HEAL_EVERY);
	}
	write_healed(ledger, fault, healed, err);
	if (!ledger_sync(ledger, &sync))
		log_error("%s", sync.message);
	return healed;
}

bool phase_heal(struct run *run, struct err *err)
{
	nsec_t until = run_after(run, run->scenario->settle.limit_seconds);

	run->healed = heal_fault(run->loop, run->ledger, run->fault, until, err);
	if (run->healed) {
		log_info("healed: %s", run->fault->evidence ? run->fault->evidence : "");
		if (run->fault->lacking)
			log_warning("%s is back, but %s", run->fault->target.host,
			            run->fault->lacking);
		return true;
	}
	err_prefix(err, "%s is not healed", run->fault->type->name);
	return err_hint(err, "try again with: pgmonkey heal %s",
	                ledger_path(run->ledger));
}

/* ---- pgmonkey heal LEDGER ---------------------------------------------------------- */

/* What is needed to reach a cluster again from its ledger. */
struct healer {
	struct cluster *cluster;
	struct loop *loop;
	struct http *http;
	struct ha *ha;
	struct remotes remotes;
};

static bool healer_open(struct healer *h, const cJSON *run, const char *path,
                        struct err *err)
{
	h->cluster = cluster_from_ledger(json_get(run, "cluster_file"), path, err);
	if (!h->cluster)
		return false;
	h->loop = loop_new(clock_system());
	h->http = http_new(h->loop);
	h->remotes = remotes_of(h->loop, &h->cluster->inventory);
	h->ha = ha_new(&h->cluster->inventory, h->loop, h->http, err);
	return h->ha != NULL;
}

static void healer_close(struct healer *h)
{
	if (!h->cluster)
		return;
	ha_free(h->ha);
	remotes_free(&h->remotes);
	http_free(h->http);
	loop_free(h->loop);
	cluster_free(h->cluster);
}

static bool heal_one(struct healer *h, struct ledger *ledger, const struct unhealed *open,
                     struct buf *said)
{
	struct lender lender = { &h->remotes, h->ha };
	nsec_t until = loop_now(h->loop) + seconds_to_nsec(HEAL_LIMIT);
	struct fault *fault = NULL;
	struct pg_target *member = NULL;
	struct err err = { 0 };
	bool healed = fault_from_intent(open->intent, &fault, &err);

	if (healed) {
		/* Without a connection to the member much can still be undone. */
		if (!fault_lend(fault, &lender, &member, &err))
			log_warning("%s", err.message);
		healed = heal_fault(h->loop, ledger, fault, until, &err);
	}
	if (healed)
		buf_printf(said, "healed: %s: %s%s%s\n", open->fault,
		           fault->evidence ? fault->evidence : "nothing was left to undo",
		           fault->lacking ? "; but " : "",
		           fault->lacking ? fault->lacking : "");
	else
		buf_printf(said, "NOT healed: %s: %s%s%s\n", open->fault, err.message,
		           err.hint[0] ? "\n  hint: " : "", err.hint);
	fault_free(fault);
	pg_target_free(member);
	return healed;
}

bool heal_ledger(const char *path, struct buf *said, struct err *err)
{
	struct open_faults open = { 0 };
	struct healer healer = { 0 };
	struct ledger *ledger = NULL;
	bool healed = false;

	if (!ledger_find_unhealed(path, &open, err))
		return false;
	if (open.count == 0) {
		buf_printf(said, "nothing to heal: %s has no fault open\n", path);
		healed = true;
	} else if (healer_open(&healer, open.run, path, err)) {
		ledger = ledger_reopen(path, clock_system(), err);
		healed = ledger != NULL;
		for (size_t i = open.count; ledger && i-- > 0;)
			healed &= heal_one(&healer, ledger, &open.items[i], said);
		ledger_close(ledger);
		if (ledger && !healed)
			err_set(err, "not everything is healed");
	}
	healer_close(&healer);
	open_faults_free(&open);
	return healed;
}
