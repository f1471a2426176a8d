/* Versions, and the settings on which durability rests, as the cluster tells them. */
#include "gameday/run.h"

#include "base/log.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define ASK (5 * NSEC_PER_SEC)

static const char *const settings[] = {
	"fsync",
	"full_page_writes",
	"synchronous_commit",
	"synchronous_standby_names",
	"data_checksums",
	"wal_level",
	"wal_log_hints",
	NULL,
};

static void fact(struct run *run, const char *about, const char *name, const char *value,
                 const char *when)
{
	ledger_begin(run->ledger, "fact");
	ledger_string(run->ledger, "about", about);
	ledger_string(run->ledger, "name", name);
	ledger_string(run->ledger, "value", value);
	ledger_string(run->ledger, "when", when);
	ledger_end(run->ledger);
}

static char *settings_query(void)
{
	struct buf sql = BUF_INIT;

	buf_puts(&sql, "SELECT name, setting FROM pg_settings WHERE name IN (");
	for (size_t i = 0; settings[i]; i++)
		buf_printf(&sql, "%s'%s'", i ? ", " : "", settings[i]);
	buf_puts(&sql, ") ORDER BY name");
	return buf_steal(&sql);
}

static void member_facts(struct run *run, const struct host *host, const char *when)
{
	struct err err = { 0 };
	struct pg_target *target = member_target(run->inventory, host, &err);
	nsec_t until = run_now(run) + ASK;
	struct pg_conn *conn =
		target ? pg_connect_wait(run->loop, target, until, &err) : NULL;
	char *about = xasprintf("postgresql %s", host->name);
	char *sql = settings_query();

	if (conn)
		fact(run, about, "version", pg_parameter(conn, "server_version"), when);
	if (conn && pg_query_wait(run->loop, conn, sql, until, &err)) {
		for (int i = 0; i < pg_rows(conn); i++)
			fact(run, about, pg_value(conn, i, 0), pg_value(conn, i, 1),
			     when);
	} else {
		fact(run, about, "unreachable", err.message, when);
	}
	free(sql);
	free(about);
	pg_close(conn);
	pg_target_free(target);
}

/* "HAProxy version 2.6.12-1+deb12u4 2026/…" → "2.6.12-1+deb12u4": the first word that
 * begins with a digit. */
static char *version_word(const char *text)
{
	while (*text && *text != '\n') {
		size_t len = strcspn(text, " \n\t");

		if (*text >= '0' && *text <= '9')
			return xstrndup(text, len);
		text += len;
		text += strspn(text, " \t");
	}
	return NULL;
}

/* Programs that tell their version to anybody who may log in. */
static const struct {
	const char *service;
	const char *words[3];
} version_commands[] = {
	{ "haproxy", { "haproxy", "-v", NULL } },
	{ "haproxy", { "/usr/sbin/haproxy", "-v", NULL } },
	{ "pgbouncer", { "pgbouncer", "--version", NULL } },
	{ "pgbouncer", { "/usr/sbin/pgbouncer", "--version", NULL } },
	{ "etcd", { "etcd", "--version", NULL } },
};

static char *service_version(struct remote *remote, const char *service, nsec_t until)
{
	char *version = NULL;

	for (size_t i = 0;
	     i < sizeof version_commands / sizeof *version_commands && !version; i++) {
		struct buf out = BUF_INIT;
		struct err err;

		if (str_eq(version_commands[i].service, service) &&
		    remote_ask(remote, version_commands[i].words, until, &out, &err))
			version = version_word(out.data);
		buf_free(&out);
	}
	return version;
}

/* Best effort: a report without a proxy's version is still a report. */
static void host_facts(struct run *run, const struct host *host, const char *when)
{
	struct remote *remote = remotes_get(&run->remotes, host->name);
	nsec_t until = run_now(run) + ASK;
	struct err err;

	if (!remote_open(remote, until, &err)) {
		log_debug("no versions from %s: %s", host->name, err.message);
		return;
	}
	for (size_t i = 0; i < host->runs.count; i++) {
		char *about = xasprintf("%s %s", host->runs.items[i], host->name);
		char *version = service_version(remote, host->runs.items[i], until);

		if (version)
			fact(run, about, "version", version, when);
		free(version);
		free(about);
	}
}

void facts_record(struct run *run, const char *when)
{
	bool first = str_eq(when, "PREFLIGHT");

	for (size_t i = 0; i < run->inventory->host_count; i++)
		if (host_runs(&run->inventory->hosts[i], "postgres"))
			member_facts(run, &run->inventory->hosts[i], when);
	if (!first)
		return;
	for (size_t i = 0; run->inventory->ssh.user && i < run->inventory->host_count;
	     i++)
		host_facts(run, &run->inventory->hosts[i], when);
	if (run->ha) {
		char *version = run->ha->type->version(run->ha, run_now(run) + ASK);

		fact(run, run->ha->type->name, "version", version, when);
		free(version);
	}
}
