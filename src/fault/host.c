/* Questions to a host: boots and processes. */
#include "fault/host.h"

#include "base/str.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ASK_TIME (8 * NSEC_PER_SEC)

/* ---- boots ------------------------------------------------------------------------ */

static bool is_uuid(const char *s)
{
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return s[36] == '\0';
}

/* "1 (systemd) S 0 …": the command may hold anything, so count from its last ')'. */
static bool parse_pid1(const char *line, int64_t *start)
{
	const char *at = str_starts(line, "1 (") ? strrchr(line, ')') : NULL;
	char *end;

	/* starttime is field 22, the state behind the command is field 3. */
	for (int field = 2; at && field < 22; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at || !isdigit((unsigned char)*at))
		return false;
	*start = strtoll(at, &end, 10);
	return *end == ' ';
}

bool boot_parse(const char *text, struct boot_facts *facts, struct err *err)
{
	char *copy_of = xstrdup(text), *rest = NULL;
	bool has_pid1 = false, twice = false;

	*facts = (struct boot_facts){ 0 };
	for (char *line = strtok_r(copy_of, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		if (is_uuid(line)) {
			twice = twice ||
			        (facts->boot_id[0] && !str_eq(facts->boot_id, line));
			memcpy(facts->boot_id, line, sizeof facts->boot_id);
		} else if (parse_pid1(line, &facts->pid1_start)) {
			has_pid1 = true;
		}
	}
	free(copy_of);
	if (!facts->boot_id[0])
		return err_set(err, "the host's boot id is no UUID");
	if (twice)
		return err_set(err, "two lines look like the host's boot id");
	return has_pid1 || err_set(err, "the host does not tell when its PID 1 began");
}

bool boot_ask(struct remote *remote, struct boot_facts *facts, struct err *err)
{
	static const char *const words[] = {
		"cat",
		"/proc/sys/kernel/random/boot_id",
		"/proc/1/stat",
		NULL,
	};
	struct buf out = BUF_INIT;
	bool ok = remote_ask(remote, words, loop_now(remote->loop) + ASK_TIME, &out, err);

	if (ok && !boot_parse(out.data, facts, err))
		ok = err_prefix(err, "%s", remote->host);
	buf_free(&out);
	return ok;
}

/* ---- processes -------------------------------------------------------------------- */

bool process_ask(struct remote *remote, int64_t pid, struct process_facts *facts,
                 struct err *err)
{
	char number[24];
	const char *const words[] = {
		"ps", "-o", "pid=,ppid=,comm=", "-p", number, NULL
	};
	struct remote_result result = { 0 };
	char *rest = NULL;

	*facts = (struct process_facts){ 0 };
	snprintf(number, sizeof number, "%" PRId64, pid);
	remote_run(remote, words, loop_now(remote->loop) + ASK_TIME, &result, err);
	/* 1: there is no such process. */
	if (result.end != REMOTE_EXITED || result.status > 1) {
		if (result.end == REMOTE_EXITED)
			err_set(err, "%s: ps ended with %d", remote->host, result.status);
		remote_result_free(&result);
		return false;
	}
	for (char *line = strtok_r(result.out.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct process_facts f = { 0 };

		if (sscanf(line, "%" SCNd64 " %" SCNd64 " %31s", &f.pid, &f.parent,
		           f.command) == 3 &&
		    f.pid == pid)
			*facts = f;
	}
	remote_result_free(&result);
	return true;
}

bool process_child(struct remote *remote, int64_t parent, const char *word, int64_t *pid,
                   struct err *err)
{
	char number[24];
	const char *const words[] = { "ps", "-o", "pid=,args=", "--ppid", number, NULL };
	struct remote_result result = { 0 };
	char *rest = NULL;
	bool asked;

	*pid = 0;
	snprintf(number, sizeof number, "%" PRId64, parent);
	remote_run(remote, words, loop_now(remote->loop) + ASK_TIME, &result, err);
	asked = result.end == REMOTE_EXITED && result.status <= 1;
	for (char *line = asked ? strtok_r(result.out.data, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *end;
		long long n = strtoll(line, &end, 10);

		if (n > 0 && *end == ' ' && strstr(end, word))
			*pid = n;
	}
	if (!asked && result.end == REMOTE_EXITED)
		err_set(err, "%s: ps ended with %d", remote->host, result.status);
	remote_result_free(&result);
	return asked;
}
