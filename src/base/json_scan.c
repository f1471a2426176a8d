#include "base/json_scan.h"

#include "base/json.h"
#include "base/str.h"

#include <string.h>

#define STRINGIFY(x) #x
#define NUMBER(x)    STRINGIFY(x)

static bool scan_value(struct json_scan *s, size_t key_at);

static bool fail(struct json_scan *s, size_t at, const char *wrong)
{
	s->at = at;
	s->wrong = wrong;
	return false;
}

/* The byte that comes next; 0 at the end (the text holds no NUL). */
static char peek(const struct json_scan *s)
{
	return s->at < s->len ? s->text[s->at] : '\0';
}

static void skip_space(struct json_scan *s)
{
	while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]))
		s->at++;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Four hexadecimal digits; -1 if they are not. */
static int hex4(const struct json_scan *s, size_t at)
{
	int value = 0;

	if (at + 4 > s->len)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		char c = s->text[i];
		int digit = is_digit(c)            ? c - '0'
		            : c >= 'a' && c <= 'f' ? c - 'a' + 10
		            : c >= 'A' && c <= 'F' ? c - 'A' + 10
		                                   : -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* At the "u" of an escape; moves to its last byte. */
static bool scan_unicode_escape(struct json_scan *s)
{
	size_t start = s->at - 1;
	int unit = hex4(s, s->at + 1);
	int low;

	if (unit < 0)
		return fail(s, start, "expected four hexadecimal digits after \\u");
	if (unit == 0)
		return fail(s, start, "a string cannot hold the character \\u0000");
	s->at += 4;
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	low = s->at + 2 < s->len && s->text[s->at + 1] == '\\' &&
	                      s->text[s->at + 2] == 'u'
	              ? hex4(s, s->at + 3)
	              : -1;
	if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return fail(s, start, "half of a surrogate pair is no character");
	s->at += 6;
	return true;
}

static bool scan_string(struct json_scan *s)
{
	size_t start = s->at++;

	for (; s->at < s->len; s->at++) {
		unsigned char c = (unsigned char)s->text[s->at];

		if (c == '"') {
			s->at++;
			return true;
		}
		if (c == '\n' || c == '\r')
			return fail(s, start, "this string has no end on its line");
		if (c < 0x20)
			return fail(s, s->at, "control character within a string");
		if (c != '\\')
			continue;
		s->at++;
		if (peek(s) == 'u') {
			if (!scan_unicode_escape(s))
				return false;
		} else if (!peek(s) || !strchr("\"\\/bfnrt", peek(s))) {
			return fail(s, s->at - 1,
			            "this is no escape of JSON (a backslash is \\\\)");
		}
	}
	return fail(s, start, "this string has no end");
}

static bool scan_digits(struct json_scan *s)
{
	size_t start = s->at;

	while (is_digit(peek(s)))
		s->at++;
	return s->at > start;
}

static bool scan_number(struct json_scan *s)
{
	static const char wrong[] = "this is not a number as JSON writes them";
	size_t start = s->at;
	bool zero;

	if (peek(s) == '-')
		s->at++;
	zero = peek(s) == '0';
	if (!scan_digits(s))
		return fail(s, start, wrong);
	if (zero && s->at > start + 1 + (s->text[start] == '-'))
		return fail(s, start, "a number does not begin with 0");
	if (peek(s) == '.') {
		s->at++;
		if (!scan_digits(s))
			return fail(s, start, wrong);
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!scan_digits(s))
			return fail(s, start, wrong);
	}
	return true;
}

static bool scan_key(struct json_scan *s, bool first)
{
	if (peek(s) != '"') {
		if (!first && peek(s) == '}')
			return fail(s, s->at,
			            "there is one comma too many before this }");
		return fail(s, s->at,
		            s->at < s->len ? "expected a key in double quotes"
		                           : "the text ends within an object");
	}
	if (!scan_string(s))
		return false;
	skip_space(s);
	if (peek(s) != ':')
		return fail(s, s->at, "expected : after the key");
	s->at++;
	skip_space(s);
	return true;
}

static bool scan_object(struct json_scan *s)
{
	s->at++;
	skip_space(s);
	if (peek(s) == '}') {
		s->at++;
		return true;
	}
	for (bool first = true;; first = false) {
		size_t key_at = s->at;

		if (!scan_key(s, first) || !scan_value(s, key_at))
			return false;
		skip_space(s);
		if (peek(s) == '}') {
			s->at++;
			return true;
		}
		if (peek(s) != ',')
			return fail(s, s->at,
			            s->at < s->len ? "expected , or } after this value"
			                           : "the text ends within an object");
		s->at++;
		skip_space(s);
	}
}

static bool scan_array(struct json_scan *s)
{
	s->at++;
	skip_space(s);
	if (peek(s) == ']') {
		s->at++;
		return true;
	}
	for (;;) {
		if (!scan_value(s, s->at))
			return false;
		skip_space(s);
		if (peek(s) == ']') {
			s->at++;
			return true;
		}
		if (peek(s) != ',')
			return fail(s, s->at,
			            s->at < s->len ? "expected , or ] after this value"
			                           : "the text ends within an array");
		s->at++;
		skip_space(s);
		if (peek(s) == ']')
			return fail(s, s->at,
			            "there is one comma too many before this ]");
	}
}

static bool scan_word(struct json_scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);

		if (s->len - s->at >= n && memcmp(s->text + s->at, words[i], n) == 0) {
			s->at += n;
			return true;
		}
	}
	if (s->at == s->len)
		return fail(s, s->at, "the text ends where a value is expected");
	switch (peek(s)) {
	case '\'':
		return fail(s, s->at, "strings stand in double quotes");
	case '/':
	case '#':
		return fail(s, s->at, "expected a value (JSON has no comments)");
	default:
		return fail(s, s->at, "expected a value");
	}
}

/* Recursion is bounded by JSON_MAX_DEPTH. */
static bool scan_value(struct json_scan *s, size_t key_at)
{
	bool well;

	if (s->depth == JSON_MAX_DEPTH)
		return fail(s, s->at,
		            "nested more than " NUMBER(JSON_MAX_DEPTH) " levels deep");
	if (s->seen++ == s->want) {
		s->key_at = key_at;
		s->value_at = s->at;
	}
	s->depth++;
	switch (peek(s)) {
	case '{':
		well = scan_object(s);
		break;
	case '[':
		well = scan_array(s);
		break;
	case '"':
		well = scan_string(s);
		break;
	default:
		well = is_digit(peek(s)) || peek(s) == '-' ? scan_number(s)
		                                           : scan_word(s);
	}
	s->depth--;
	return well;
}

bool json_scan(struct json_scan *s)
{
	s->at = s->seen = s->key_at = s->value_at = 0;
	s->depth = 0;
	s->wrong = NULL;
	skip_space(s);
	if (s->at == s->len)
		return fail(s, 0, "the file is empty");
	if (!scan_value(s, s->at))
		return false;
	skip_space(s);
	return s->at == s->len || fail(s, s->at, "expected nothing more after the end");
}
