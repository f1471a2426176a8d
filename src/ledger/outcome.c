#include "ledger/outcome.h"

#include "base/str.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
	[OUTCOME_ACKED] = "acked",       [OUTCOME_ACKED_WEAK] = "acked_weak",
	[OUTCOME_REFUSED] = "refused",   [OUTCOME_IN_DOUBT] = "in_doubt",
	[OUTCOME_NOT_SENT] = "not_sent",
};

#define NAMES (sizeof names / sizeof names[0])

const char *outcome_name(enum outcome outcome)
{
	return names[outcome];
}

bool outcome_parse(const char *name, enum outcome *outcome)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (str_eq(name, names[i])) {
			*outcome = (enum outcome)i;
			return true;
		}
	}
	return false;
}

/*
 * What a statement in its own transaction came to, once it was sent.  In doubt is the
 * answer wherever the commit may have been written before the error: losing a row that
 * was "refused" would go unseen, and so would one that came back.
 *
 * An ERROR is raised outside the commit's critical section, and the server rolls the
 * transaction back before it says so; an error inside that section is a PANIC.  A FATAL
 * ends the session at any place where interrupts are served, which may be behind the
 * commit and before its answer.
 */
const struct outcome_rule outcome_rules[] = {
	/* Nobody answered. */
	{ "", NULL, NULL, OUTCOME_IN_DOUBT, "network",
	  "socket error, end of file or deadline: the server may have committed without "
	  "being "
	  "able to say so" },

	/*
	 * PgBouncer gives all its own errors as FATAL 08P01 (send_pooler_error() in
	 * proto.c). These are said to clients that wait for a server (check_fast_fail()
	 * in objects.c, pool_client_maint() in janitor.c) …
	 */
	{ "08P01", NULL, "server login has been failing", OUTCOME_REFUSED, "PgBouncer",
	  "no server connection could be opened, the statement still stood in the "
	  "queue" },
	{ "08P01", NULL, "query_wait_timeout", OUTCOME_REFUSED, "PgBouncer",
	  "waited for a server connection in vain, no server has seen the statement" },
	{ "08P01", NULL, "query_timeout", OUTCOME_REFUSED, "PgBouncer",
	  "the age limit of a client that still waits for a server; one that runs is "
	  "ended by "
	  "\"query timeout\", with a space" },
	{ "08P01", NULL, "client_login_timeout", OUTCOME_REFUSED, "PgBouncer",
	  "the login was not over, no server has seen the statement" },
	{ "08P01", NULL, "client_idle_timeout", OUTCOME_REFUSED, "PgBouncer",
	  "said to a client without a server connection before its statement was read" },
	{ "08P01", NULL, "no more connections allowed", OUTCOME_REFUSED, "PgBouncer",
	  "the login was turned away (max_client_conn)" },
	{ "08P01", NULL, "server login failed", OUTCOME_REFUSED, "PgBouncer",
	  "said to clients whose login still waits for a first server connection" },
	{ "08P01", NULL, "no such database", OUTCOME_REFUSED, "PgBouncer",
	  "the login was turned away" },
	{ "08P01", NULL, "pause failed", OUTCOME_REFUSED, "PgBouncer",
	  "the client could not be put into the queue, no server has seen the "
	  "statement" },
	/* … and these to one whose statement a server was given (disconnect_server()). */
	{ "08P01", NULL, "server conn crashed", OUTCOME_IN_DOUBT, "PgBouncer",
	  "the server's connection ended while it had the statement" },
	{ "08P01", NULL, "query timeout", OUTCOME_IN_DOUBT, "PgBouncer",
	  "the server had the statement and was left alone with it" },
	{ "08P01", NULL, NULL, OUTCOME_IN_DOUBT, "PgBouncer",
	  "the message does not tell whether a server had the statement" },

	/* Connections. */
	{ "08***", NULL, NULL, OUTCOME_IN_DOUBT, "network",
	  "the connection failed under the statement, or its end is said to be unknown "
	  "(08007)" },
	{ "28***", NULL, NULL, OUTCOME_REFUSED, "server",
	  "the login was turned away, no statement has run" },
	{ "3D000", NULL, NULL, OUTCOME_REFUSED, "server",
	  "the login was turned away: no such database" },
	{ "53300", NULL, NULL, OUTCOME_REFUSED, "server",
	  "too many connections: the login was turned away" },
	{ "57P03", NULL, NULL, OUTCOME_REFUSED, "server",
	  "starting up, shutting down or in recovery: the login was turned away" },
	{ "57P05", NULL, NULL, OUTCOME_REFUSED, "server",
	  "idle_session_timeout strikes while no statement has been read" },
	{ "25P03", NULL, NULL, OUTCOME_REFUSED, "server",
	  "idle_in_transaction_session_timeout strikes within a transaction: not "
	  "committed" },

	/* Shutdowns, whatever the severity: a crash is told in a WARNING. */
	{ "57P01", NULL, NULL, OUTCOME_IN_DOUBT, "server",
	  "shut down while the statement ran: perhaps behind its commit, and surely so "
	  "while "
	  "it waited for a standby" },
	{ "57P02", NULL, NULL, OUTCOME_IN_DOUBT, "server",
	  "another process crashed: the session ends at any point, behind the commit "
	  "too" },
	{ "57P04", NULL, NULL, OUTCOME_IN_DOUBT, "server",
	  "the database was dropped: the session ends at any point" },
	{ "40003", NULL, NULL, OUTCOME_IN_DOUBT, "server",
	  "statement_completion_unknown: the server says itself that it does not know" },

	/* Answers that only a member gives which can't commit at all. */
	{ "25006", NULL, NULL, OUTCOME_REFUSED, "server",
	  "read-only: a standby, or a primary that was told to take no writes" },
	{ "40001", "FATAL", "conflict with recovery", OUTCOME_REFUSED, "server",
	  "only a standby ends sessions for its recovery, and nothing commits there" },

	/* A PANIC may be raised behind the commit record: WAL written, flush failed. */
	{ "*****", "PANIC", NULL, OUTCOME_IN_DOUBT, "server",
	  "PANIC: raised while the commit was being written, which may have reached the "
	  "disk" },

	/* ERRORs by class, for documentation; the last row of them would do. */
	{ "22***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "data exception: rolled back" },
	{ "23***", "ERROR", NULL, OUTCOME_REFUSED, "server", "constraint: rolled back" },
	{ "25***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "transaction in a state that forbids it: rolled back" },
	{ "40***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "serialization failure or deadlock: rolled back" },
	{ "42***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "no such table, no permission, syntax: nothing was done" },
	{ "53***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "out of disk, memory or slots: rolled back" },
	{ "55***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "object in use or lock not available: rolled back" },
	{ "57014", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "canceled before its commit: a cancel behind it is the warning 01000 of an "
	  "ack" },
	{ "58***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "I/O error outside the commit: rolled back" },
	{ "XX***", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "internal error or corruption outside the commit: rolled back" },
	{ "*****", "ERROR", NULL, OUTCOME_REFUSED, "server",
	  "ERROR: the server rolls back before it answers" },

	/* FATAL, WARNING, or a severity that nobody told. */
	{ "*****", NULL, NULL, OUTCOME_IN_DOUBT, "server",
	  "the session ended, and its commit may have been before that" },
	{ NULL, NULL, NULL, OUTCOME_IN_DOUBT, NULL, NULL },
};

/* "28***" fits "28P01"; "" fits only "". */
static bool fits(const char *pattern, const char *sqlstate)
{
	for (; *pattern && *sqlstate; pattern++, sqlstate++) {
		if (*pattern != '*' && *pattern != *sqlstate)
			return false;
	}
	return *pattern == *sqlstate;
}

static bool rule_fits(const struct outcome_rule *rule, const char *sqlstate,
                      const char *severity, const char *message)
{
	return fits(rule->sqlstate, sqlstate) &&
	       (!rule->severity || str_eq(rule->severity, severity)) &&
	       (!rule->message || (message && strstr(message, rule->message)));
}

const struct outcome_rule *outcome_rule_of(const char *sqlstate, const char *severity,
                                           const char *message)
{
	for (const struct outcome_rule *rule = outcome_rules; rule->sqlstate; rule++) {
		if (rule_fits(rule, sqlstate ? sqlstate : "", severity, message))
			return rule;
	}
	return NULL;
}

enum outcome outcome_of_error(enum moment moment, const char *sqlstate,
                              const char *severity, const char *message)
{
	const struct outcome_rule *rule;

	if (moment == MOMENT_CONNECTING)
		return OUTCOME_REFUSED;
	if (moment == MOMENT_UNSENT)
		return OUTCOME_NOT_SENT;
	rule = outcome_rule_of(sqlstate, severity, message);
	return rule ? rule->sent : OUTCOME_IN_DOUBT;
}

/*
 * The text is in the language of lc_messages: what its translations in PostgreSQL's
 * catalogues have in common is the word for "synchronous".
 */
static const char *const synchronous[] = {
	"synchron", "synkron", "sincron", "síncron", "senkron",
	"синхрон",  "სინქრონ", "同期",    "同步",    "동기",
};

bool outcome_is_weak_warning(const char *sqlstate, const char *message)
{
	/* 57P01: the wait was ended by a shutdown, which is told in a WARNING too. */
	if (!str_eq(sqlstate, "01000") && !str_eq(sqlstate, "57P01"))
		return false;
	for (size_t i = 0; message && i < sizeof synchronous / sizeof synchronous[0];
	     i++) {
		if (strstr(message, synchronous[i]))
			return true;
	}
	return false;
}
