/* Commands of a fault's own table: may they be run?  Run them, and keep what was said. */
#include "fault/heal.h"

#include "base/str.h"

#include <stdlib.h>

struct sudo_values postgres_values(const struct fault *fault)
{
	const struct service *s = inventory_service(fault->inventory, "postgres");

	return (struct sudo_values){
		.data_directory = s ? s->data_directory : NULL,
		.bin_directory = s ? s->bin_directory : NULL,
		.os_user = s && s->os_user ? s->os_user : "postgres",
	};
}

const char *postgres_keeper(const struct fault *fault)
{
	const struct host *host = inventory_host(fault->inventory, fault->target.host);

	return host && host_runs(host, "patroni") ? "patroni" : "postgres";
}

bool heal_may(const struct fault *fault, const char *command, struct err *err)
{
	const struct sudo_command *c = sudo_find(fault->type->sudo, command);
	struct sudo_values values = postgres_values(fault);

	for (size_t i = 0; (values.unit = heal_unit(fault, i)); i++)
		if (!sudo_may(fault->remote, c, &values, err))
			return false;
	return true;
}

bool manager_may(const struct fault *fault, struct err *err)
{
	const char *why_not = fault->ha->type->cannot(fault->ha, fault->type->verb);

	if (why_not)
		return err_set(err, "%s: %s", fault->type->name, why_not);
	return fault->ha->type->may_change(fault->ha,
	                                   loop_now(fault->loop) + 5 * NSEC_PER_SEC, err);
}

static void append(char **field, const char *text)
{
	fault_set(field, *field ? xasprintf("%s; %s", *field, text) : xstrdup(text));
}

static enum sudo_end run_one(struct fault *fault, const struct sudo_command *command,
                             const struct sudo_values *values, double seconds,
                             struct err *err)
{
	char **words = sudo_words(command, values, false);
	char *text = sudo_text(words);
	enum sudo_end end = sudo_run(fault->remote, command, values, seconds, err);

	append(&fault->command, text);
	append(&fault->answer, end == SUDO_DONE ? "done" : err->message);
	free(text);
	sudo_words_free(words);
	return end;
}

bool fault_run(struct fault *fault, const char *command, struct sudo_values values,
               double seconds, struct err *err)
{
	const struct sudo_command *c = sudo_find(fault->type->sudo, command);
	bool any = false;
	size_t i = 0;

	fault_set(&fault->command, NULL);
	fault_set(&fault->answer, NULL);
	do {
		enum sudo_end end;

		if (heal_unit(fault, i))
			values.unit = heal_unit(fault, i);
		end = run_one(fault, c, &values, seconds, err);
		any = any || end != SUDO_NOT_DONE;
		/* One of several that failed: what confirm() sees decides. */
		fault->in_doubt = fault->in_doubt || end != SUDO_DONE;
	} while (heal_unit(fault, ++i));
	fault->in_doubt = fault->in_doubt && any;
	return any;
}

bool fault_run_once(struct fault *fault, const char *command,
                    const struct sudo_values *values, double seconds, struct err *err)
{
	const struct sudo_command *c = sudo_find(fault->type->sudo, command);
	enum sudo_end end;

	fault_set(&fault->command, NULL);
	fault_set(&fault->answer, NULL);
	end = run_one(fault, c, values, seconds, err);
	fault->in_doubt = end == SUDO_IN_DOUBT;
	return end != SUDO_NOT_DONE;
}
