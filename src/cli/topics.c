/* What help, manual and documentation say besides the verbs. */
#include "cli/help.h"

const struct exit_code_doc exit_code_docs[] = {
	{ EXIT_PASS, "pass", "the objectives were kept, or what was asked for was done" },
	{ EXIT_MISSED, "objective missed",
	  "an outage was longer than its objective, or an acknowledged row was lost" },
	{ EXIT_INCONCLUSIVE, "inconclusive",
	  "it cannot be known: fault not confirmed, audit incomplete, error bar across "
	  "the "
	  "objective" },
	{ EXIT_ABORTED, "aborted and healed",
	  "stopped before its end by a signal or an abort condition; nothing is left "
	  "broken" },
	{ EXIT_NOT_HEALED, "not healed",
	  "something is still broken; see `pgmonkey heal`" },
	{ EXIT_REFUSED, "refused",
	  "nothing was touched: not allowed, not steady, locked, outside of the window, "
	  "or not "
	  "to be reached" },
	{ EXIT_BAD_USAGE, "usage", "the command line is wrong" },
	{ EXIT_BAD_FILE, "bad file",
	  "a cluster, scenario or game day file or a ledger is wrong" },
	{ 0, NULL, NULL },
};

const struct variable_doc variable_docs[] = {
	{ "PGMONKEY_STATE_DIR", "the state directory, where --state-dir is not given" },
	{ "XDG_STATE_HOME",
	  "its parent otherwise (~/.local/state), for everyone but root" },
	{ "NO_COLOR", "no colour, if set to anything" },
	{ "JOURNAL_STREAM", "set by systemd: log lines begin with their priority" },
	{ "SSH_AUTH_SOCK", "the SSH agent that is asked where no key file is named" },
	{ NULL, NULL },
};

const struct help_topic help_topics[] = {
	{ "files", "cluster, scenario and game day files, ledgers and locks",
	  "Files are JSON and told apart by their first key. Keys that are "
	  "unknown or stand twice are errors; every number's key carries its "
	  "unit. `pgmonkey schema` prints a JSON Schema for each, `pgmonkey check "
	  "--offline` checks them.\n"
	  "\n"
	  "A cluster file (first key \"cluster\") says what there is: hosts, "
	  "endpoints, the HA manager, how to log in, what the cluster promises, "
	  "and whether it may be broken at all (\"chaos\": \"allowed\"). "
	  "`pgmonkey init URL` writes a first one.\n"
	  "\n"
	  "A scenario (first key \"experiment\") is one experiment that fits any "
	  "cluster: it names roles, not hosts.\n"
	  "\n"
	  "    {\n"
	  "      \"experiment\": \"reboot the primary's host\",\n"
	  "      \"hypothesis\": { \"rto_seconds\": 60, \"rpo_rows\": 0 },\n"
	  "      \"fault\": { \"reboot_host\": { \"target\": \"primary\" } }\n"
	  "    }\n"
	  "\n"
	  "A game day (first key \"game_day\") names scenarios with weights, how "
	  "many to play, the pauses between, the window in which it may, and a "
	  "seed.\n"
	  "\n"
	  "A ledger is what an experiment leaves: JSON lines, append-only. "
	  "Verdict and report are computed from it alone. It holds no secrets.\n"
	  "\n"
	  "The state directory has one directory for each cluster: its ledgers "
	  "(*.jsonl), the lock that a run holds while it is under way (lock), and "
	  "the name of the ledger that may have a fault open (current). It is "
	  "--state-dir, else $PGMONKEY_STATE_DIR, else /var/lib/pgmonkey for root "
	  "and ~/.local/state/pgmonkey for others. Nothing in it needs to be "
	  "removed by hand: the lock goes with the process that holds it.\n" },
	{ "exit-codes", "what the program exits with", "" },
	{ NULL, NULL, NULL },
};
