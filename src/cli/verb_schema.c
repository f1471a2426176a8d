/* pgmonkey schema: JSON Schema of the files, for editors. */
#include "cli/output.h"
#include "cli/verbs.h"

#include "base/log.h"
#include "scenario/cluster.h"
#include "scenario/gameday_file.h"
#include "scenario/scenario.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static cJSON *schema_of(const struct param *params)
{
	struct buf text = BUF_INIT;
	cJSON *schema;

	params_schema(params, &text);
	schema = cJSON_Parse(text.data);
	if (!schema)
		bug("params_schema() wrote no JSON: %s", text.data);
	buf_free(&text);
	return schema;
}

/* "fault": { NAME: { … } }, exactly one of the table. */
static cJSON *fault_schema(void)
{
	cJSON *schema = cJSON_CreateObject();
	cJSON *properties = cJSON_AddObjectToObject(schema, "properties");

	cJSON_AddStringToObject(schema, "type", "object");
	cJSON_AddBoolToObject(schema, "additionalProperties", false);
	cJSON_AddNumberToObject(schema, "minProperties", 1);
	cJSON_AddNumberToObject(schema, "maxProperties", 1);
	for (const struct fault_type *const *type = fault_types; *type; type++) {
		cJSON *one = schema_of((*type)->params);

		cJSON_AddStringToObject(one, "description", (*type)->summary);
		cJSON_AddItemToObject(properties, (*type)->name, one);
	}
	return schema;
}

/* A key that its reader takes apart itself: what it looks like is told here. */
static void put_fault(cJSON *schema)
{
	cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
	cJSON *old = cJSON_GetObjectItemCaseSensitive(properties, "fault");
	cJSON *doc = cJSON_DetachItemFromObjectCaseSensitive(old, "description");
	cJSON *fault = fault_schema();

	if (doc)
		cJSON_AddItemToObject(fault, "description", doc);
	if (!cJSON_ReplaceItemInObjectCaseSensitive(properties, "fault", fault))
		bug("a scenario has no key \"fault\"");
}

static const struct {
	const char *name;
	const char *title;
	const struct param *params;
} files[] = {
	{ "cluster", "PGMonkey cluster file", cluster_params },
	{ "scenario", "PGMonkey scenario", scenario_params },
	{ "gameday", "PGMonkey game day", gameday_params },
};

static int print_schema(size_t i)
{
	cJSON *schema = schema_of(files[i].params);
	cJSON *whole = cJSON_CreateObject();
	char *text;

	if (strcmp(files[i].name, "scenario") == 0)
		put_fault(schema);
	cJSON_AddStringToObject(whole, "$schema",
	                        "https://json-schema.org/draft/2020-12/schema");
	cJSON_AddStringToObject(whole, "title", files[i].title);
	while (schema->child) {
		cJSON *item = cJSON_DetachItemViaPointer(schema, schema->child);

		/* cJSON takes the key along in item->string. */
		cJSON_AddItemToObject(whole, item->string, item);
	}
	text = cJSON_Print(whole);
	say(stdout, "%s\n", text);
	free(text);
	cJSON_Delete(whole);
	cJSON_Delete(schema);
	return stdout_is_written() ? EXIT_PASS : EXIT_REFUSED;
}

static int run(const struct invocation *inv)
{
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (strcmp(files[i].name, inv->arguments[0]) == 0)
			return print_schema(i);
	return usage_error(inv->command, "\"%s\" is none of cluster, scenario, gameday",
	                   inv->arguments[0]);
}

static const char *const words[] = { "cluster", "scenario", "gameday", NULL };

const struct command schema_command = {
	.name = "schema",
	.summary = "print the JSON Schema of a kind of file, for editors",
	.arguments = "cluster|scenario|gameday",
	.min_arguments = 1,
	.max_arguments = 1,
	.words = words,
	.help = "JSON Schema (draft 2020-12), from the tables by which the files are "
		"read. `pgmonkey check --offline` says more than a schema can.\n",
	.run = run,
};
