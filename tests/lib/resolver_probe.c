/*
 * Asks the resolver what the lines of standard input say, all at once: "MX example.com [MS]". One
 * line comes for each answer, when it comes:
 *
 *	MX example.com found secure canonical.example "10 mx.example" …
 *
 * usage: resolver_probe RESOLVER|- TRUST_ANCHOR|- [ROOT_HINTS]
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/resolver.h"

static const struct {
	const char *name;
	enum dns_type type;
} types[] = {{"A", DNS_A}, {"AAAA", DNS_AAAA}, {"MX", DNS_MX}, {"TXT", DNS_TXT}, {"TLSA", DNS_TLSA},
	{"CNAME", DNS_CNAME}, {"DNSKEY", DNS_DNSKEY}};
static const char *const states[] = {
	"not-asked", "found", "no-data", "no-name", "failed", "bogus", "timeout"};

struct asked {
	char *line;
	enum dns_type type;
};

static char *rdata_text(enum dns_type type, const guint8 *rdata, int size)
{
	g_autofree char *text = NULL;
	g_autoptr(GString) hex = g_string_new(NULL);
	int at = 0;
	guint preference;
	gsize len;

	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		return dns_address_read(type, rdata, size);
	case DNS_MX:
		return dns_mx_read(rdata, size, &preference, &text)
			       ? g_strdup_printf("%u %s", preference, text)
			       : NULL;
	case DNS_TXT:
		text = dns_txt_read(rdata, size, &len);
		return text ? g_strdup_printf("%" G_GSIZE_FORMAT " %.40s", len, text) : NULL;
	default:
		while (at < MIN(size, 20))
			g_string_append_printf(hex, "%02x", rdata[at++]);
		return g_string_free(g_steal_pointer(&hex), FALSE);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void on_answer(const struct dns_reply *reply, gpointer data)
{
	struct asked *asked = data;
	g_auto(GStrv) texts = g_new0(char *, reply->count + 1);

	printf("%s %s %s %s", asked->line, states[reply->answer.state],
		reply->answer.secure ? "secure" : "-", reply->canonical ? reply->canonical : "-");
	for (guint i = 0; i < reply->count; i++) {
		texts[i] = rdata_text(asked->type, reply->rdata[i], reply->size[i]);
		if (!texts[i])
			texts[i] = g_strdup("malformed");
	}
	qsort(texts, reply->count, sizeof(*texts), by_text);
	if (reply->count > 20)
		printf(" %u records", reply->count);
	for (guint i = 0; i < MIN(reply->count, 20); i++)
		printf(" \"%s\"", texts[i]);
	printf("%s%s\n", reply->answer.why ? " why: " : "",
		reply->answer.why ? reply->answer.why : "");
	g_free(asked->line);
	g_free(asked);
}

static void ask(struct resolver *resolver, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	struct asked *asked = g_new0(struct asked, 1);

	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		if (strcmp(types[i].name, words[0]) == 0)
			asked->type = types[i].type;
	}
	asked->line = g_strdup_printf("%s %s", words[0], words[1]);
	resolver_ask(resolver, words[1], asked->type,
		words[2] ? (guint)strtoul(words[2], NULL, 10) : 10000, on_answer, asked);
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct resolver_settings settings = {.outstanding = 0};
	g_autoptr(GError) error = NULL;
	struct resolver *resolver;
	char line[1024];
	gint64 start = g_get_monotonic_time();

	if (argc < 3)
		return 64;
	settings.resolver = strcmp(argv[1], "-") == 0 ? NULL : argv[1];
	settings.trust_anchor = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
	settings.root_hints = argc > 3 ? argv[3] : NULL;
	resolver = resolver_new(base, &settings, &error);
	if (!resolver) {
		fprintf(stderr, "%d %s\n", error->code, error->message);
		event_base_free(base);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		g_strchomp(line);
		ask(resolver, line);
	}
	event_base_dispatch(base);
	fprintf(stderr, "%d ms, %s\n", (int)((g_get_monotonic_time() - start) / 1000),
		resolver_servers(resolver));
	resolver_free(resolver);
	event_base_free(base);
	return 0;
}
