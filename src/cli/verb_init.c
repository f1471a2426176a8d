/* pgmonkey init: asks Patroni's API, writes a first cluster file. */
#include "cli/first_cluster.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include "base/str.h"
#include "ha/patroni.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT (5 * NSEC_PER_SEC)

struct asking {
	struct loop *loop;
	struct http *http;
	char *url; /* without path and credentials */
};

/* 0 + err where there was no answer. */
static int get(struct asking *a, const char *path, struct buf *body, struct err *err)
{
	char *url = xasprintf("%s%s", a->url, path);
	struct http_request request = { .method = "GET",
		                        .url = url,
		                        .deadline = loop_now(a->loop) + LIMIT };
	int status = http_wait(a->http, &request, body, err);

	free(url);
	return status;
}

static struct ha_view *get_view(struct asking *a, char **scope, struct err *err)
{
	struct buf body = BUF_INIT;
	struct ha_view *view = NULL;
	int status = get(a, "/cluster", &body, err);

	if (status == 200)
		view = patroni_parse_cluster(body.data, body.len, err);
	else if (status != 0)
		err_set(err, "GET %s/cluster answered %d", a->url, status);
	if (view && view->member_count == 0) {
		err_set(err, "GET %s/cluster names no member", a->url);
		ha_view_free(view);
		view = NULL;
	}
	if (!view)
		err_hint(err,
		         "is it the address of Patroni's REST API (port 8008, not the "
		         "database's)?");
	*scope = view ? patroni_scope(body.data) : NULL;
	buf_free(&body);
	return view;
}

/* What is nice to know: its absence is told in the list of what is missing. */
static void get_more(struct asking *a, struct patroni_facts *facts, char **scope)
{
	struct buf body = BUF_INIT;
	struct err ignored;

	facts->sync_standbys = -1;
	if (get(a, "/config", &body, &ignored) == 200)
		facts->sync_standbys = patroni_config_sync_standbys(body.data);
	buf_clear(&body);
	/* A replica answers 503 with the same body. */
	if (!*scope && get(a, "/patroni", &body, &ignored) != 0)
		*scope = patroni_scope(body.data);
	buf_free(&body);
}

static int write_file(const struct invocation *inv, const struct patroni_facts *facts)
{
	const char *path = invocation_option(inv, "output");
	struct buf json = BUF_INIT;
	struct buf missing = BUF_INIT;
	struct err err = { 0 };
	bool written;

	first_cluster_json(facts, &json);
	first_cluster_missing(facts, &missing);
	if (!path)
		fwrite(json.data, 1, json.len, stdout);
	written = path ? file_write(path, &json, false, &err) : stdout_is_written();
	if (path && !written)
		say_err(&err);
	if (written && !inv->quiet)
		say(stderr, "What the API cannot tell, and you should look at:\n%s",
		    missing.data);
	buf_free(&json);
	buf_free(&missing);
	return written ? EXIT_PASS : EXIT_REFUSED;
}

static int ask(const struct invocation *inv, struct asking *a)
{
	struct err err = { 0 };
	char *scope = NULL;
	struct ha_view *view = get_view(a, &scope, &err);
	struct patroni_facts facts = { .url = a->url, .view = view };
	int code = EXIT_REFUSED;

	if (view) {
		get_more(a, &facts, &scope);
		facts.scope = scope;
		code = write_file(inv, &facts);
	} else {
		say_err(&err);
	}
	free(scope);
	ha_view_free(view);
	return code;
}

/* The URL from the terminal, "" if nothing was typed. */
static void ask_url(char *line, size_t size)
{
	say(stderr, "URL of Patroni's REST API on any member (http://db1:8008): ");
	if (!fgets(line, (int)size, stdin))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static int run(const struct invocation *inv)
{
	struct asking a = { 0 };
	char line[512] = "";
	const char *url = inv->arguments[0];
	int code;

	if (!url && !isatty(STDIN_FILENO))
		return usage_error(inv->command,
		                   "it takes a URL, and there is no terminal to ask at");
	if (!url)
		ask_url(line, sizeof line);
	a.url = patroni_base_url(url ? url : line);
	if (!a.url)
		return usage_error(inv->command,
		                   "\"%s\" is no URL such as http://db1:8008",
		                   url ? url : line);
	a.loop = loop_new(clock_system());
	a.http = http_new(a.loop);
	code = ask(inv, &a);
	http_free(a.http);
	loop_free(a.loop);
	free(a.url);
	return code;
}

static const struct cli_option options[] = {
	{ "output", 'o', "FILE", "write to FILE, which must not be there yet", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command init_command = {
	.name = "init",
	.summary = "write a first cluster file from what Patroni's API tells",
	.arguments = "[URL]",
	.options = options,
	.max_arguments = 1,
	.help = "Asks Patroni's REST API at URL (or asks for the URL at a terminal) for "
		"members, addresses and synchronous mode, and prints a cluster file "
		"that `pgmonkey check --offline` accepts. What the API cannot tell is "
		"listed on standard error. The file says \"chaos\": \"forbidden\": "
		"whoever changes that has read it.\n"
		"\n"
		"    pgmonkey init http://10.0.0.11:8008 -o cluster.json\n",
	.run = run,
};
