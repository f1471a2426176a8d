#include "base/params.h"

#include "base/log.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EXACT 9007199254740991.0 /* 2^53 - 1: beyond it doubles skip integers */
#define MAX_KEYS  64

/* What is being filled, and where errors go. doc NULL: from a default, never wrong. */
struct filling {
	const struct json_doc *doc;
	struct err *err;
};

/* ---- Errors ----------------------------------------------------------------------- */

static bool fail_type(const struct json_doc *doc, const cJSON *node, struct err *err,
                      const char *wanted)
{
	return params_fail(doc, node, err, "expected %s, found %s", wanted,
	                   json_kind(node));
}

/* "a, b, c" of a NULL-ended list. Caller frees. */
static char *join(const char *const *words)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; words[i]; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", words[i]);
	return buf_steal(&b);
}

static bool fail_unknown_key(const struct param *table, const struct json_doc *doc,
                             const cJSON *object, const cJSON *member, struct err *err)
{
	const char *keys[MAX_KEYS + 1] = { NULL };
	char *where = json_path(doc, object);
	char *key = json_quote(member->string);
	const char *nearest;
	char *all;

	for (size_t i = 0; i < MAX_KEYS && table[i].type; i++)
		keys[i] = table[i].key;
	all = join(keys);
	nearest = str_nearest(member->string, keys);
	json_fail(doc, member, JSON_AT_KEY, err, "unknown key %s%s%.200s%s%s%s", key,
	          *where ? " in " : "", where, nearest ? " (did you mean \"" : "",
	          nearest ? nearest : "", nearest ? "\"?)" : "");
	err_hint(err, *all ? "known keys: %s" : "no keys are known here%s", all);
	free(all);
	free(key);
	free(where);
	return false;
}

static bool fail_missing(const struct param *p, const struct json_doc *doc,
                         const cJSON *object, struct err *err)
{
	char *where = json_path(doc, object);

	json_fail(doc, object, JSON_AT_VALUE, err, "%.200s%skey \"%s\" is missing", where,
	          *where ? ": " : "", p->key);
	err_hint(err, "%s: %s", p->key, p->doc ? p->doc : "required");
	free(where);
	return false;
}

static bool fail_choice(const struct param *p, const struct filling *f, const cJSON *node)
{
	const char *nearest = str_nearest(node->valuestring, p->choices);
	char *found = json_quote(node->valuestring);
	char *all = join(p->choices);

	params_fail(f->doc, node, f->err, "expected one of %s, found %s%s%s%s", all,
	            found, nearest ? " (did you mean \"" : "", nearest ? nearest : "",
	            nearest ? "\"?)" : "");
	free(all);
	free(found);
	return false;
}

/* ---- One value -------------------------------------------------------------------- */

static bool fill_object(const struct param *table, const struct filling *f,
                        const cJSON *object, void *out);

static bool check_number(const struct param *p, const struct filling *f,
                         const cJSON *node, const char *kind)
{
	double v = node->valuedouble;

	if (!f->doc || (isfinite(v) && v >= p->min && v <= p->max))
		return true;
	return params_fail(f->doc, node, f->err,
	                   "expected %s from %.10g to %.10g, found %.10g", kind, p->min,
	                   p->max, v);
}

static bool fill_number(const struct param *p, const struct filling *f, const cJSON *node,
                        void *at)
{
	bool integer = p->type == PARAM_TYPE_INTEGER;
	const char *kind = integer ? "a whole number" : "a number";
	double v;

	if (!cJSON_IsNumber(node))
		return fail_type(f->doc, node, f->err, kind);
	v = node->valuedouble;
	if (integer && floor(v) != v)
		return params_fail(f->doc, node, f->err,
		                   "expected a whole number, found %.10g", v);
	if (!check_number(p, f, node, kind))
		return false;
	if (integer && fabs(v) > MAX_EXACT)
		return params_fail(f->doc, node, f->err,
		                   "a number of this size is not exact in JSON");
	if (integer)
		*(int64_t *)at = (int64_t)v;
	else
		*(double *)at = v;
	return true;
}

static bool fill_string(const struct param *p, const struct filling *f, const cJSON *node,
                        void *at)
{
	if (!params_expect_string(f->doc, node, f->err))
		return false;
	if (p->type == PARAM_TYPE_CHOICE) {
		const char *const *choice = p->choices;

		while (*choice && !str_eq(*choice, node->valuestring))
			choice++;
		if (!*choice)
			return f->doc && fail_choice(p, f, node);
	}
	*(char **)at = xstrdup(node->valuestring);
	return true;
}

static bool fill_strings(const struct filling *f, const cJSON *node, struct strings *list)
{
	const cJSON *item;

	if (cJSON_IsString(node)) {
		if (!params_expect_string(f->doc, node, f->err))
			return false;
		strings_add(list, node->valuestring);
		return true;
	}
	if (!cJSON_IsArray(node))
		return fail_type(f->doc, node, f->err, "an array of strings");
	cJSON_ArrayForEach (item, node) {
		if (!params_expect_string(f->doc, item, f->err))
			return false;
		if (strings_contain(list, item->valuestring))
			return params_fail(f->doc, item, f->err,
			                   "stands twice in the list");
		strings_add(list, item->valuestring);
	}
	return true;
}

static bool check_shape(const struct param *p, const struct filling *f, const cJSON *node)
{
	if (p->is_list)
		return cJSON_IsArray(node) ||
		       fail_type(f->doc, node, f->err, "an array of objects");
	return !p->fields || params_expect_object(f->doc, node, f->err);
}

static bool fill_value(const struct param *p, const struct filling *f, const cJSON *node,
                       void *at)
{
	switch (p->type) {
	case PARAM_TYPE_BOOL:
		if (!cJSON_IsBool(node))
			return fail_type(f->doc, node, f->err, "true or false");
		*(bool *)at = cJSON_IsTrue(node);
		return true;
	case PARAM_TYPE_INTEGER:
	case PARAM_TYPE_NUMBER:
		return fill_number(p, f, node, at);
	case PARAM_TYPE_STRING:
	case PARAM_TYPE_CHOICE:
		return fill_string(p, f, node, at);
	case PARAM_TYPE_STRINGS:
		return fill_strings(f, node, at);
	case PARAM_TYPE_OBJECT:
		return params_expect_object(f->doc, node, f->err) &&
		       fill_object(p->fields, f, node, at);
	case PARAM_TYPE_CUSTOM:
		return check_shape(p, f, node);
	case PARAM_TYPE_END:
		break;
	}
	return true;
}

/* ---- Defaults --------------------------------------------------------------------- */

static void fill_defaults(const struct param *table, void *out);

static void fill_default(const struct param *p, void *at)
{
	struct filling f = { NULL, NULL };
	cJSON *value;

	if (p->type == PARAM_TYPE_OBJECT)
		fill_defaults(p->fields, at);
	if (!p->fallback)
		return;
	value = cJSON_Parse(p->fallback);
	if (!value || !fill_value(p, &f, value, at))
		bug("default %s of \"%s\" is no value of its type", p->fallback, p->key);
	cJSON_Delete(value);
}

static void fill_defaults(const struct param *table, void *out)
{
	for (const struct param *p = table; p->type; p++)
		fill_default(p, (char *)out + p->offset);
}

/* ---- A whole object --------------------------------------------------------------- */

static const struct param *find_param(const struct param *table, const char *key)
{
	for (; table->type; table++)
		if (str_eq(table->key, key))
			return table;
	return NULL;
}

bool param_applies(const struct param *table, const struct param *p, const void *in)
{
	const struct param *sibling = p->with_key ? find_param(table, p->with_key) : NULL;

	return !sibling || str_eq(*(char *const *)((const char *)in + sibling->offset),
	                          p->with_value);
}

static bool fill_object(const struct param *table, const struct filling *f,
                        const cJSON *object, void *out)
{
	const cJSON *member;

	if (object)
		cJSON_ArrayForEach (member, object)
			if (!find_param(table, member->string))
				return fail_unknown_key(table, f->doc, object, member,
				                        f->err);
	for (const struct param *p = table; p->type; p++) {
		void *at = (char *)out + p->offset;

		member = json_get(object, p->key);
		if (!member && p->required)
			return fail_missing(p, f->doc, object, f->err);
		if (!member)
			fill_default(p, at);
		else if (!fill_value(p, f, member, at))
			return false;
	}
	return true;
}

bool params_parse(const struct param *table, const struct json_doc *doc,
                  const cJSON *object, void *out, struct err *err)
{
	struct filling f = { doc, err };

	if (object && !params_expect_object(doc, object, err))
		return false;
	if (fill_object(table, &f, object, out))
		return true;
	params_free(table, out);
	return false;
}

bool params_go_together(const struct param *table, const struct json_doc *doc,
                        const cJSON *object, const void *in, struct err *err)
{
	for (const struct param *p = table; p->type; p++) {
		const cJSON *member = json_get(object, p->key);

		if (member && !param_applies(table, p, in))
			return json_fail(doc, member, JSON_AT_KEY, err,
			                 "%s goes with \"%s\": \"%s\"", p->key,
			                 p->with_key, p->with_value);
	}
	return true;
}
