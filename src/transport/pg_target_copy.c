#include "transport/pg_private.h"

#include <stdlib.h>

static void copy_host(struct pg_host *to, const struct pg_host *from)
{
	to->host = xstrdup(from->host);
	to->port = xstrdup(from->port);
	to->hostaddr = from->hostaddr ? xstrdup(from->hostaddr) : NULL;
}

/* All but the hosts. */
static struct pg_target *copy_settings(const struct pg_target *target)
{
	struct pg_target *t = XNEW(struct pg_target);

	t->setting_count = target->setting_count;
	t->keywords = xcalloc(t->setting_count, sizeof *t->keywords);
	t->values = xcalloc(t->setting_count, sizeof *t->values);
	for (size_t i = 0; i < t->setting_count; i++) {
		t->keywords[i] = xstrdup(target->keywords[i]);
		t->values[i] = xstrdup(target->values[i]);
	}
	t->connect_timeout = target->connect_timeout;
	t->session_attrs = xstrdup(target->session_attrs);
	return t;
}

struct pg_target *pg_target_copy(const struct pg_target *target)
{
	struct pg_target *t = copy_settings(target);

	t->host_count = target->host_count;
	t->hosts = xcalloc(t->host_count, sizeof *t->hosts);
	for (size_t i = 0; i < t->host_count; i++)
		copy_host(&t->hosts[i], &target->hosts[i]);
	return t;
}

struct pg_target *pg_target_at(const struct pg_target *target, const char *host)
{
	struct pg_target *t = copy_settings(target);

	t->host_count = 1;
	t->hosts = xcalloc(1, sizeof *t->hosts);
	t->hosts[0].host = xstrdup(host);
	t->hosts[0].port = xstrdup(target->hosts[0].port);
	return t;
}

void pg_target_free(struct pg_target *target)
{
	if (!target)
		return;
	for (size_t i = 0; target->hosts && i < target->host_count; i++) {
		free(target->hosts[i].host);
		free(target->hosts[i].port);
		free(target->hosts[i].hostaddr);
	}
	for (size_t i = 0; i < target->setting_count; i++) {
		free(target->keywords[i]);
		free(target->values[i]);
	}
	free(target->hosts);
	free(target->keywords);
	free(target->values);
	free(target->session_attrs);
	free(target);
}
