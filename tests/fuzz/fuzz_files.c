/*
 * libFuzzer harness: any bytes as a cluster, scenario or game day file.  Build with
 *
 *	clang -fsanitize=fuzzer,address,undefined …  (make fuzz)
 *
 * What is accepted must survive being written to a ledger and read back.
 */
#include "base/json.h"
#include "scenario/cluster.h"
#include "scenario/gameday_file.h"
#include "scenario/scenario.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what, const struct err *err)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, err->message);
	abort();
}

static void try_cluster(struct json_doc *doc)
{
	struct err err = { 0 };
	struct cluster *c = cluster_from_doc(doc, &err);
	struct cluster *again;
	cJSON *tree;
	char *text;

	require(c || strncmp(err.message, "f:", 2) == 0, "an error without its place",
	        &err);
	if (!c)
		return;
	text = cluster_scrubbed_json(c);
	tree = cJSON_Parse(text);
	again = cluster_from_ledger(tree, "ledger", &err);
	require(again != NULL, "not readable from a ledger", &err);
	cluster_free(again);
	cJSON_Delete(tree);
	free(text);
	cluster_free(c);
}

static void try_scenario(struct json_doc *doc)
{
	struct err err = { 0 };
	struct scenario *s = scenario_from_doc(doc, &err);
	struct scenario *again;
	struct json_doc copy;
	char *text;

	require(s || strncmp(err.message, "f:", 2) == 0, "an error without its place",
	        &err);
	if (!s)
		return;
	text = scenario_effective_json(s);
	require(json_doc_parse(&copy, "f", text, strlen(text), &err), "as played", &err);
	again = scenario_from_doc(&copy, &err);
	require(again != NULL, "as played", &err);
	scenario_free(again);
	free(text);
	scenario_free(s);
}

static void try_gameday(struct json_doc *doc)
{
	struct err err = { 0 };
	struct gameday_file *g = gameday_from_doc(doc, &err);

	require(g || err.message[0], "an error without a message", &err);
	gameday_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc doc;
	struct err err = { 0 };

	if (!json_doc_parse(&doc, "f", (const char *)data, size, &err)) {
		require(strncmp(err.message, "f:", 2) == 0, "an error without its place",
		        &err);
		return 0;
	}
	switch (file_kind_of(&doc)) {
	case FILE_CLUSTER:
		try_cluster(&doc);
		break;
	case FILE_SCENARIO:
		try_scenario(&doc);
		break;
	case FILE_GAMEDAY:
		try_gameday(&doc);
		break;
	case FILE_UNKNOWN:
		json_doc_free(&doc);
	}
	return 0;
}
