/*
 * What a fault does as somebody else on a host, as a table: the same rows are checked in
 * ARM (`sudo -n -l`, which changes nothing), run in INJECT and HEAL, and printed as the
 * sudoers rules that an operator has to grant.
 *
 *	static const struct sudo_command commands[] = {
 *		{ "start", NULL, { "/usr/bin/systemctl", "start", "@unit" } },
 *		{ NULL },
 *	};
 *
 * Words that begin with "@" are filled in: @unit, @pid, @mode, @data_directory,
 * @bin_directory/pg_ctl.
 */
#ifndef FAULT_SUDO_H
#define FAULT_SUDO_H

#include "transport/remote.h"

#define SUDO_MAX_WORDS 9

struct sudo_command {
	const char *name; /* within its fault; NULL ends a table */
	const char *as;   /* NULL: root; else the OS user: "@os_user" */
	const char *words[SUDO_MAX_WORDS];
};

struct sudo_values {
	const char *unit, *pid, *mode, *data_directory, *bin_directory, *os_user;
};

const struct sudo_command *sudo_find(const struct sudo_command *table, const char *name);

/*
 * "sudo -n [-u USER] WORD…", or with `only_ask` "sudo -n -l …".  NULL-ended; the caller
 * frees it with sudo_words_free().
 */
char **sudo_words(const struct sudo_command *command, const struct sudo_values *values,
                  bool only_ask);
void sudo_words_free(char **words);

/* The words as shown to people: "sudo -n /usr/bin/systemctl restart …". Caller frees. */
char *sudo_text(char *const *words);

/* "(root) NOPASSWD: /usr/bin/systemctl kill --signal\=KILL haproxy.service". Caller
 * frees. */
char *sudo_rule(const struct sudo_command *command, const struct sudo_values *values);

/* Is the rule there?  Changes nothing.  False + what is missing, with the rule as hint. */
bool sudo_may(struct remote *remote, const struct sudo_command *command,
              const struct sudo_values *values, struct err *err) MUSTCHECK;

enum sudo_end {
	SUDO_DONE,     /* it ended with 0 */
	SUDO_NOT_DONE, /* nothing was done, err says why */
	SUDO_IN_DOUBT, /* sent, its end is not known; err says why */
};

/* Runs it.  Exit statuses of 128 and more (a signal) are in doubt. */
enum sudo_end sudo_run(struct remote *remote, const struct sudo_command *command,
                       const struct sudo_values *values, double seconds, struct err *err);

#endif
