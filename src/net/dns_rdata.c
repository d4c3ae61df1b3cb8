/* Rdata as text: pure, for bytes that anybody may have sent. */
#include <arpa/inet.h>
#include <string.h>

#include "net/resolver.h"

#define LABEL_LENGTH_MAX 63
#define NAME_LENGTH_MAX	 255 /* on the wire, with the root's empty label */

static void append_label(GString *name, const guint8 *label, guint len)
{
	if (name->len)
		g_string_append_c(name, '.');
	for (guint i = 0; i < len; i++) {
		guint8 c = label[i];

		if (c == '.' || c == '\\')
			g_string_append_printf(name, "\\%c", c);
		else if (g_ascii_isgraph(c))
			g_string_append_c(name, (char)c);
		else
			g_string_append_printf(name, "\\%03u", c);
	}
}

/* A name that fills the rest of the rdata; libunbound has unpacked compressed ones. */
static char *read_name(const guint8 *at, gsize size)
{
	g_autoptr(GString) name = g_string_new(NULL);

	if (!size || size > NAME_LENGTH_MAX)
		return NULL;
	while (*at) {
		guint len = *at;

		/* One more byte has to follow: the next length. */
		if (len > LABEL_LENGTH_MAX || len + 1 >= size)
			return NULL;
		append_label(name, at + 1, len);
		at += len + 1;
		size -= len + 1;
	}
	if (size != 1)
		return NULL;
	if (!name->len)
		g_string_append_c(name, '.');
	return g_string_free(g_steal_pointer(&name), FALSE);
}

gboolean dns_mx_read(const guint8 *rdata, int size, guint *preference, char **host)
{
	if (size < 3)
		return FALSE;
	*host = read_name(rdata + 2, (gsize)size - 2);
	*preference = (guint)rdata[0] << 8 | rdata[1];
	return *host != NULL;
}

char *dns_address_read(enum dns_type type, const guint8 *rdata, int size)
{
	char text[INET6_ADDRSTRLEN];
	gboolean ipv6 = type == DNS_AAAA;

	if (size != (ipv6 ? 16 : 4) ||
		!inet_ntop(ipv6 ? AF_INET6 : AF_INET, rdata, text, sizeof(text)))
		return NULL;
	return g_strdup(text);
}

char *dns_txt_read(const guint8 *rdata, int size, gsize *len)
{
	g_autofree char *text = NULL;

	*len = 0;
	if (size < 1)
		return NULL;
	text = g_malloc((gsize)size + 1);
	for (int at = 0; at < size; at += rdata[at] + 1) {
		if (rdata[at] >= size - at)
			return NULL;
		memcpy(text + *len, rdata + at + 1, rdata[at]);
		*len += rdata[at];
	}
	text[*len] = '\0';
	return g_steal_pointer(&text);
}
