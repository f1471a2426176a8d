/* No manager: the members themselves say who leads. */
#include "base/str.h"
#include "ha/ha.h"
#include "tap.h"
#include "transport/fake_pg.h"

#include <netinet/tcp.h>
#include <sys/mman.h>

static struct inventory inv;
static char *recovery; /* "t" or "f", shared with the child that plays the member */

static void play(int fd)
{
	static const char columns[] =
		"\0\2"
		"a\0\0\0\0\0\0\0\0\0\0\20\377\377\377\377\377\377\0\0"
		"b\0\0\0\0\0\0\0\0\0\0\27\377\377\377\377\377\377\0\0";
	char row[] = "\0\2\0\0\0\1f\0\0\0\1"
		     "7";
	int now = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
	if (!fake_pg_startup(fd))
		return;
	fake_pg_welcome(fd);
	row[6] = *recovery;
	while (fake_pg_read(fd) == 'Q') {
		fake_pg_message(fd, 'T', columns, sizeof columns - 1);
		fake_pg_message(fd, 'D', row, sizeof row - 1);
		fake_pg_message(fd, 'C', "SELECT 1", sizeof "SELECT 1");
		fake_pg_ready(fd);
	}
}

static void add_host(const char *name, const char *address, const char *runs)
{
	struct host *h = &ARRAY_PUSH(inv.hosts, inv.host_count, inv.host_cap);

	*h = (struct host){ .name = xstrdup(name), .address = xstrdup(address) };
	strings_add(&h->runs, runs);
}

static void test_view(struct loop *loop, struct ha *ha)
{
	struct err err = { 0 };
	struct ha_view *view = ha_look(ha, loop_now(loop) + 5 * NSEC_PER_SEC, &err);

	is_str(view ? view->leader : err.message, "db1",
	       "whoever is not in recovery leads");
	is_int(view ? view->timeline : 0, 7, "its timeline");
	is_int(view ? (int)view->member_count : 0, 2,
	       "database hosts are members, others not");
	is_str(view ? view->members[1].state : "", "unreachable",
	       "one that does not answer");
	is_str(view ? view->members[1].role : "", "", "has no role");
	ha_view_free(view);
	*recovery = 't';
	view = ha_look(ha, loop_now(loop) + 5 * NSEC_PER_SEC, &err);
	ok(view && !view->leader, "all in recovery: no leader");
	ha_view_free(view);
	/* Two that say so: the same server by another name. */
	*recovery = 'f';
	add_host("db3", "127.0.0.1", "postgres");
	view = ha_look(ha, loop_now(loop) + 5 * NSEC_PER_SEC, &err);
	ok(view && !view->leader, "two that say they are the primary: no leader");
	ha_view_free(view);
}

/* One that takes the connection and says nothing must not hold up the view. */
static void test_silent(struct loop *loop, struct ha *ha)
{
	int port;
	int fd = fake_listen(&port);
	struct err err = { 0 };
	struct ha_view *view;

	free(inv.members_conninfo);
	inv.members_conninfo = xasprintf("port=%d dbname=d user=u sslmode=disable", port);
	view = ha_look(ha, loop_now(loop) + NSEC_PER_SEC / 5, &err);
	ok(!view, "no answer by the deadline: no view");
	ok(strstr(err.message, "no member") != NULL, "and why");
	close(fd);
}

int main(void)
{
	struct loop *loop = loop_new(clock_system());
	struct err err = { 0 };
	struct fake_pg server;
	struct ha *ha;

	recovery =
		mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*recovery = 'f';
	server = fake_pg_start(play);
	inv.manager.type = xstrdup("none");
	inv.members_conninfo =
		xasprintf("port=%d dbname=d user=u sslmode=disable gssencmode=disable",
	                  server.port);
	add_host("db1", "127.0.0.1", "postgres");
	add_host("db2", "127.0.0.2", "postgres");
	add_host("px1", "127.0.0.1", "haproxy");
	ha = ha_new(&inv, loop, NULL, &err);
	test_view(loop, ha);
	test_silent(loop, ha);
	ok(ha->type->may_change(ha, 0, &err), "there is nothing that could be forbidden");
	ha_free(ha);
	fake_pg_stop(&server);
	loop_free(loop);
	munmap(recovery, 1);
	for (size_t i = 0; i < inv.host_count; i++) {
		free(inv.hosts[i].name);
		free(inv.hosts[i].address);
		strings_free(&inv.hosts[i].runs);
	}
	free(inv.hosts);
	free(inv.manager.type);
	free(inv.members_conninfo);
	return done_testing();
}
