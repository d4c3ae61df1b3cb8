#include "core/demand.h"

#include "core/error.h"
#include "core/key.h"

#define SMTP_PORT 25

/* The services Postfix knows by itself from 3.6 on (facts 1.4). */
static guint service_port(struct text name)
{
	static const struct {
		const char *name;
		guint port;
	} services[] = {
		{"smtp", 25},
		{"lmtp", 24},
		{"smtps", 465},
		{"submissions", 465},
		{"submission", 587},
	};

	for (guint i = 0; i < G_N_ELEMENTS(services); i++)
		if (text_is(name, services[i].name))
			return services[i].port;
	return 0;
}

/* 0 for a service that only services(5) knows. */
static guint port_number(struct text port)
{
	guint number = 0;

	if (!port.len)
		return SMTP_PORT;
	if (!g_ascii_isdigit(port.at[0]))
		return service_port(port);
	for (gsize i = 0; i < port.len; i++)
		number = number * 10 + (guint)(port.at[i] - '0');
	return number;
}

/* DNS and certificates know A-labels only. */
static char *domain_of(const struct key *key)
{
	g_autofree char *domain = text_dup(key->host);
	char *ascii = g_hostname_is_ip_address(domain) ? NULL : g_hostname_to_ascii(domain);

	return ascii ? ascii : g_steal_pointer(&domain);
}

static const char *not_alone(const struct key *key)
{
	switch (key->form) {
	case KEY_INVALID:
		return "Postfix never asks for this key: tlspol check says why";
	case KEY_PARENT:
		return "stands for the names below it: name one of them";
	case KEY_PATH:
		return "is a socket, where there is nothing to look at over the network";
	default:
		return NULL;
	}
}

gboolean nexthop_parse(struct text text, struct nexthop *nexthop, GError **error)
{
	const char *why;
	struct key key;
	guint port;

	*nexthop = (struct nexthop){0};
	key_parse(text, &key);
	why = not_alone(&key);
	if (why) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "%.*s %s", TEXT_ARG(text), why);
		return FALSE;
	}
	port = port_number(key.port);
	if (!port) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%.*s: the port of the service \"%.*s\" is not known here: write its "
			"number",
			TEXT_ARG(text), TEXT_ARG(key.port));
		return FALSE;
	}
	nexthop->text = text_dup(text);
	nexthop->domain = domain_of(&key);
	nexthop->port = port;
	nexthop->is_address = key.form >= KEY_ADDRESS && key.form <= KEY_LITERAL_PORT;
	nexthop->no_mx = nexthop->is_address || text.at[0] == '[';
	return TRUE;
}

void nexthop_release(struct nexthop *nexthop)
{
	g_clear_pointer(&nexthop->text, g_free);
	g_clear_pointer(&nexthop->domain, g_free);
}
