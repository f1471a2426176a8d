/* Real servers on loopback, and liars in front of them. */
#include "stage.h"

#include "transport/postgres.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>

struct loop *loop;
static struct postgres installed;

static void fail(const char *what)
{
	printf("Bail out! %s\n", what);
	place_show("log");
	exit(1);
}

nsec_t in_seconds(double s)
{
	return loop_now(loop) + seconds_to_nsec(s);
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

void wait_seconds(double s)
{
	loop_wait(loop, never, NULL, in_seconds(s));
}

void stage_open(void)
{
	place_make();
	/* The server's own user needs to get there. */
	chmod(place, 0755);
	loop = loop_new(clock_system());
}

void stage_close(void)
{
	loop_free(loop);
	place_remove();
}

const char *stage_path(const char *name)
{
	return in_place(name);
}

/* ---- Servers ------------------------------------------------------------------------
 */

static void run_in_place(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void run_in_place(const char *fmt, ...)
{
	char words[2048];
	char command[2400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	snprintf(command, sizeof command, "cd %s && PATH=%s:$PATH && %s", place,
	         installed.bin, words);
	if (!postgres_run(command))
		fail(words);
}

static void start(const struct server *s, const char *more)
{
	run_in_place("pg_ctl -w -D %s -l %s.log start -o \"-p %d -k %s -h %s %s\"",
	             s->name, s->name, s->port, place, s->address, more);
}

bool server_start(struct server *s, const char *name, const char *address)
{
	if (!postgres_find(&installed))
		return false;
	*s = (struct server){ name, address, 0 };
	if (!postgres_own_place())
		fail("chown");
	place_write("extra.conf", 0644,
	            "fsync = off\nmax_connections = 150\nshared_buffers = 32MB\n"
	            "autovacuum = off\nmax_standby_streaming_delay = 50ms\nwal_level = "
	            "replica\nlog_connections = off\n"
	            "superuser_reserved_connections = 3\n");
	run_in_place("initdb -N -A trust --no-instructions -U postgres -E UTF8 "
	             "--locale=C -D %s",
	             name);
	run_in_place("cat extra.conf >>%s/postgresql.conf", name);
	run_in_place("(echo 'host all locked 127.0.0.0/8 scram-sha-256' && echo 'host "
	             "all unwanted 127.0.0.0/8 reject' && cat %s/pg_hba.conf) >hba && "
	             "mv hba %s/pg_hba.conf",
	             name, name);
	run_in_place("echo 'host all all 127.0.0.0/8 trust\nhost replication all "
	             "127.0.0.0/8 trust' >>%s/pg_hba.conf",
	             name);
	close(fake_listen(&s->port));
	start(s, "");
	return true;
}

void server_start_standby(struct server *s, const char *name, const char *address,
                          const struct server *primary)
{
	*s = (struct server){ name, address, 0 };
	run_in_place("pg_basebackup -h %s -p %d -U postgres -D %s -R -c fast -X stream",
	             primary->address, primary->port, name);
	close(fake_listen(&s->port));
	start(s, "");
}

void server_promote(const struct server *s)
{
	run_in_place("pg_ctl -w -D %s promote", s->name);
}

void server_stop(const struct server *s)
{
	run_in_place("pg_ctl -D %s -m immediate -w stop", s->name);
}

void server_restart(const struct server *s, const char *more)
{
	server_stop(s);
	start(s, more);
}

bool run_as_server(const char *fmt, ...)
{
	char words[1024];
	char command[1400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	snprintf(command, sizeof command, "cd %s && %s", place, words);
	return postgres_run(command);
}

struct pg_target *target_at(const char *address, int port, const char *more)
{
	struct pg_target *target = NULL;
	struct err err = { 0 };
	char conninfo[256];

	snprintf(conninfo, sizeof conninfo,
	         "host=%s port=%d sslmode=disable gssencmode=disable %s", address, port,
	         more);
	if (!pg_target_parse(conninfo, "user=postgres dbname=postgres", &target, &err))
		fail(err.message);
	return target;
}

struct pg_conn *open_server(const struct server *s)
{
	struct pg_target *target = target_at(s->address, s->port, "");
	struct err err = { 0 };
	struct pg_conn *conn = pg_connect_wait(loop, target, in_seconds(10), &err);

	pg_target_free(target);
	if (!conn)
		fail(err.message);
	return conn;
}

void must_query(struct pg_conn *conn, const char *sql)
{
	struct err err = { 0 };

	if (!pg_query_wait(loop, conn, sql, in_seconds(20), &err))
		fail(err.message);
}

/* ---- Liars --------------------------------------------------------------------------
 */

static const char *log_of(const struct liar_process *l)
{
	static char name[64];

	snprintf(name, sizeof name, "%s.truth", l->name);
	return in_place(name);
}

/* The liar beside this program. */
static const char *liar_program(void)
{
	static char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 8);

	path[n > 0 ? n : 0] = '\0';
	if (strrchr(path, '/'))
		memcpy(strrchr(path, '/'), "/liar", sizeof "/liar");
	return path;
}

static void become_liar(const struct liar_process *l, int control,
                        const struct server *first, const struct server *second)
{
	char to[2][64] = { "", "" };
	const struct server *servers[2] = { first, second };
	int out = open(log_of(l), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	for (int i = 0; i < 2 && servers[i]; i++)
		snprintf(to[i], sizeof to[i], "%s:%d", servers[i]->address,
		         servers[i]->port);
	dup2(control, 0);
	dup2(out, 1);
	execl(liar_program(), "liar", "127.0.0.1:0", to[0], second ? to[1] : NULL, NULL);
	perror(liar_program());
	_exit(127);
}

/* A line of the log: the time, and what comes behind it; false at its end. */
static bool next_line(FILE *log, nsec_t *at, char *line, size_t size)
{
	char text[8192];
	char *rest;

	if (!fgets(text, sizeof text, log) || !strchr(text, '\n'))
		return false;
	*strchr(text, '\n') = '\0';
	*at = strtoll(text, &rest, 10);
	snprintf(line, size, "%s", rest + (*rest == ' '));
	return true;
}

static int read_port(const struct liar_process *l)
{
	FILE *log = fopen(log_of(l), "re");
	char line[8192];
	int port = 0;
	nsec_t at;

	while (log && next_line(log, &at, line, sizeof line))
		if (strncmp(line, "listening ", 10) == 0)
			port = (int)strtol(line + 10, NULL, 10);
	if (log)
		fclose(log);
	return port;
}

void liar_start(struct liar_process *l, const char *name, const struct server *first,
                const struct server *second)
{
	int ends[2];

	*l = (struct liar_process){ 0 };
	snprintf(l->name, sizeof l->name, "%s", name);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		fail("socketpair");
	l->pid = fork();
	if (l->pid == 0)
		become_liar(l, ends[1], first, second);
	close(ends[1]);
	l->control = ends[0];
	liar_tell(l, "honest");
	l->port = read_port(l);
}

static void command(struct liar_process *l, const char *at, const char *fmt, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof text, fmt, args);
	if (dprintf(l->control, "%s%s\n", at, text) < 0)
		fail("the liar is gone");
}

void liar_tell(struct liar_process *l, const char *fmt, ...)
{
	char answer[64];
	va_list args;

	va_start(args, fmt);
	command(l, "", fmt, args);
	va_end(args);
	if (read(l->control, answer, sizeof answer) <= 0)
		fail("the liar did not obey");
}

void liar_plan(struct liar_process *l, nsec_t at, const char *fmt, ...)
{
	char when[32];
	va_list args;

	snprintf(when, sizeof when, "@%" PRId64 " ", at);
	va_start(args, fmt);
	command(l, when, fmt, args);
	va_end(args);
}

void liar_stop(struct liar_process *l)
{
	close(l->control);
	kill(l->pid, SIGKILL);
	waitpid(l->pid, NULL, 0);
}

/* ---- The truth ----------------------------------------------------------------------
 */

static void tell_fate(struct fate *f, bool did, const char *what, nsec_t at)
{
	f->known = true;
	if (did) {
		f->committed = strcmp(what, "committed") == 0;
		f->unknown = strcmp(what, "unknown") == 0;
		return;
	}
	f->said_at = at;
	f->said = strcmp(what, "acked") == 0    ? SAID_ACKED
	          : strcmp(what, "warned") == 0 ? SAID_WARNED
	          : strcmp(what, "error") == 0  ? SAID_ERROR
	                                        : SAID_NOTHING;
}

/* "did SESSION WHAT PROBE:SEQ…" or "said …" */
static void read_keys(char *line, nsec_t at, int probe, struct fate *fates)
{
	bool did = strncmp(line, "did ", 4) == 0;
	char *what = strchr(line + (did ? 4 : 5), ' ');
	char *key = what ? strchr(what + 1, ' ') : NULL;

	if (!key)
		return;
	*key++ = '\0';
	while (*key) {
		int64_t of = strtol(key, &key, 10);
		int64_t seq = strtoll(key + 1, &key, 10);

		if (of == probe && seq >= 0 && seq < MOST_KEYS)
			tell_fate(&fates[seq], did, what + 1, at);
		key += *key == ' ';
	}
}

void read_fates(const struct liar_process *l, int probe, struct fate *fates)
{
	FILE *log = fopen(log_of(l), "re");
	char line[8192];
	nsec_t at;

	memset(fates, 0, MOST_KEYS * sizeof *fates);
	while (log && next_line(log, &at, line, sizeof line))
		if (strncmp(line, "did ", 4) == 0 || strncmp(line, "said ", 5) == 0)
			read_keys(line, at, probe, fates);
	if (log)
		fclose(log);
}

size_t read_lapses(const struct liar_process *l, struct lapse *lapses, size_t max)
{
	FILE *log = fopen(log_of(l), "re");
	char line[8192];
	size_t n = 0;
	bool open = false;
	nsec_t at;

	while (log && next_line(log, &at, line, sizeof line)) {
		bool honest = strcmp(line, "manner honest") == 0;

		if (strncmp(line, "manner ", 7) != 0 || honest == !open || n == max)
			continue;
		open = !honest;
		if (honest) {
			lapses[n++].to = at;
			continue;
		}
		lapses[n].from = at;
		snprintf(lapses[n].what, sizeof lapses[n].what, "%.23s", line + 7);
	}
	if (log)
		fclose(log);
	return n;
}
