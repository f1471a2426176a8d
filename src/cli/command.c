/* From argv to a verb's run(). */
#include "cli/command.h"

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/help.h"
#include "cli/output.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <getopt.h>
#include <libpq-fe.h>
#include <libssh2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LONG 256 /* values of long options, beyond any letter */

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

const char *invocation_option(const struct invocation *inv, const char *name)
{
	const struct cli_option *o = inv->command->options;

	for (size_t i = 0; o && o[i].name; i++)
		if (strcmp(o[i].name, name) == 0)
			return inv->values[i];
	bug("%s has no option --%s", inv->command->name, name);
}

int usage_error(const struct command *command, const char *fmt, ...)
{
	char message[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	say(stderr, "pgmonkey%s%s: %s\ntry 'pgmonkey help%s%s'\n", command ? " " : "",
	    command ? command->name : "", message, command ? " " : "",
	    command ? command->name : "");
	return EXIT_BAD_USAGE;
}

/* What getopt_long(3) knows: the verb's options, then the global ones. */
struct parser {
	const struct command *command; /* NULL: before the verb */
	const struct cli_option *known[2 * CLI_MAX_OPTIONS];
	size_t count;
	size_t own; /* how many of them are the verb's */
	struct option longs[2 * CLI_MAX_OPTIONS];
	char letters[4 * CLI_MAX_OPTIONS];
};

static void parser_add(struct parser *p, const struct cli_option *options)
{
	size_t used = strlen(p->letters);

	for (; options && options->name; options++) {
		p->longs[p->count] = (struct option){
			.name = options->name,
			.has_arg = options->argument ? required_argument : no_argument,
			.val = (int)(FIRST_LONG + p->count),
		};
		p->known[p->count++] = options;
		if (options->letter)
			p->letters[used++] = options->letter;
		if (options->letter && options->argument)
			p->letters[used++] = ':';
	}
}

static void parser_init(struct parser *p, const struct command *command)
{
	*p = (struct parser){ .command = command };
	/* ':' tells a missing argument apart; '+' stops at the verb. */
	snprintf(p->letters, sizeof p->letters, "%s", command ? ":" : "+:");
	if (command)
		parser_add(p, command->options);
	p->own = p->count;
	parser_add(p, global_options);
}

static int find_option(const struct parser *p, int value)
{
	if (value >= FIRST_LONG)
		return value - FIRST_LONG;
	for (size_t i = 0; i < p->count; i++)
		if (p->known[i]->letter && p->known[i]->letter == value)
			return (int)i;
	bug("getopt_long returned %d", value);
}

static int unknown_option(const struct parser *p, const char *word)
{
	const char *names[2 * CLI_MAX_OPTIONS + 1] = { NULL };
	const char *near;
	size_t alike = 0;
	char *name;
	if (optopt >= FIRST_LONG)
		return usage_error(p->command, "--%s takes no argument",
		                   p->longs[optopt - FIRST_LONG].name);
	if (optopt)
		return usage_error(p->command, "unknown option -%c", optopt);
	for (size_t i = 0; i < p->count; i++)
		names[i] = p->known[i]->name;
	name = xstrndup(word + 2, strcspn(word + 2, "="));
	near = str_nearest(name, names);
	for (size_t i = 0; i < p->count; i++)
		alike += str_starts(p->known[i]->name, name);
	free(name);
	if (alike > 1)
		return usage_error(p->command, "%s is short for several options", word);
	if (near)
		return usage_error(p->command, "unknown option %s (did you mean --%s?)",
		                   word, near);
	return usage_error(p->command, "unknown option %s", word);
}

static bool is_choice(const struct cli_option *option, const char *value)
{
	const char *const *choice = option->choices();

	while (*choice && strcmp(*choice, value) != 0)
		choice++;
	return *choice != NULL;
}

static int bad_choice(const struct command *command, const struct cli_option *option,
                      const char *value)
{
	struct buf list = BUF_INIT;
	int code;

	for (const char *const *choice = option->choices(); *choice; choice++)
		buf_printf(&list, "%s%s", list.len ? ", " : "", *choice);
	code = usage_error(command, "--%s: \"%s\" is none of %s", option->name, value,
	                   list.data);
	buf_free(&list);
	return code;
}

static void take_global(struct invocation *inv, const struct cli_option *option,
                        const char *value)
{
	if (strcmp(option->name, "state-dir") == 0)
		inv->state_dir = value;
	else if (strcmp(option->name, "verbose") == 0)
		inv->verbose = true;
	else if (strcmp(option->name, "quiet") == 0)
		inv->quiet = true;
	else if (strcmp(option->name, "help") == 0)
		inv->help = true;
	else
		inv->version = true;
}

/* Returns 0 or an exit code; afterwards optind is the first argument. */
static int parse_options(struct parser *p, struct invocation *inv, int argc, char **argv)
{
	const char *argument;
	int value;
	int i;

	optind = 0; /* glibc: start over, also after an earlier argv */
	opterr = 0;
	while ((value = getopt_long(argc, argv, p->letters, p->longs, NULL)) != -1) {
		if (value == '?')
			return unknown_option(p, argv[optind - 1]);
		if (value == ':')
			return usage_error(p->command, "%s needs an argument",
			                   argv[optind - 1]);
		i = find_option(p, value);
		argument = optarg ? optarg : "";
		if (p->known[i]->argument && !*argument)
			return usage_error(p->command, "--%s is empty",
			                   p->known[i]->name);
		if (p->known[i]->choices && !is_choice(p->known[i], argument))
			return bad_choice(p->command, p->known[i], argument);
		if ((size_t)i < p->own)
			inv->values[i] = argument;
		else
			take_global(inv, p->known[i], argument);
	}
	return 0;
}

static int say_version(void)
{
	say(stdout, "pgmonkey %s\n", PGMONKEY_VERSION);
	say(stdout, "libpq %d.%d, libssh2 %s, libcurl %s, cJSON %s\n",
	    PQlibVersion() / 10000, PQlibVersion() % 10000, libssh2_version(0),
	    curl_version_info(CURLVERSION_NOW)->version, cJSON_Version());
	return stdout_is_written() ? EXIT_PASS : EXIT_REFUSED;
}

static int say_help(const struct command *command)
{
	struct buf text = BUF_INIT;

	if (command)
		help_command_text(command, &text);
	else
		help_overview(&text);
	fputs(text.data, stdout);
	buf_free(&text);
	return stdout_is_written() ? EXIT_PASS : EXIT_REFUSED;
}

static int no_such_verb(const char *word)
{
	const char *names[64] = { NULL };
	const char *near;

	for (size_t i = 0; i < 63 && commands[i]; i++)
		names[i] = commands[i]->name;
	near = str_nearest(word, names);
	if (near)
		return usage_error(NULL, "there is no verb \"%s\" (did you mean %s?)",
		                   word, near);
	return usage_error(NULL, "there is no verb \"%s\"", word);
}

static int check_arguments(const struct invocation *inv)
{
	const struct command *c = inv->command;

	if (inv->argument_count < c->min_arguments)
		return usage_error(c,
		                   inv->argument_count
		                           ? "arguments are missing: it takes %s"
		                           : "it takes %s",
		                   c->arguments);
	if (c->max_arguments >= 0 && inv->argument_count > c->max_arguments)
		return usage_error(c, "\"%s\" is one argument too many",
		                   inv->arguments[c->max_arguments]);
	return 0;
}

static int run_verb(struct invocation *inv, int argc, char **argv)
{
	struct parser parser;
	int code;

	parser_init(&parser, inv->command);
	code = parse_options(&parser, inv, argc, argv);
	if (code)
		return code;
	if (inv->help)
		return say_help(inv->command);
	if (inv->version)
		return say_version();
	inv->arguments = argv + optind;
	inv->argument_count = argc - optind;
	code = check_arguments(inv);
	if (code)
		return code;
	log_set_level(inv->verbose ? LOG_DEBUG : inv->quiet ? LOG_ERROR : LOG_INFO);
	return inv->command->run(inv);
}

int cli_main(int argc, char **argv)
{
	struct invocation inv = { 0 };
	struct parser parser;
	struct buf text = BUF_INIT;
	int first;
	int code;

	parser_init(&parser, NULL);
	code = parse_options(&parser, &inv, argc, argv);
	first = optind;
	if (code)
		return code;
	if (first < argc) {
		inv.command = command_find(argv[first]);
		if (!inv.command)
			return no_such_verb(argv[first]);
		return run_verb(&inv, argc - first, argv + first);
	}
	if (inv.version)
		return say_version();
	if (inv.help)
		return say_help(NULL);
	help_overview(&text);
	fputs(text.data, stderr);
	buf_free(&text);
	return EXIT_BAD_USAGE;
}
