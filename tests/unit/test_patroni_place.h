/* Where Patroni is tested over HTTP: a member in a child that answers what the test says. */
#ifndef TESTS_UNIT_TEST_PATRONI_PLACE_H
#define TESTS_UNIT_TEST_PATRONI_PLACE_H

#include "base/str.h"
#include "ha/patroni_http.h"
#include "tap.h"
#include "transport/fake_pg.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* What the fake member answers; shared with the child that plays it. */
struct said {
	int port;
	bool cluster_is_ill, scheduled, hangs_up;
	int status; /* of what changes something */
	char body[200];
	char asked[4096]; /* the last request that was no GET */
	int gets;
};

static struct loop *loop;
static struct http *http;
static struct said *said;
static struct inventory inv;
static char password_file[] = "/tmp/pgmonkey-test-XXXXXX";

static inline void answer(int fd, int status, const char *body)
{
	char text[2048];
	int n = snprintf(text, sizeof text,
	                 "HTTP/1.0 %d Because\r\nContent-Length: %zu\r\n\r\n%s", status,
	                 strlen(body), body);

	fake_write(fd, text, (size_t)n);
}

static inline void answer_cluster(int fd)
{
	char body[1024];

	snprintf(
		body, sizeof body,
		"{\"members\": [{\"name\": \"db1\", \"role\": \"leader\", \"state\": "
		"\"running\", "
		"\"api_url\": \"http://127.0.0.1:%d/patroni\"}, {\"name\": \"db2\", "
		"\"role\": "
		"\"replica\", \"state\": \"running\", \"api_url\": "
		"\"http://127.0.0.1:1/patroni\"}]%s}",
		said->port,
		said->scheduled
			? ", \"scheduled_switchover\": {\"at\": \"2026-11-25T02:15:51Z\"}"
			: "");
	if (said->cluster_is_ill)
		answer(fd, 200, "{\"members\": 1}");
	else
		answer(fd, 200, body);
}

static inline void play_patroni(int fd)
{
	char request[4096] = "";
	ssize_t n = read(fd, request, sizeof request - 1);

	if (n <= 0)
		return;
	if (str_starts(request, "GET /cluster ")) {
		said->gets++;
		answer_cluster(fd);
	} else if (str_starts(request, "GET /patroni ")) {
		answer(fd, 200, "{\"patroni\": {\"version\": \"3.0.2\"}}");
	} else {
		snprintf(said->asked, sizeof said->asked, "%s", request);
		if (!said->hangs_up)
			answer(fd, said->status, said->body);
	}
}

static inline void answers(int status, const char *body)
{
	said->status = status;
	snprintf(said->body, sizeof said->body, "%s", body);
	said->asked[0] = '\0';
}

static inline nsec_t soon(void)
{
	return loop_now(loop) + 5 * NSEC_PER_SEC;
}

static inline struct ha *manager(void)
{
	struct err err = { 0 };
	struct ha *ha = ha_new(&inv, loop, http, &err);

	if (!ha)
		printf("Bail out! %s\n", err.message);
	return ha;
}

static inline void url_is(size_t i, int port)
{
	free(inv.manager.urls.items[i]);
	inv.manager.urls.items[i] = xasprintf("http://127.0.0.1:%d", port);
}

static inline enum ha_answer ask(enum ha_verb verb, const char *name, char **text,
                                 struct err *err)
{
	struct ha *ha = manager();
	const struct ha_request request = { verb, name,
		                            verb == HA_RESTART ? NULL : "db2" };
	enum ha_answer given;

	*err = (struct err){ 0 };
	given = ha->type->request(ha, &request, soon(), text, err);
	ha_free(ha);
	return given;
}

static struct fake_pg server;

static inline void place_open(void)
{
	int fd = mkstemp(password_file);

	if (fd < 0 || write(fd, "a:b%20\"c\n", 9) != 9)
		printf("Bail out! no password file\n");
	close(fd);
	loop = loop_new(clock_system());
	http = http_new(loop);
	said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE,
	            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	server = fake_pg_start(play_patroni);
	said->port = server.port;
	inv.manager.type = xstrdup("patroni");
	inv.manager.username = xstrdup("ops");
	inv.manager.password_file = password_file;
	strings_add(&inv.manager.urls, "");
	strings_add(&inv.manager.urls, "");
	url_is(0, 1); /* a port where nobody listens */
	url_is(1, server.port);
}

static inline void place_close(void)
{
	fake_pg_stop(&server);
	unlink(password_file);
	http_free(http);
	loop_free(loop);
	munmap(said, sizeof *said);
	strings_free(&inv.manager.urls);
	free(inv.manager.type);
	free(inv.manager.username);
}

#endif
