/* Commands that are run as somebody else: made of a table, checked, run. */
#include "fault/sudo.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define ASK_TIME (10 * NSEC_PER_SEC)

const struct sudo_command *sudo_find(const struct sudo_command *table, const char *name)
{
	for (; table && table->name; table++)
		if (str_eq(table->name, name))
			return table;
	return NULL;
}

static const char *value_of(const struct sudo_values *v, const char *name, size_t len)
{
	const struct {
		const char *name, *value;
	} all[] = {
		{ "unit", v->unit },
		{ "pid", v->pid },
		{ "mode", v->mode },
		{ "data_directory", v->data_directory },
		{ "bin_directory", v->bin_directory },
		{ "os_user", v->os_user },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strlen(all[i].name) == len && memcmp(all[i].name, name, len) == 0)
			return all[i].value ? all[i].value : "";
	return "";
}

/* "@bin_directory/pg_ctl" → "/usr/lib/postgresql/15/bin/pg_ctl". */
static char *fill_in(const char *word, const struct sudo_values *values)
{
	size_t len;

	if (word[0] != '@')
		return xstrdup(word);
	len = strcspn(word + 1, "/");
	return xasprintf("%s%s", value_of(values, word + 1, len), word + 1 + len);
}

char **sudo_words(const struct sudo_command *command, const struct sudo_values *values,
                  bool only_ask)
{
	char **words = xcalloc(SUDO_MAX_WORDS + 6, sizeof *words);
	size_t n = 0;

	words[n++] = xstrdup("sudo");
	words[n++] = xstrdup("-n");
	if (only_ask)
		words[n++] = xstrdup("-l");
	if (command->as) {
		words[n++] = xstrdup("-u");
		words[n++] = fill_in(command->as, values);
	}
	for (size_t i = 0; i < SUDO_MAX_WORDS && command->words[i]; i++)
		words[n++] = fill_in(command->words[i], values);
	return words;
}

void sudo_words_free(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

char *sudo_text(char *const *words)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; words[i]; i++)
		buf_printf(&b, "%s%s", i ? " " : "", words[i]);
	return buf_steal(&b);
}

/* sudoers(5): these must be escaped in a command's arguments. */
static void add_escaped(struct buf *b, const char *word)
{
	for (const char *c = word; *c; c++) {
		if (strchr(",:=\\", *c))
			buf_putc(b, '\\');
		buf_putc(b, *c);
	}
}

static bool takes_pid(const struct sudo_command *command)
{
	for (size_t i = 0; i < SUDO_MAX_WORDS && command->words[i]; i++)
		if (str_eq(command->words[i], "@pid"))
			return true;
	return false;
}

char *sudo_rule(const struct sudo_command *command, const struct sudo_values *values)
{
	char *user = command->as ? fill_in(command->as, values) : xstrdup("root");
	bool pattern = takes_pid(command);
	struct buf b = BUF_INIT;

	buf_printf(&b, "(%s) NOPASSWD:", user);
	for (size_t i = 0; i < SUDO_MAX_WORDS && command->words[i]; i++) {
		char *word = fill_in(command->words[i], values);

		buf_puts(&b, i == 1 && pattern ? " ^" : " ");
		/* Any process, but a number: "-1" would be all of that user's. */
		if (str_eq(command->words[i], "@pid"))
			buf_puts(&b, "[1-9][0-9]{0,6}");
		else
			add_escaped(&b, word);
		free(word);
	}
	buf_puts(&b, pattern ? "$" : "");
	free(user);
	return buf_steal(&b);
}

/* What sudo printed, without the noise of login scripts before it. */
static const char *sudo_message(struct buf *errors)
{
	char *message = strstr(errors->data, "sudo: ");
	char *end;

	if (!message)
		message = errors->data;
	end = strchr(message, '\n');
	if (end)
		*end = '\0';
	return message;
}

static bool say_missing(const struct remote *remote, const struct sudo_command *command,
                        const struct sudo_values *values, struct buf *errors,
                        struct err *err)
{
	char **words = sudo_words(command, values, false);
	char *text = sudo_text(words), *rule = sudo_rule(command, values);
	const char *message = sudo_message(errors);

	err_set(err, "%s: sudo does not let us run '%s'%s%s", remote->host, text,
	        *message ? ": " : "", message);
	if (strstr(message, "tty"))
		err_hint(err, "sudoers: \"Defaults:USER !requiretty\" for the account "
		              "that logs in");
	else
		err_hint(err, "sudoers: USER ALL=%s", rule);
	free(rule);
	free(text);
	sudo_words_free(words);
	return false;
}

bool sudo_may(struct remote *remote, const struct sudo_command *command,
              const struct sudo_values *values, struct err *err)
{
	char **words = sudo_words(command, values, true);
	struct remote_result result = { 0 };
	bool ok = true;

	remote_run(remote, (const char *const *)words, loop_now(remote->loop) + ASK_TIME,
	           &result, err);
	if (result.end != REMOTE_EXITED)
		ok = false;
	else if (result.status == 127)
		ok = err_set(err, "%s: there is no sudo on this host", remote->host);
	else if (result.status != 0)
		ok = say_missing(remote, command, values, &result.errors, err);
	remote_result_free(&result);
	sudo_words_free(words);
	return ok;
}

static enum sudo_end end_of(const struct remote_result *result)
{
	bool refused = result->end == REMOTE_EXITED && result->status > 0 &&
	               result->status < 128;

	if (result->end == REMOTE_FAILED || refused)
		return SUDO_NOT_DONE;
	return result->end == REMOTE_EXITED && result->status == 0 ? SUDO_DONE
	                                                           : SUDO_IN_DOUBT;
}

enum sudo_end sudo_run(struct remote *remote, const struct sudo_command *command,
                       const struct sudo_values *values, double seconds, struct err *err)
{
	char **words = sudo_words(command, values, false);
	char *text = sudo_text(words);
	struct remote_result result = { 0 };
	enum sudo_end end;

	remote_run(remote, (const char *const *)words,
	           loop_now(remote->loop) + seconds_to_nsec(seconds), &result, err);
	end = end_of(&result);
	if (result.end == REMOTE_EXITED && result.status != 0)
		err_set(err, "%s: '%s' ended with %d: %s", remote->host, text,
		        result.status, sudo_message(&result.errors));
	remote_result_free(&result);
	free(text);
	sudo_words_free(words);
	return end;
}
