#include "cli/stage.h"

#include "base/str.h"
#include "cli/output.h"
#include "cli/signals.h"

#include <stdlib.h>
#include <string.h>

int stage_open(struct stage *s, const struct invocation *inv,
               const struct cluster *cluster, const char *what)
{
	struct err err = { 0 };
	bool busy = false;

	s->cluster = cluster;
	s->one_line = s->unattended || inv->quiet;
	if (!state_open(&s->state, inv->state_dir, cluster->inventory.cluster, &err)) {
		s->state.lock_fd = -1; /* nothing to close */
		say_err(&err);
		return EXIT_REFUSED;
	}
	if (!state_lock(&s->state, what, &busy, &err)) {
		if (busy && s->one_line)
			err.hint[0] = '\0';
		say_err(&err);
		return EXIT_REFUSED;
	}
	signals_install();
	live_start(&s->live, inv->quiet || s->unattended);
	return EXIT_PASS;
}

void stage_close(struct stage *s)
{
	live_stop(&s->live);
	signals_set_ledger(NULL);
	if (s->state.directory)
		state_close(&s->state);
	strings_free(&s->ledgers);
}

static void say_not_healed(const char *ledger)
{
	char *quoted = str_shell_quote(ledger);

	say_coloured(stderr, "31", "NOT HEALED");
	say(stderr, ": heal it with: pgmonkey heal %s\n",
	    strpbrk(ledger, " \t\n'\"\\$&;|<>()*?[]#~`!{}") ? quoted : ledger);
	free(quoted);
}

static void say_refused(const struct stage *s, const struct scenario *scenario, int code,
                        const struct err *err)
{
	if (code == EXIT_BAD_FILE)
		say_file_err(err);
	else if (s->one_line)
		say(stderr, "pgmonkey: %s: %s: refused: %s%s%s\n",
		    s->cluster->inventory.cluster, scenario->experiment, err->message,
		    err->hint[0] ? "; " : "", err->hint);
	else
		say_err(err);
}

int stage_play(struct stage *s, const struct scenario *scenario,
               struct run_options options)
{
	struct observer observer = live_observer(&s->live);
	struct run_result result = { 0 };
	struct err err = { 0 };
	char *fresh =
		options.ledger ? NULL : state_new_ledger(&s->state, scenario->experiment);
	bool played;
	int code;

	if (fresh)
		options.ledger = fresh;
	signals_set_ledger(options.ledger);
	options.observer = &observer;
	played = experiment_run(s->cluster, scenario, &s->state, &options, &result, &err);
	live_hide(&s->live);
	code = (int)result.exit;
	if (!played) {
		code = code == EXIT_PASS ? EXIT_REFUSED : code;
		say_refused(s, scenario, code, &err);
	}
	if (result.dry_run)
		say(stdout, "%s", result.dry_run);
	if (result.ledger)
		strings_add(&s->ledgers, result.ledger);
	if (code == EXIT_NOT_HEALED)
		say_not_healed(result.ledger ? result.ledger : options.ledger);
	signals_set_ledger(NULL);
	run_result_free(&result);
	free(fresh);
	return code;
}
