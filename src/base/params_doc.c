/* What a table of parameters says, for people (Markdown) and for editors (JSON Schema). */
#include "base/params.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static bool is_number(const struct param *p)
{
	return p->type == PARAM_TYPE_INTEGER || p->type == PARAM_TYPE_NUMBER;
}

/* A default outside of the range stands for "not given". */
static bool shows_default(const struct param *p)
{
	double v;

	if (!p->fallback || str_eq(p->fallback, "null"))
		return false;
	v = is_number(p) ? strtod(p->fallback, NULL) : 0;
	return !is_number(p) || (v >= p->min && v <= p->max);
}

/* ---- JSON again ------------------------------------------------------------------- */

static cJSON *strings_to_json(const struct strings *list)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->items[i]));
	return array;
}

/* NULL where the value means "not given". */
static cJSON *value_to_json(const struct param *p, const void *at, const cJSON *given)
{
	double v;

	switch (p->type) {
	case PARAM_TYPE_BOOL:
		return cJSON_CreateBool(*(const bool *)at);
	case PARAM_TYPE_INTEGER:
	case PARAM_TYPE_NUMBER:
		v = p->type == PARAM_TYPE_INTEGER ? (double)*(const int64_t *)at
		                                  : *(const double *)at;
		return v >= p->min && v <= p->max ? cJSON_CreateNumber(v) : NULL;
	case PARAM_TYPE_STRING:
	case PARAM_TYPE_CHOICE:
		return *(char *const *)at ? cJSON_CreateString(*(char *const *)at) : NULL;
	case PARAM_TYPE_STRINGS:
		return strings_to_json(at);
	case PARAM_TYPE_OBJECT:
		return params_to_json(p->fields, at, given);
	case PARAM_TYPE_CUSTOM:
		return given ? cJSON_Duplicate(given, true) : NULL;
	case PARAM_TYPE_END:
		break;
	}
	return NULL;
}

cJSON *params_to_json(const struct param *table, const void *in, const cJSON *given)
{
	cJSON *object = cJSON_CreateObject();

	for (const struct param *p = table; p->type; p++) {
		const void *at = (const char *)in + p->offset;
		cJSON *value = param_applies(table, p, in)
		                       ? value_to_json(p, at, json_get(given, p->key))
		                       : NULL;

		if (value)
			cJSON_AddItemToObject(object, p->key, value);
	}
	return object;
}

/* ---- JSON Schema ------------------------------------------------------------------ */

static void schema_choices(const struct param *p, struct buf *out)
{
	buf_puts(out, ",\"enum\":[");
	for (size_t i = 0; p->choices[i]; i++) {
		buf_puts(out, i ? "," : "");
		buf_json_string(out, p->choices[i]);
	}
	buf_putc(out, ']');
}

static void schema_type(const struct param *p, struct buf *out)
{
	switch (p->type) {
	case PARAM_TYPE_BOOL:
		buf_puts(out, ",\"type\":\"boolean\"");
		break;
	case PARAM_TYPE_INTEGER:
	case PARAM_TYPE_NUMBER:
		buf_printf(out, ",\"type\":\"%s\",\"minimum\":%.16g,\"maximum\":%.16g",
		           p->type == PARAM_TYPE_INTEGER ? "integer" : "number", p->min,
		           p->max);
		break;
	case PARAM_TYPE_STRING:
		buf_puts(out, ",\"type\":\"string\",\"minLength\":1");
		break;
	case PARAM_TYPE_CHOICE:
		schema_choices(p, out);
		break;
	case PARAM_TYPE_STRINGS:
		buf_puts(out, ",\"type\":[\"string\",\"array\"],\"uniqueItems\":true,"
		              "\"items\":{\"type\":\"string\",\"minLength\":1}");
		break;
	default:
		break;
	}
}

static void schema_object(const struct param *table, const char *doc, struct buf *out);

static void schema_value(const struct param *p, struct buf *out)
{
	if (p->type == PARAM_TYPE_OBJECT) {
		schema_object(p->fields, p->doc, out);
		return;
	}
	buf_puts(out, "{\"description\":");
	buf_json_string(out, p->doc ? p->doc : "");
	if (p->fields) {
		buf_puts(out, !p->is_list
		                      ? ",\"type\":\"object\",\"additionalProperties\":"
		                      : ",\"type\":\"array\",\"items\":");
		schema_object(p->fields, NULL, out);
	}
	schema_type(p, out);
	if (shows_default(p))
		buf_printf(out, ",\"default\":%s", p->fallback);
	buf_putc(out, '}');
}

static void schema_required(const struct param *table, struct buf *out)
{
	bool any = false;

	for (const struct param *p = table; p->type; p++) {
		if (!p->required)
			continue;
		buf_puts(out, any ? "," : ",\"required\":[");
		buf_json_string(out, p->key);
		any = true;
	}
	if (any)
		buf_putc(out, ']');
}

static void schema_object(const struct param *table, const char *doc, struct buf *out)
{
	buf_putc(out, '{');
	if (doc) {
		buf_puts(out, "\"description\":");
		buf_json_string(out, doc);
		buf_putc(out, ',');
	}
	buf_puts(out,
	         "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	for (const struct param *p = table; p->type; p++) {
		buf_puts(out, p == table ? "" : ",");
		buf_json_string(out, p->key);
		buf_putc(out, ':');
		schema_value(p, out);
	}
	buf_putc(out, '}');
	schema_required(table, out);
	buf_putc(out, '}');
}

void params_schema(const struct param *table, struct buf *out)
{
	schema_object(table, NULL, out);
}

/* ---- Markdown --------------------------------------------------------------------- */

static void markdown_type(const struct param *p, struct buf *out)
{
	switch (p->type) {
	case PARAM_TYPE_BOOL:
		buf_puts(out, "`true` or `false`");
		break;
	case PARAM_TYPE_INTEGER:
		buf_printf(out, "whole number, %.10g to %.10g", p->min, p->max);
		break;
	case PARAM_TYPE_NUMBER:
		buf_printf(out, "number, %.10g to %.10g", p->min, p->max);
		break;
	case PARAM_TYPE_STRING:
		buf_puts(out, "string");
		break;
	case PARAM_TYPE_CHOICE:
		for (size_t i = 0; p->choices[i]; i++)
			buf_printf(out, "%s`\"%s\"`", i ? " or " : "", p->choices[i]);
		break;
	case PARAM_TYPE_STRINGS:
		buf_puts(out, "string or array of strings");
		break;
	case PARAM_TYPE_OBJECT:
		buf_puts(out, "object");
		break;
	default:
		buf_puts(out, p->is_list  ? "array of objects"
		              : p->fields ? "object"
		                          : "see text");
	}
}

static void markdown_rows(const struct param *table, const char *prefix, struct buf *out)
{
	for (const struct param *p = table; p->type; p++) {
		buf_printf(out, "| `%s%s` | ", prefix, p->key);
		markdown_type(p, out);
		buf_puts(out, " | ");
		if (p->required)
			buf_puts(out, "required");
		else if (shows_default(p))
			buf_printf(out, "`%s`", p->fallback);
		buf_puts(out, " | ");
		for (const char *c = p->doc ? p->doc : ""; *c; c++)
			buf_puts(out, *c == '|' ? "\\|" : (char[]){ *c, '\0' });
		buf_puts(out, " |\n");
		if (p->fields) {
			const char *step = p->type == PARAM_TYPE_OBJECT ? ""
			                   : p->is_list                 ? "[]"
			                                                : ".NAME";
			char *inner = xasprintf("%s%s%s.", prefix, p->key, step);

			markdown_rows(p->fields, inner, out);
			free(inner);
		}
	}
}

void params_markdown(const struct param *table, struct buf *out)
{
	buf_puts(out, "| key | type | default | meaning |\n| --- | --- | --- | --- |\n");
	markdown_rows(table, "", out);
}
