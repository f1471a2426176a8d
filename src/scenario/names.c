#include "scenario/names.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MAX_NAME      63
#define MAX_HOST_NAME 253

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || strchr("._-", c);
}

/* True if it has only letters and digits (of ASCII) and the characters of `more`. */
static bool has_only(const char *s, const char *more)
{
	for (; *s; s++)
		if ((unsigned char)*s > 0x7e ||
		    (!isalnum((unsigned char)*s) && !strchr(more, *s)))
			return false;
	return true;
}

const char *wrong_name(const char *name)
{
	if (!*name)
		return "a name is not empty";
	if (strlen(name) > MAX_NAME)
		return "a name has at most 63 characters";
	if (!has_only(name, "._-"))
		return "a name has only letters, digits, \".\", \"_\" and \"-\"";
	if (!isalnum((unsigned char)*name) && *name != '_')
		return "a name begins with a letter or a digit";
	return NULL;
}

/* ---- Addresses ------------------------------------------------------------------- */

static bool parse_v6(const char *address, struct in6_addr *out)
{
	char bare[INET6_ADDRSTRLEN + 1];
	size_t n = strcspn(address, "%");

	if (n >= sizeof bare)
		return false;
	memcpy(bare, address, n);
	bare[n] = '\0';
	return inet_pton(AF_INET6, bare, out) == 1 &&
	       (!address[n] || (address[n + 1] && has_only(address + n + 1, "._-")));
}

static const char *wrong_v6(const char *address, const char **hint)
{
	struct in6_addr v6;
	const char *colon = strchr(address, ':');

	if (parse_v6(address, &v6))
		return NULL;
	if (!strchr(colon + 1, ':')) {
		*hint = "the port of SSH stands in ssh.port, that of PostgreSQL in "
			"members.conninfo";
		return "an address has no port";
	}
	return "this is no IPv6 address";
}

static const char *wrong_host_name(const char *name)
{
	if (strlen(name) > MAX_HOST_NAME)
		return "a host name has at most 253 characters";
	if (!has_only(name, "._-"))
		return "a host name has only letters, digits, \".\", \"_\" and \"-\"";
	if (!isalnum((unsigned char)*name) && *name != '_')
		return "a host name begins with a letter or a digit";
	if (strstr(name, ".."))
		return "a host name has no two dots in a row";
	return NULL;
}

const char *wrong_address(const char *address, const char **hint)
{
	struct in_addr v4;

	if (!*address)
		return "an address is not empty";
	if (*address == '[') {
		*hint = "write fd00::11, not [fd00::11]";
		return "an address stands without [ ]";
	}
	if (strstr(address, "://")) {
		*hint = "write the host only";
		return "an address is no URL";
	}
	if (strchr(address, ':'))
		return wrong_v6(address, hint);
	if (strspn(address, "0123456789.") == strlen(address))
		return inet_pton(AF_INET, address, &v4) == 1 ? NULL
		                                             : "this is no IPv4 address";
	return wrong_host_name(address);
}

bool same_address(const char *a, const char *b)
{
	struct in6_addr x;
	struct in6_addr y;

	if (parse_v6(a, &x) && parse_v6(b, &y))
		return memcmp(&x, &y, sizeof x) == 0 &&
		       str_eq(strchr(a, '%'), strchr(b, '%'));
	return strcasecmp(a, b) == 0;
}

/* ---- URLs ------------------------------------------------------------------------ */

static const char *wrong_port(const char *port)
{
	static const char wrong[] = "the port of a URL is a number from 1 to 65535";
	int n = 0;

	if (!*port || strlen(port) > 5)
		return wrong;
	for (; *port; port++) {
		if (!isdigit((unsigned char)*port))
			return wrong;
		n = n * 10 + (*port - '0');
	}
	return n > 0 && n < 65536 ? NULL : wrong;
}

static const char *wrong_bracketed(const char *authority, const char **hint)
{
	char address[INET6_ADDRSTRLEN + 32];
	const char *end = strchr(authority, ']');
	struct in6_addr v6;
	size_t n;

	if (!end)
		return "the [ of this URL has no ]";
	n = (size_t)(end - authority) - 1;
	if (n >= sizeof address)
		return "this is no IPv6 address";
	memcpy(address, authority + 1, n);
	address[n] = '\0';
	if (!parse_v6(address, &v6)) {
		*hint = "only IPv6 addresses stand in [ ]";
		return "what stands in [ ] is no IPv6 address";
	}
	if (!end[1])
		return NULL;
	return end[1] == ':' ? wrong_port(end + 2) : "expected :PORT after ]";
}

static const char *wrong_authority(char *authority, const char **hint)
{
	char *colon = strchr(authority, ':');

	if (strchr(authority, '@')) {
		*hint = "give username and password_file";
		return "a URL here has no user or password in it";
	}
	if (*authority == '[')
		return wrong_bracketed(authority, hint);
	if (colon && strchr(colon + 1, ':')) {
		*hint = "put the address in [ ]: http://[fd00::11]:8008";
		return "an IPv6 address in a URL stands in [ ]";
	}
	if (colon) {
		*colon = '\0';
		if (wrong_port(colon + 1))
			return wrong_port(colon + 1);
	}
	return wrong_address(authority, hint);
}

const char *wrong_url(const char *url, const char **hint)
{
	const char *rest = str_starts(url, "http://")    ? url + 7
	                   : str_starts(url, "https://") ? url + 8
	                                                 : NULL;
	size_t n = rest ? strcspn(rest, "/?#") : 0;
	char authority[MAX_HOST_NAME + 16];

	if (!rest) {
		*hint = "write http://db1.example:8008";
		return "a URL begins with http:// or https://";
	}
	if (n >= sizeof authority)
		return "the host of this URL is too long";
	for (const char *c = rest + n; *c; c++)
		if (*c == '?' || *c == '#' || (unsigned char)*c <= ' ' ||
		    (unsigned char)*c > 0x7e)
			return "a URL here ends with its host, port or path";
	memcpy(authority, rest, n);
	authority[n] = '\0';
	return wrong_authority(authority, hint);
}

/* ---- Of the operating system and the database ------------------------------------ */

const char *wrong_unit(const char *unit)
{
	if (!*unit || *unit == '-')
		return "a unit's name does not begin with \"-\"";
	if (strlen(unit) > 255)
		return "a unit's name has at most 255 characters";
	if (!has_only(unit, ":_.\\@-"))
		return "a unit's name has only letters, digits and : _ . \\ @ -";
	return NULL;
}

const char *wrong_os_user(const char *user)
{
	if (!isalnum((unsigned char)*user) && *user != '_')
		return "an account begins with a letter, a digit or \"_\"";
	for (const char *c = user; *c; c++)
		if ((unsigned char)*c > 0x7e || !is_word_char(*c))
			return "an account has only letters, digits, \".\", \"_\" and "
			       "\"-\"";
	return strlen(user) > 32 ? "an account has at most 32 characters" : NULL;
}

const char *wrong_path(const char *path)
{
	if (*path != '/')
		return "expected an absolute path";
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return "a path here has no control characters";
	return strlen(path) > 1024 ? "a path here has at most 1024 characters" : NULL;
}

const char *wrong_schema(const char *schema)
{
	if (strlen(schema) > MAX_NAME)
		return "a schema's name has at most 63 characters";
	if (!islower((unsigned char)*schema) && *schema != '_')
		return "a schema's name begins with a small letter or \"_\"";
	for (const char *c = schema; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) &&
		    *c != '_')
			return "a schema's name has only small letters, digits and \"_\"";
	if (str_starts(schema, "pg_") || str_eq(schema, "information_schema"))
		return "this schema is PostgreSQL's own";
	if (str_eq(schema, "public"))
		return "the probe's schema is its own, since it is dropped on request";
	return NULL;
}
