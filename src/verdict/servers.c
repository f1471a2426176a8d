/* From what a server says of itself ("10.0.0.11:5432") to the host that people know. */
#include "verdict/model.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS_SIZE 80

/* "10.0.0.11:5432", "[fd00::11]:5432", "fd00::11:5432" → the address. */
static void address_of(const struct model *m, size_t server, char out[ADDRESS_SIZE])
{
	const char *text = intern_text(&m->servers, server);
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	snprintf(out, ADDRESS_SIZE, "%.*s", (int)len, text);
}

const char *server_host(const struct model *m, size_t server)
{
	char address[ADDRESS_SIZE];

	address_of(m, server, address);
	for (size_t i = 0; i < m->host_addresses.count; i++) {
		if (*address && strcmp(address, m->host_addresses.items[i]) == 0)
			return m->host_names.items[i];
	}
	return NULL;
}

const char *server_name(const struct model *m, size_t server)
{
	const char *host = server_host(m, server);

	return host ? host : intern_text(&m->servers, server);
}

bool server_is_loopback(const struct model *m, size_t server)
{
	char address[ADDRESS_SIZE];

	address_of(m, server, address);
	return !*address || strncmp(address, "127.", 4) == 0 ||
	       strcmp(address, "::1") == 0;
}

bool inventory_is_numeric(const struct model *m)
{
	unsigned char bytes[16];

	for (size_t i = 0; i < m->host_addresses.count; i++) {
		if (inet_pton(AF_INET, m->host_addresses.items[i], bytes) == 1 ||
		    inet_pton(AF_INET6, m->host_addresses.items[i], bytes) == 1)
			return true;
	}
	return false;
}
