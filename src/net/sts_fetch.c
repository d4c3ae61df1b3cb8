#include "net/sts_fetch.h"

#include "net/https.h"
#include "net/resolver.h"

#define PATH	      "/.well-known/mta-sts.txt"
#define ADDRESSES_MAX 8 /* that are tried */

/* IPv4 first: not every mail server has a way to the other. */
static const enum dns_type families[] = {DNS_A, DNS_AAAA};

struct sts_fetch {
	struct event_base *base;
	struct resolver *resolver;
	struct tls *tls;
	char *record_name, *host;
	gint64 deadline; /* monotonic, microseconds */
	sts_fetch_done *done;
	gpointer data;
	struct dns_question *text;
	struct family {
		struct sts_fetch *fetch;
		struct dns_question *question;
		struct dns_answer answer;
		GPtrArray *addresses;
	} families[G_N_ELEMENTS(families)];
	struct https_fetch *https;
	struct sts_observation sts;
};

static guint left_ms(const struct sts_fetch *fetch)
{
	return (guint)(MAX(fetch->deadline - g_get_monotonic_time(), 0) / 1000);
}

static void fetch_free(struct sts_fetch *fetch)
{
	resolver_cancel(fetch->text);
	for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
		resolver_cancel(fetch->families[i].question);
		g_free(fetch->families[i].answer.why);
		g_ptr_array_free(fetch->families[i].addresses, TRUE);
	}
	https_cancel(fetch->https);
	sts_observation_release(&fetch->sts);
	g_free(fetch->record_name);
	g_free(fetch->host);
	g_free(fetch);
}

static void finish(struct sts_fetch *fetch, enum sts_state state)
{
	fetch->sts.state = state;
	fetch->done(&fetch->sts, fetch->data);
	fetch_free(fetch);
}

static void G_GNUC_PRINTF(3, 4)
	finish_because(struct sts_fetch *fetch, enum sts_state state, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fetch->sts.why = g_strdup_vprintf(format, args);
	va_end(args);
	finish(fetch, state);
}

/* What is said of a question that brought nothing. */
static const char *answer_words(const struct dns_answer *answer)
{
	switch (answer->state) {
	case DNS_TIMEOUT:
		return "no answer in time";
	case DNS_NO_NAME:
		return "no such name";
	case DNS_NO_DATA:
		return "no record of this type";
	case DNS_BOGUS:
		return answer->why ? answer->why : "DNSSEC validation failed";
	default:
		return answer->why ? answer->why : "the lookup failed";
	}
}

static gboolean is_absence(const struct dns_answer *answer)
{
	return answer->state == DNS_NO_NAME || answer->state == DNS_NO_DATA;
}

/* -- the policy ---------------------------------------------------------------------------------
 */

static void on_policy(const struct https_reply *reply, gpointer data)
{
	struct sts_fetch *fetch = data;
	g_autoptr(GError) error = NULL;

	fetch->https = NULL;
	if (!reply->status) {
		finish_because(fetch, reply->certificate_refused ? STS_BROKEN : STS_UNKNOWN,
			"https://%s: %s", fetch->host, reply->why);
	} else if (reply->status != 200) {
		finish_because(fetch, STS_BROKEN, "https://%s" PATH ": HTTP status %d, not 200",
			fetch->host, reply->status);
	} else if (!sts_content_type_fine(reply->content_type)) {
		finish_because(fetch, STS_BROKEN, "https://%s" PATH " is %s, not text/plain",
			fetch->host, reply->content_type ? reply->content_type : "of no type");
	} else {
		fetch->sts.policy =
			sts_policy_parse((struct text){reply->body, reply->size}, &error);
		if (fetch->sts.policy)
			finish(fetch, STS_FOUND);
		else
			finish_because(fetch, STS_BROKEN, "https://%s" PATH ": %s", fetch->host,
				error->message);
	}
}

/* -- the host -----------------------------------------------------------------------------------
 */

static void get_policy(struct sts_fetch *fetch)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	struct https_request request = {
		.host = fetch->host,
		.path = PATH,
		.port = 443,
		.total_ms = left_ms(fetch),
		.body_max = STS_POLICY_MAX,
	};

	for (guint i = 0; i < G_N_ELEMENTS(families); i++)
		for (guint a = 0; a < fetch->families[i].addresses->len; a++)
			g_ptr_array_add(all, fetch->families[i].addresses->pdata[a]);
	g_ptr_array_set_size(all, (gint)MIN(all->len, ADDRESSES_MAX));
	g_ptr_array_add(all, NULL);
	request.addresses = (const char *const *)all->pdata;
	fetch->https = https_get(fetch->base, fetch->tls, &request, on_policy, fetch);
}

/* Both questions are answered. One address is enough; an error counts where there is none. */
static void take_addresses(struct sts_fetch *fetch)
{
	const struct dns_answer *failed = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
		const struct family *family = &fetch->families[i];

		if (family->addresses->len) {
			get_policy(fetch);
			return;
		}
		if (!is_absence(&family->answer))
			failed = &family->answer;
	}
	if (failed)
		finish_because(
			fetch, STS_UNKNOWN, "address of %s: %s", fetch->host, answer_words(failed));
	else
		finish_because(fetch, STS_BROKEN, "%s has no address", fetch->host);
}

static void on_address(const struct dns_reply *reply, gpointer data)
{
	struct family *family = data;
	struct sts_fetch *fetch = family->fetch;
	enum dns_type type = families[family - fetch->families];
	gboolean waiting = FALSE;

	family->question = NULL;
	family->answer = reply->answer;
	family->answer.why = g_strdup(reply->answer.why);
	for (guint i = 0; i < reply->count; i++) {
		char *address = dns_address_read(type, reply->rdata[i], reply->size[i]);

		if (address)
			g_ptr_array_add(family->addresses, address);
	}
	for (guint i = 0; i < G_N_ELEMENTS(families); i++)
		waiting |= fetch->families[i].question != NULL;
	if (!waiting)
		take_addresses(fetch);
}

/* -- the record ---------------------------------------------------------------------------------
 */

static gboolean choose_record(
	struct sts_fetch *fetch, const struct dns_reply *reply, gboolean *found, GError **error)
{
	g_autofree struct text *records = g_new0(struct text, reply->count + 1);
	guint count = 0;
	gboolean chosen;

	for (guint i = 0; i < reply->count; i++) {
		gsize len;
		char *text = dns_txt_read(reply->rdata[i], reply->size[i], &len);

		if (text)
			records[count++] = (struct text){text, len};
	}
	chosen = sts_records_choose(records, count, found, &fetch->sts.id, error);
	while (count)
		g_free((char *)records[--count].at);
	return chosen;
}

static void on_text(const struct dns_reply *reply, gpointer data)
{
	struct sts_fetch *fetch = data;
	g_autoptr(GError) error = NULL;
	gboolean found;

	fetch->text = NULL;
	if (is_absence(&reply->answer)) {
		finish(fetch, STS_ABSENT);
	} else if (reply->answer.state != DNS_FOUND) {
		finish_because(fetch, STS_UNKNOWN, "%s: %s", fetch->record_name,
			answer_words(&reply->answer));
	} else if (!choose_record(fetch, reply, &found, &error)) {
		finish_because(fetch, STS_BROKEN, "%s: %s", fetch->record_name, error->message);
	} else if (!found) {
		finish(fetch, STS_ABSENT);
	} else {
		for (guint i = 0; i < G_N_ELEMENTS(families); i++)
			fetch->families[i].question = resolver_ask(fetch->resolver, fetch->host,
				families[i], left_ms(fetch), on_address, &fetch->families[i]);
	}
}

struct sts_fetch *sts_fetch_start(struct event_base *base, struct resolver *resolver,
	struct tls *tls, const char *domain, guint total_ms, sts_fetch_done *done, gpointer data)
{
	struct sts_fetch *fetch = g_new0(struct sts_fetch, 1);

	fetch->base = base;
	fetch->resolver = resolver;
	fetch->tls = tls;
	fetch->record_name = g_strconcat("_mta-sts.", domain, NULL);
	fetch->host = g_strconcat("mta-sts.", domain, NULL);
	fetch->deadline = g_get_monotonic_time() + (gint64)total_ms * 1000;
	fetch->done = done;
	fetch->data = data;
	for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
		fetch->families[i].fetch = fetch;
		fetch->families[i].addresses = g_ptr_array_new_with_free_func(g_free);
	}
	fetch->text = resolver_ask(resolver, fetch->record_name, DNS_TXT, total_ms, on_text, fetch);
	return fetch;
}

void sts_fetch_cancel(struct sts_fetch *fetch)
{
	if (fetch)
		fetch_free(fetch);
}
