/* Faults from scenario files and from ledgers, by each type's table of parameters. */
#include "fault/fault.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TYPES 64

static struct fault *fault_new(const struct fault_type *type)
{
	struct fault *fault = XNEW(struct fault);

	fault->type = type;
	/* A type without parameters is parsed all the same: an empty table. */
	fault->params = xcalloc(1, type->params_size ? type->params_size : 1);
	return fault;
}

void fault_free(struct fault *fault)
{
	if (!fault)
		return;
	params_free(fault->type->params, fault->params);
	free(fault->params);
	free(fault->target.expression);
	free(fault->target.host);
	free(fault->target.member);
	free(fault->target.role);
	cJSON_Delete(fault->heal);
	free(fault->command);
	free(fault->answer);
	free(fault->evidence);
	free(fault->lacking);
	free(fault);
}

static bool unknown_type(const struct json_doc *doc, const cJSON *value, struct err *err)
{
	const char *names[MAX_TYPES] = { NULL };
	const char *nearest;

	for (size_t i = 0; i < MAX_TYPES - 1 && fault_types[i]; i++)
		names[i] = fault_types[i]->name;
	nearest = str_nearest(value->string, names);
	json_fail(doc, value, JSON_AT_KEY, err, "unknown fault '%s'", value->string);
	return nearest ? err_hint(err, "did you mean '%s'?", nearest)
	               : err_hint(err, "`pgmonkey list faults` tells all there are");
}

/* The one member of {"NAME": {…}}. */
static const cJSON *only_member(const struct json_doc *doc, const cJSON *object,
                                struct err *err)
{
	if (!cJSON_IsObject(object) || !object->child) {
		json_fail(doc, object, JSON_AT_VALUE, err,
		          "expected one fault as { \"NAME\": { … } }, got %s",
		          cJSON_IsObject(object) ? "an empty object" : json_kind(object));
		return NULL;
	}
	if (object->child->next) {
		json_fail(doc, object->child->next, JSON_AT_KEY, err,
		          "a scenario has one fault, '%s' is the second",
		          object->child->next->string);
		return NULL;
	}
	return object->child;
}

bool fault_parse(const struct json_doc *doc, const cJSON *object, struct fault **fault,
                 struct err *err)
{
	const cJSON *value = only_member(doc, object, err);
	const struct fault_type *type = value ? fault_type_find(value->string) : NULL;
	struct fault *f;

	*fault = NULL;
	if (!value)
		return false;
	if (!type)
		return unknown_type(doc, value, err);
	f = fault_new(type);
	if (!params_parse(type->params, doc, value, f->params, err) ||
	    !params_go_together(type->params, doc, value, f->params, err)) {
		fault_free(f);
		return false;
	}
	f->hold_seconds = type->hold ? type->hold(f->params) : 0;
	*fault = f;
	return true;
}

static char *string_or_null(const cJSON *object, const char *key)
{
	const char *s = json_string(object, key);

	return s ? xstrdup(s) : NULL;
}

/* Through text, so that errors have a place to point at. */
static bool params_from_intent(struct fault *fault, const cJSON *params, struct err *err)
{
	char *text = params ? cJSON_PrintUnformatted(params) : xstrdup("{}");
	struct json_doc doc = { 0 };
	bool ok = json_doc_parse(&doc, "intent", text, strlen(text), err);

	if (ok) {
		ok = params_parse(fault->type->params, &doc, doc.root, fault->params,
		                  err);
		json_doc_free(&doc);
	}
	free(text);
	return ok;
}

bool fault_from_intent(const cJSON *intent, struct fault **fault, struct err *err)
{
	const char *name = json_string(intent, "fault");
	const cJSON *target = json_get(intent, "target");
	const cJSON *heal = json_get(intent, "heal");
	const struct fault_type *type = name ? fault_type_find(name) : NULL;
	struct fault *f;

	*fault = NULL;
	if (!type)
		return err_set(err, "the ledger's intent names an unknown fault '%s'",
		               name ? name : "");
	if (!cJSON_IsObject(heal))
		return err_set(err, "the ledger's intent does not say how %s is healed",
		               name);
	f = fault_new(type);
	if (!params_from_intent(f, json_get(intent, "params"), err)) {
		fault_free(f);
		return false;
	}
	f->hold_seconds = type->hold ? type->hold(f->params) : 0;
	f->target.expression = string_or_null(target, "expression");
	f->target.host = string_or_null(target, "host");
	f->target.member = string_or_null(target, "member");
	f->target.role = string_or_null(target, "role");
	f->heal = cJSON_Duplicate(heal, true);
	*fault = f;
	return true;
}

const char *fault_target_expression(const struct fault *fault)
{
	const struct param *p = fault->type->params;

	if (!str_eq(p->key, "target"))
		return NULL;
	return *(char *const *)((const char *)fault->params + p->offset);
}

unsigned fault_needs(const struct fault *fault)
{
	return fault->type->needs_now ? fault->type->needs_now(fault)
	                              : fault->type->needs;
}

static void add_strings(cJSON *object, const char *key, const struct strings *list)
{
	cJSON *array = cJSON_AddArrayToObject(object, key);

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->items[i]));
}

static void add_param(cJSON *object, const struct param *p, const void *params)
{
	const void *field = (const char *)params + p->offset;

	switch (p->type) {
	case PARAM_TYPE_BOOL:
		cJSON_AddBoolToObject(object, p->key, *(const bool *)field);
		break;
	case PARAM_TYPE_INTEGER:
		cJSON_AddNumberToObject(object, p->key, (double)*(const int64_t *)field);
		break;
	case PARAM_TYPE_NUMBER:
		cJSON_AddNumberToObject(object, p->key, *(const double *)field);
		break;
	case PARAM_TYPE_STRING:
	case PARAM_TYPE_CHOICE:
		if (*(char *const *)field)
			cJSON_AddStringToObject(object, p->key, *(char *const *)field);
		break;
	case PARAM_TYPE_STRINGS:
		add_strings(object, p->key, field);
		break;
	case PARAM_TYPE_OBJECT:
	case PARAM_TYPE_CUSTOM:
	case PARAM_TYPE_END:
		break;
	}
}

cJSON *fault_params_json(const struct fault *fault)
{
	cJSON *object = cJSON_CreateObject();

	for (const struct param *p = fault->type->params; p->type != PARAM_TYPE_END; p++)
		add_param(object, p, fault->params);
	return object;
}
