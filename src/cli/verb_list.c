/* pgmonkey list: what there is, from the tables that the program itself works by. */
#include "cli/output.h"
#include "cli/verbs.h"

#include "fault/fault.h"
#include "probe/probe.h"
#include "scenario/target.h"

#include <string.h>

/* A name with a sentence; faults tell more of themselves. */
struct entry {
	const char *name, *summary;
	const struct fault_type *fault; /* NULL for everything else */
};

struct catalogue {
	const char *name;
	const char *title;
	bool (*entry)(size_t i, struct entry *out); /* false behind the last one */
};

static bool fault_entry(size_t i, struct entry *out)
{
	const struct fault_type *type = fault_types[i];

	if (type)
		*out = (struct entry){ type->name, type->summary, type };
	return type != NULL;
}

static bool probe_entry(size_t i, struct entry *out)
{
	*out = (struct entry){ probe_kinds[i].name, probe_kinds[i].summary, NULL };
	return out->name != NULL;
}

static bool manager_entry(size_t i, struct entry *out)
{
	if (ha_types[i])
		*out = (struct entry){ ha_types[i]->name, ha_types[i]->summary, NULL };
	return ha_types[i] != NULL;
}

static bool target_entry(size_t i, struct entry *out)
{
	*out = (struct entry){ target_words[i].word, target_words[i].summary, NULL };
	return out->name != NULL;
}

static const struct catalogue catalogues[] = {
	{ "faults", "Faults", fault_entry },
	{ "probes", "Probes", probe_entry },
	{ "managers", "HA managers", manager_entry },
	{ "targets", "Targets", target_entry },
	{ NULL, NULL, NULL },
};

/* ---- text -------------------------------------------------------------------------- */

static void put_type(const struct param *p, struct buf *out)
{
	switch (p->type) {
	case PARAM_TYPE_BOOL:
		buf_puts(out, "true or false");
		break;
	case PARAM_TYPE_INTEGER:
	case PARAM_TYPE_NUMBER:
		buf_printf(out, "%s %.15g to %.15g",
		           p->type == PARAM_TYPE_INTEGER ? "whole number" : "number",
		           p->min, p->max);
		break;
	case PARAM_TYPE_CHOICE:
		for (size_t i = 0; p->choices[i]; i++)
			buf_printf(out, "%s%s", i ? " | " : "", p->choices[i]);
		break;
	case PARAM_TYPE_STRINGS:
		buf_puts(out, "list of strings");
		break;
	case PARAM_TYPE_OBJECT:
		buf_puts(out, "object");
		break;
	default:
		buf_puts(out, "string");
	}
}

static void put_params(const struct param *params, struct buf *out)
{
	for (; params && params->type != PARAM_TYPE_END; params++) {
		buf_printf(out, "      %s (", params->key);
		put_type(params, out);
		if (params->required)
			buf_puts(out, ", required");
		else if (params->fallback)
			buf_printf(out, ", default %s", params->fallback);
		buf_printf(out, ")\n          %s\n", params->doc);
	}
}

static void put_targets(const struct fault_type *fault, const char *separator,
                        const char *around, struct buf *out)
{
	if (!fault->targets || !fault->targets[0]) {
		buf_puts(out, "none");
		return;
	}
	buf_puts(out, around);
	for (size_t i = 0; fault->targets[i]; i++)
		buf_printf(out, "%s%s", i ? separator : "", fault->targets[i]);
	buf_puts(out, around);
}

static void text_entry(const struct entry *e, int width, struct buf *out)
{
	if (!e->fault) {
		buf_printf(out, "%-*s  %s\n", width, e->name, e->summary);
		return;
	}
	buf_printf(out, "%s: %s\n", e->name, e->summary);
	buf_puts(out, "    targets: ");
	put_targets(e->fault, ", ", "", out);
	buf_printf(out, "\n    undo: %s\n", e->fault->undo);
	if (e->fault->params && e->fault->params->type != PARAM_TYPE_END)
		buf_puts(out, "    parameters:\n");
	put_params(e->fault->params, out);
}

static void list_text(const struct catalogue *c, struct buf *out)
{
	struct entry e;
	int width = 0;

	for (size_t i = 0; c->entry(i, &e); i++)
		if ((int)strlen(e.name) > width)
			width = (int)strlen(e.name);
	for (size_t i = 0; c->entry(i, &e); i++)
		text_entry(&e, width, out);
}

/* ---- markdown ---------------------------------------------------------------------- */

static void list_markdown(const struct catalogue *c, struct buf *out)
{
	bool faults = c->entry == fault_entry;
	struct entry e;

	buf_printf(out, "| %s | what it is |%s\n| --- | --- |%s\n", c->title,
	           faults ? " targets | what heals it |" : "",
	           faults ? " --- | --- |" : "");
	for (size_t i = 0; c->entry(i, &e); i++) {
		buf_printf(out, "| `%s` | %s |", e.name, e.summary);
		if (e.fault) {
			buf_putc(out, ' ');
			put_targets(e.fault, "`, `", "`", out);
			buf_printf(out, " | %s |", e.fault->undo);
		}
		buf_putc(out, '\n');
	}
	for (size_t i = 0; faults && c->entry(i, &e); i++) {
		buf_printf(out, "\n### %s\n\n%s\n\n", e.name, e.summary);
		params_markdown(e.fault->params, out);
	}
}

/* ---- json -------------------------------------------------------------------------- */

static void json_key(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, ", \"%s\": ", key);
	buf_json_string(out, value);
}

static void json_fault(const struct fault_type *fault, struct buf *out)
{
	buf_puts(out, ", \"targets\": [");
	for (size_t i = 0; fault->targets && fault->targets[i]; i++) {
		buf_puts(out, i ? ", " : "");
		buf_json_string(out, fault->targets[i]);
	}
	buf_puts(out, "]");
	json_key(out, "undo", fault->undo);
	buf_puts(out, ", \"parameters\": ");
	params_schema(fault->params, out);
}

static void list_json(const struct catalogue *c, struct buf *out)
{
	struct entry e;

	for (size_t i = 0; c->entry(i, &e); i++) {
		buf_puts(out, i ? ",\n  { \"name\": " : "[\n  { \"name\": ");
		buf_json_string(out, e.name);
		json_key(out, "summary", e.summary);
		if (e.fault)
			json_fault(e.fault, out);
		buf_puts(out, " }");
	}
	buf_puts(out, "\n]\n");
}

static const struct {
	const char *name;
	void (*write)(const struct catalogue *, struct buf *);
} formats[] = {
	{ "text", list_text },
	{ "markdown", list_markdown },
	{ "json", list_json },
};

static const char *const *format_names(void)
{
	static const char *const names[] = { "text", "markdown", "json", NULL };

	return names;
}

static int run(const struct invocation *inv)
{
	const char *format = invocation_option(inv, "format");
	const struct catalogue *c = catalogues;
	struct buf out = BUF_INIT;

	while (c->name && strcmp(c->name, inv->arguments[0]) != 0)
		c++;
	if (!c->name)
		return usage_error(inv->command,
		                   "\"%s\" is none of faults, probes, managers, targets",
		                   inv->arguments[0]);
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].name, format ? format : "text") == 0)
			formats[i].write(c, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
	return stdout_is_written() ? EXIT_PASS : EXIT_REFUSED;
}

static const struct cli_option options[] = {
	{ "format", 0, "FORMAT", "how it is written (text)", format_names },
	{ NULL, 0, NULL, NULL, NULL },
};

static const char *const words[] = { "faults", "probes", "managers", "targets", NULL };

const struct command list_command = {
	.name = "list",
	.summary = "list faults with their parameters, probes, HA managers or targets",
	.arguments = "faults|probes|managers|targets",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.words = words,
	.help = "Prints what this program knows, from the tables that it works by "
		"itself: what a scenario file may name, with the parameters of each "
		"fault, the targets that make sense for it and what heals it.\n",
	.run = run,
};
