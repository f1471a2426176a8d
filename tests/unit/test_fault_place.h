/*
 * Where faults are tested: an inventory of one database host and one proxy, a fake
 * remote, a fake manager, and a member that answers what the test says.
 */
#ifndef TESTS_UNIT_TEST_FAULT_PLACE_H
#define TESTS_UNIT_TEST_FAULT_PLACE_H

#include "fault/types.h"
#include "tap.h"
#include "transport/fake_pg.h"

#include <netinet/tcp.h>
#include <sys/mman.h>

/* What the member says; shared with the child that plays it. */
struct said {
	bool refuses; /* "the database system is shutting down" */
	char started[40], recovery[4], timeline[12];
};

static struct loop *loop;
static struct inventory inv;
static struct said *said;
static struct fake_pg server;
static struct pg_target *member;

static inline void fake_row(int fd)
{
	static const char columns[] =
		"\0\3"
		"a\0\0\0\0\0\0\0\0\0\0\31\377\377\377\377\377\377\0\0"
		"b\0\0\0\0\0\0\0\0\0\0\31\377\377\377\377\377\377\0\0"
		"c\0\0\0\0\0\0\0\0\0\0\31\377\377\377\377\377\377\0\0";
	const char *values[] = { said->started, said->recovery, said->timeline };
	char row[256] = { 0, 3 };
	size_t len = 2;

	for (size_t i = 0; i < 3; i++) {
		uint32_t n = htonl((uint32_t)strlen(values[i]));

		memcpy(row + len, &n, 4);
		memcpy(row + len + 4, values[i], strlen(values[i]));
		len += 4 + strlen(values[i]);
	}
	fake_pg_message(fd, 'T', columns, sizeof columns - 1);
	fake_pg_message(fd, 'D', row, len);
	fake_pg_message(fd, 'C', "SELECT 1", sizeof "SELECT 1");
	fake_pg_ready(fd);
}

static inline void play_member(int fd)
{
	int now = 1;

	/* Several small writes in a row: without this each waits for the other's ack. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
	if (!fake_pg_startup(fd))
		return;
	if (said->refuses) {
		fake_pg_error(fd, 'E', "FATAL", "57P03",
		              "the database system is shutting down");
		return;
	}
	fake_pg_welcome(fd); /* as backend 7 */
	while (fake_pg_read(fd) == 'Q')
		fake_row(fd);
}

static inline void say(const char *started, const char *recovery, const char *timeline)
{
	snprintf(said->started, sizeof said->started, "%s", started);
	snprintf(said->recovery, sizeof said->recovery, "%s", recovery);
	snprintf(said->timeline, sizeof said->timeline, "%s", timeline);
}

static inline struct host *add_host(const char *name, const char *address)
{
	struct host *h = &ARRAY_PUSH(inv.hosts, inv.host_count, inv.host_cap);

	*h = (struct host){ .name = xstrdup(name),
		            .address = xstrdup(address),
		            .zone = xstrdup("") };
	return h;
}

static inline struct service *add_service(const char *name)
{
	struct service *s = &ARRAY_PUSH(inv.services, inv.service_count, inv.service_cap);

	*s = (struct service){ .name = xstrdup(name) };
	return s;
}

static inline void place_open(void)
{
	struct host *db1 = add_host("db1", "127.0.0.1");
	struct host *px1 = add_host("px1", "127.0.0.1");
	struct service *postgres = add_service("postgres");
	struct err err = { 0 };

	strings_add(&db1->runs, "postgres");
	strings_add(&db1->runs, "patroni");
	strings_add(&px1->runs, "haproxy");
	strings_add(&px1->runs, "pgbouncer");
	postgres->data_directory = xstrdup("/data");
	postgres->bin_directory = xstrdup("/bin");
	loop = loop_new(clock_system());
	said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE,
	            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	say("1000.5", "f", "3");
	server = fake_pg_start(play_member);
	inv.members_conninfo =
		xasprintf("port=%d dbname=d user=u sslmode=disable gssencmode=disable",
	                  server.port);
	if (!pg_target_parse("host=127.0.0.1", inv.members_conninfo, &member, &err))
		printf("Bail out! %s\n", err.message);
}

static inline void place_close(void)
{
	fake_pg_stop(&server);
	pg_target_free(member);
	munmap(said, sizeof *said);
	loop_free(loop);
	for (size_t i = 0; i < inv.host_count; i++) {
		free(inv.hosts[i].name);
		free(inv.hosts[i].address);
		free(inv.hosts[i].zone);
		strings_free(&inv.hosts[i].runs);
	}
	for (size_t i = 0; i < inv.service_count; i++) {
		free(inv.services[i].name);
		free(inv.services[i].data_directory);
		free(inv.services[i].bin_directory);
		strings_free(&inv.services[i].units);
	}
	free(inv.hosts);
	free(inv.services);
	free(inv.members_conninfo);
}

/* A fault as a scenario file says it, on that host, with a fake remote to it. */
static inline struct fault *fault_on(const char *host, const char *json)
{
	struct json_doc doc = { 0 };
	struct err err = { 0 };
	struct fault *f = NULL;

	if (!json_doc_parse(&doc, "test", json, strlen(json), &err) ||
	    !fault_parse(&doc, doc.root, &f, &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	json_doc_free(&doc);
	f->target.host = xstrdup(host);
	f->inventory = &inv;
	f->loop = loop;
	f->remote = remote_fake(loop, host);
	if (strncmp(host, "db", 2) == 0) {
		f->target.member = xstrdup(host);
		f->member_target = member;
	}
	return f;
}

/* The same in another process: what was written to the ledger, and nothing else. */
static inline struct fault *fault_later(const struct fault *f)
{
	cJSON *intent = cJSON_CreateObject();
	cJSON *target = cJSON_AddObjectToObject(intent, "target");
	struct err err = { 0 };
	struct fault *later = NULL;

	cJSON_AddStringToObject(intent, "fault", f->type->name);
	cJSON_AddStringToObject(target, "host", f->target.host);
	cJSON_AddItemToObject(intent, "params", fault_params_json(f));
	cJSON_AddItemToObject(intent, "heal", cJSON_Duplicate(f->heal, true));
	if (!fault_from_intent(intent, &later, &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	cJSON_Delete(intent);
	later->inventory = &inv;
	later->loop = loop;
	later->remote = remote_fake(loop, f->target.host);
	return later;
}

static inline void fault_gone(struct fault *f)
{
	remote_free(f->remote);
	fault_free(f);
}

/* What the host answers from now on to words that begin so. */
static inline void answers(struct fault *f, const char *prefix, int status,
                           const char *out)
{
	remote_fake_answer(f->remote, prefix, REMOTE_EXITED, status, out);
}

#define SHOW_UNIT            \
	"systemctl show -p " \
	"LoadState,ActiveState,UnitFileState,ControlGroup,MainPID,NRestarts "

static inline void unit_answers(struct fault *f, const char *unit, const char *active,
                                int pid)
{
	char prefix[200], out[300];

	snprintf(prefix, sizeof prefix, SHOW_UNIT "%s", unit);
	snprintf(out, sizeof out,
	         "Welcome to this "
	         "host\nMainPID=%d\nNRestarts=0\nControlGroup=/system.slice/%s\n"
	         "LoadState=loaded\nActiveState=%s\nUnitFileState=enabled\n",
	         pid, unit, active);
	answers(f, prefix, 0, out);
}

static inline bool arms(struct fault *f, struct err *err)
{
	*err = (struct err){ 0 };
	return f->type->arm(f, err);
}

static inline bool injects(struct fault *f, struct err *err)
{
	*err = (struct err){ 0 };
	return f->type->inject(f, err);
}

static inline enum confirm confirms(struct fault *f, struct err *err)
{
	*err = (struct err){ 0 };
	return f->type->confirm(f, err);
}

static inline bool heals(struct fault *f, struct err *err)
{
	*err = (struct err){ 0 };
	return f->type->heal(f, err);
}

#define has(text, part, what) ok(strstr((text) ? (text) : "", (part)) != NULL, what)

#endif
