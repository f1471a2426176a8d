#include "transport/remote.h"

#include "base/str.h"

#include <stdlib.h>

struct rule {
	char *prefix;
	enum remote_end end;
	int status;
	char *out;
	struct rule *older;
};

struct fake {
	struct remote remote;
	struct rule *newest;
	struct buf log;
};

static bool fake_open(struct remote *r, nsec_t deadline, struct err *err)
{
	(void)r;
	(void)deadline;
	(void)err;
	return true;
}

static const struct rule *find_rule(const struct fake *fake, const char *command)
{
	const struct rule *rule = fake->newest;

	while (rule && !str_starts(command, rule->prefix))
		rule = rule->older;
	return rule;
}

static void answer(const struct fake *fake, const char *command,
                   struct remote_result *result, struct err *err)
{
	static const char *const why[] = {
		[REMOTE_LOST] = "connection lost while the command ran",
		[REMOTE_TIMEOUT] = "no end before the deadline",
		[REMOTE_FAILED] = "no connection",
	};
	const struct rule *rule = find_rule(fake, command);

	if (!rule) {
		result->end = REMOTE_EXITED;
		result->status = 127;
		buf_printf(&result->errors, "no answer is set for: %s\n", command);
		return;
	}
	result->end = rule->end;
	result->status = rule->status;
	buf_puts(&result->out, rule->out);
	if (rule->end != REMOTE_EXITED)
		err_set(err, "%s: %s", fake->remote.host,
		        *rule->out ? rule->out : why[rule->end]);
}

static void fake_run(struct remote *r, const char *const *words, nsec_t deadline,
                     struct remote_result *result, struct err *err)
{
	struct fake *fake = (struct fake *)r;
	struct buf command = BUF_INIT;

	(void)deadline;
	for (; *words; words++)
		buf_printf(&command, "%s%s", command.len ? " " : "", *words);
	buf_printf(&fake->log, "%s\n", command.data);
	answer(fake, command.data, result, err);
	buf_free(&command);
}

static void fake_free(struct remote *r)
{
	struct fake *fake = (struct fake *)r;

	while (fake->newest) {
		struct rule *rule = fake->newest;

		fake->newest = rule->older;
		free(rule->prefix);
		free(rule->out);
		free(rule);
	}
	buf_free(&fake->log);
	free(r->host);
	free(fake);
}

static const struct remote_type fake_type = {
	.name = "fake",
	.open = fake_open,
	.run = fake_run,
	.free = fake_free,
};

struct remote *remote_fake(struct loop *loop, const char *host)
{
	struct fake *fake = XNEW(struct fake);

	fake->remote = (struct remote){ &fake_type, loop, xstrdup(host) };
	fake->log = (struct buf)BUF_INIT;
	return &fake->remote;
}

void remote_fake_answer(struct remote *r, const char *prefix, enum remote_end end,
                        int status, const char *out)
{
	struct fake *fake = (struct fake *)r;
	struct rule *rule = XNEW(struct rule);

	*rule = (struct rule){ xstrdup(prefix), end, status, xstrdup(out), fake->newest };
	fake->newest = rule;
}

const char *remote_fake_log(const struct remote *r)
{
	return ((const struct fake *)r)->log.data;
}
