/* The table of outcomes, walked through, and the answers that a verdict hangs on. */
#include "base/str.h"
#include "ledger/outcome.h"
#include "tap.h"

static const struct {
	const char *sqlstate, *severity, *message;
	enum outcome want;
} cases[] = {
	{ "", "", "server closed the connection unexpectedly", OUTCOME_IN_DOUBT },
	{ "", NULL, NULL, OUTCOME_IN_DOUBT },
	{ NULL, NULL, NULL, OUTCOME_IN_DOUBT },
	/* PgBouncer 1.18's own texts, and a later one with the cached error. */
	{ "08P01", "FATAL",
	  "server login has been failing, try again later (server_login_retry)",
	  OUTCOME_REFUSED },
	{ "08P01", "FATAL",
	  "server login has been failing, cached error: connect failed "
	  "(server_login_retry)",
	  OUTCOME_REFUSED },
	{ "08P01", "FATAL", "query_wait_timeout", OUTCOME_REFUSED },
	{ "08P01", "FATAL", "query_timeout", OUTCOME_REFUSED },
	{ "08P01", "FATAL", "query timeout", OUTCOME_IN_DOUBT },
	{ "08P01", "FATAL", "client_login_timeout (server down)", OUTCOME_REFUSED },
	{ "08P01", "FATAL", "client_idle_timeout", OUTCOME_REFUSED },
	{ "08P01", "FATAL", "no more connections allowed (max_client_conn)",
	  OUTCOME_REFUSED },
	{ "08P01", "FATAL", "server login failed: wrong password type", OUTCOME_REFUSED },
	{ "08P01", "FATAL", "no such database: app", OUTCOME_REFUSED },
	{ "08P01", "FATAL", "pause failed", OUTCOME_REFUSED },
	{ "08P01", "FATAL", "server conn crashed?", OUTCOME_IN_DOUBT },
	{ "08P01", "FATAL", "server_lifetime", OUTCOME_IN_DOUBT },
	{ "08P01", "ERROR", "invalid message format", OUTCOME_IN_DOUBT },
	{ "08006", "FATAL", "connection failure", OUTCOME_IN_DOUBT },
	{ "08007", "ERROR", "transaction resolution unknown", OUTCOME_IN_DOUBT },
	/* Turned away. */
	{ "28P01", "FATAL", "password authentication failed", OUTCOME_REFUSED },
	{ "28000", "FATAL", "no pg_hba.conf entry", OUTCOME_REFUSED },
	{ "3D000", "FATAL", "database does not exist", OUTCOME_REFUSED },
	{ "53300", "FATAL", "sorry, too many clients already", OUTCOME_REFUSED },
	{ "57P03", "FATAL", "the database system is starting up", OUTCOME_REFUSED },
	{ "57P05", "FATAL", "terminating connection due to idle-session timeout",
	  OUTCOME_REFUSED },
	{ "25P03", "FATAL", "idle-in-transaction timeout", OUTCOME_REFUSED },
	/* Shut down under the statement. */
	{ "57P01", "FATAL", "terminating connection due to administrator command",
	  OUTCOME_IN_DOUBT },
	{ "57P01", "WARNING", "terminating connection due to immediate shutdown command",
	  OUTCOME_IN_DOUBT },
	{ "57P02", "WARNING", "terminating connection because of crash",
	  OUTCOME_IN_DOUBT },
	{ "57P04", "FATAL", "database was dropped", OUTCOME_IN_DOUBT },
	{ "40003", "ERROR", "statement completion unknown", OUTCOME_IN_DOUBT },
	/* Never able to commit. */
	{ "25006", "ERROR", "cannot execute INSERT in a read-only transaction",
	  OUTCOME_REFUSED },
	{ "40001", "FATAL", "terminating connection due to conflict with recovery",
	  OUTCOME_REFUSED },
	{ "40001", "FATAL", "something else", OUTCOME_IN_DOUBT },
	/* ERROR: rolled back. FATAL and PANIC: perhaps behind the commit. */
	{ "40001", "ERROR", "could not serialize access", OUTCOME_REFUSED },
	{ "40P01", "ERROR", "deadlock detected", OUTCOME_REFUSED },
	{ "22001", "ERROR", "value too long", OUTCOME_REFUSED },
	{ "23505", "ERROR", "duplicate key", OUTCOME_REFUSED },
	{ "25P02", "ERROR", "transaction is aborted", OUTCOME_REFUSED },
	{ "42P01", "ERROR", "relation does not exist", OUTCOME_REFUSED },
	{ "53100", "ERROR", "disk full", OUTCOME_REFUSED },
	{ "53100", "PANIC", "could not write WAL", OUTCOME_IN_DOUBT },
	{ "55P03", "ERROR", "lock not available", OUTCOME_REFUSED },
	{ "57014", "ERROR", "canceling statement due to statement timeout",
	  OUTCOME_REFUSED },
	{ "58030", "ERROR", "I/O error", OUTCOME_REFUSED },
	{ "58030", "PANIC", "could not fsync", OUTCOME_IN_DOUBT },
	{ "58P01", "FATAL", "could not open file", OUTCOME_IN_DOUBT },
	{ "XX000", "ERROR", "cache lookup failed", OUTCOME_REFUSED },
	{ "XX000", "FATAL", "internal error", OUTCOME_IN_DOUBT },
	{ "XX001", "PANIC", "corrupt", OUTCOME_IN_DOUBT },
	{ "P0001", "ERROR", "raised", OUTCOME_REFUSED },
	{ "P0001", NULL, "raised", OUTCOME_IN_DOUBT },
	{ "25P04", "FATAL", "transaction timeout", OUTCOME_IN_DOUBT },
	{ "123", "ERROR", "no SQLSTATE", OUTCOME_IN_DOUBT },
};

#define CASES (sizeof cases / sizeof cases[0])

static void test_cases(void)
{
	char what[200];

	for (size_t i = 0; i < CASES; i++) {
		enum outcome got = outcome_of_error(MOMENT_SENT, cases[i].sqlstate,
		                                    cases[i].severity, cases[i].message);

		snprintf(what, sizeof what, "%s %s %s",
		         cases[i].sqlstate ? cases[i].sqlstate : "-",
		         cases[i].severity ? cases[i].severity : "-",
		         cases[i].message ? cases[i].message : "-");
		is_str(outcome_name(got), outcome_name(cases[i].want), what);
		is_int(outcome_of_error(MOMENT_CONNECTING, cases[i].sqlstate,
		                        cases[i].severity, cases[i].message),
		       OUTCOME_REFUSED, "refused while connecting");
		is_int(outcome_of_error(MOMENT_UNSENT, cases[i].sqlstate,
		                        cases[i].severity, cases[i].message),
		       OUTCOME_NOT_SENT, "not sent while unsent");
	}
}

/* An SQLSTATE, severity and message that a row asks for. */
static enum outcome ask(const struct outcome_rule *rule)
{
	char sqlstate[6];

	snprintf(sqlstate, sizeof sqlstate, "%s", rule->sqlstate);
	for (char *p = sqlstate; *p; p++)
		*p = *p == '*' ? '9' : *p;
	return outcome_of_error(MOMENT_SENT, sqlstate,
	                        rule->severity ? rule->severity : "LOG",
	                        rule->message ? rule->message : "");
}

static void test_table(void)
{
	size_t rows = 0;

	for (const struct outcome_rule *rule = outcome_rules; rule->sqlstate;
	     rule++, rows++) {
		size_t len = strlen(rule->sqlstate);

		ok(len == 0 || len == 5, "an SQLSTATE has five characters");
		ok(rule->why && strlen(rule->why) > 10, rule->why);
		ok(str_eq(rule->who, "server") || str_eq(rule->who, "PgBouncer") ||
		           str_eq(rule->who, "network"),
		   "somebody says it");
		ok(rule->sent == OUTCOME_REFUSED || rule->sent == OUTCOME_IN_DOUBT,
		   "an error is refused or in doubt");
		is_int(ask(rule), rule->sent, "no earlier row hides this one");
	}
	ok(rows > 30, "the table is there");
}

static void test_weak(void)
{
	ok(outcome_is_weak_warning(
		   "01000",
		   "canceling wait for synchronous replication due to user request"),
	   "English");
	ok(outcome_is_weak_warning("01000",
	                           "storniere Warten auf synchrone Replikation wegen "
	                           "Benutzeraufforderung"),
	   "German");
	ok(outcome_is_weak_warning(
		   "57P01",
		   "canceling the wait for synchronous replication and terminating "
		   "connection due to administrator command"),
	   "ended by a shutdown");
	ok(!outcome_is_weak_warning("01000",
	                            "nonstandard use of \\\\ in a string literal"),
	   "another warning");
	ok(!outcome_is_weak_warning("01000", NULL), "a warning without text");
	ok(!outcome_is_weak_warning("00000", "synchronous"), "a notice");
}

static void test_names(void)
{
	enum outcome outcome;

	for (int i = OUTCOME_ACKED; i <= OUTCOME_NOT_SENT; i++) {
		ok(outcome_parse(outcome_name((enum outcome)i), &outcome) &&
		           (int)outcome == i,
		   outcome_name((enum outcome)i));
	}
	ok(!outcome_parse("maybe", &outcome), "no such outcome");
	ok(!outcome_parse(NULL, &outcome), "none");
}

int main(void)
{
	test_cases();
	test_table();
	test_weak();
	test_names();
	return done_testing();
}
