#include "scenario/scenario.h"

#include "base/str.h"
#include "scenario/target.h"

#include <stdlib.h>

#define MAX_NAME 100

/* ---- Checks that a table cannot say ---------------------------------------------- */

static bool check_name(const struct scenario *s, struct err *err)
{
	const cJSON *node = json_get(s->doc.root, "experiment");
	size_t n = 0;

	for (const char *c = s->experiment; *c; c++, n++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return params_fail(
				&s->doc, node, err,
				"a name is one line without control characters");
	return n <= MAX_NAME ||
	       params_fail(&s->doc, node, err, "a name has at most %d bytes", MAX_NAME);
}

/* Who expects less than a recovery says why; who does not has nothing to excuse. */
static bool check_expectation(const struct scenario *s, struct err *err)
{
	bool recovers = str_eq(s->expect, "recovers");

	if (!recovers && (!s->because || !*s->because))
		return params_fail(&s->doc, json_get(s->doc.root, "expect"), err,
		                   "\"%s\" needs a \"because\": why that is right",
		                   s->expect);
	if (recovers && s->because)
		return params_fail(&s->doc, json_get(s->doc.root, "because"), err,
		                   "that a cluster recovers needs no excuse: it belongs "
		                   "to another \"expect\"");
	return true;
}

static bool check_target(const struct scenario *s, struct err *err)
{
	const char *expression = fault_target_expression(s->fault);
	const cJSON *fault = json_get(s->doc.root, "fault")->child;
	const cJSON *node = json_get(fault, "target");
	struct err reason = { 0 };

	if (!expression || target_parse(expression, &reason))
		return true;
	params_fail(&s->doc, node ? node : fault, err, "%s", reason.message);
	return reason.hint[0] ? err_hint(err, "%s", reason.hint) : false;
}

static bool check_steady(const struct scenario *s, struct err *err)
{
	const cJSON *section = json_get(s->doc.root, "steady_state");
	const cJSON *limit = json_get(section, "limit_seconds");

	if (s->steady_state.hold_seconds < s->steady_state.limit_seconds)
		return true;
	return params_fail(&s->doc, limit ? limit : section, err,
	                   "the limit (%g s) is not longer than hold_seconds (%g s)",
	                   s->steady_state.limit_seconds, s->steady_state.hold_seconds);
}

/* ---- The whole ------------------------------------------------------------------- */

static bool fill(struct scenario *s, struct err *err)
{
	struct json_doc doc = s->doc;

	if (!params_parse(scenario_params, &doc, doc.root, s, err)) {
		*s = (struct scenario){ .doc = doc };
		return false;
	}
	return check_name(s, err) &&
	       fault_parse(&s->doc, json_get(s->doc.root, "fault"), &s->fault, err) &&
	       check_target(s, err) && check_steady(s, err) && check_expectation(s, err);
}

struct scenario *scenario_from_doc(struct json_doc *doc, struct err *err)
{
	struct scenario *s = XNEW(struct scenario);

	s->doc = *doc;
	*doc = (struct json_doc){ 0 };
	if (fill(s, err))
		return s;
	scenario_free(s);
	return NULL;
}

struct scenario *scenario_read(const char *path, struct err *err)
{
	struct json_doc doc;

	return json_doc_read(&doc, path, err) ? scenario_from_doc(&doc, err) : NULL;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	fault_free(s->fault);
	params_free(scenario_params, s);
	json_doc_free(&s->doc);
	free(s);
}

char *scenario_effective_json(const struct scenario *s)
{
	cJSON *tree = params_to_json(scenario_params, s, s->doc.root);
	const struct fault_type *type = s->fault->type;
	cJSON *fault = cJSON_CreateObject();
	char *text;

	cJSON_AddItemToObject(fault, type->name,
	                      params_to_json(type->params, s->fault->params,
	                                     json_get(s->doc.root, "fault")->child));
	cJSON_ReplaceItemInObjectCaseSensitive(tree, "fault", fault);
	text = cJSON_PrintUnformatted(tree);
	cJSON_Delete(tree);
	return text;
}
