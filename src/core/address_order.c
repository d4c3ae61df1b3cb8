#include "core/address_order.h"

#include <string.h>

static int by_preference(gconstpointer a, gconstpointer b)
{
	const struct observed_host *x = *(struct observed_host *const *)a;
	const struct observed_host *y = *(struct observed_host *const *)b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return strcmp(x->name, y->name);
}

void hosts_order(struct observation *observation)
{
	g_ptr_array_sort(observation->hosts, by_preference);
}

/* An address among those of all hosts. */
struct place {
	struct observed_address *address;
	guint preference, position;
};

static int by_family(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct observed_address *x = *(struct observed_address *const *)a;
	const struct observed_address *y = *(struct observed_address *const *)b;
	const gboolean *ipv4_first = data;

	if (x->ipv6 != y->ipv6)
		return x->ipv6 == *ipv4_first ? 1 : -1;
	return strcmp(x->text, y->text);
}

static int by_place(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct place *x = a, *y = b;
	const gboolean *ipv4_first = data;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	if (ipv4_first && x->address->ipv6 != y->address->ipv6)
		return x->address->ipv6 == *ipv4_first ? 1 : -1;
	return x->position < y->position ? -1 : 1;
}

/* Of each family so many are tried: [ipv6]. */
static void share_limit(const GArray *places, guint limit, gboolean balance, guint room[2])
{
	guint count[2] = {0, 0};
	gboolean first = g_array_index(places, struct place, 0).address->ipv6;

	for (guint i = 0; i < places->len; i++)
		count[g_array_index(places, struct place, i).address->ipv6]++;
	room[FALSE] = room[TRUE] = limit;
	if (!balance || !count[FALSE] || !count[TRUE] || places->len <= limit)
		return;
	if (count[TRUE] <= limit / 2)
		room[TRUE] = count[TRUE];
	else if (count[FALSE] <= limit / 2)
		room[TRUE] = limit - count[FALSE];
	else
		room[TRUE] = limit - (limit + !first) / 2;
	room[FALSE] = limit - room[TRUE];
}

static void limit_addresses(GArray *places, guint limit, gboolean balance)
{
	guint room[2];

	share_limit(places, limit, balance, room);
	for (guint i = 0; i < places->len; i++) {
		struct observed_address *address = g_array_index(places, struct place, i).address;

		address->over_limit = limit == 0 || room[address->ipv6] == 0;
		if (!address->over_limit) {
			limit--;
			room[address->ipv6]--;
		}
	}
}

void addresses_order(struct observation *observation, const struct client_settings *client)
{
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(struct place));
	gboolean ipv4_first = g_strcmp0(client->address_preference, "ipv4") == 0;
	gboolean ipv6_first = g_strcmp0(client->address_preference, "ipv6") == 0;

	for (guint i = 0; i < observation->hosts->len; i++) {
		struct observed_host *host = observation->hosts->pdata[i];

		g_ptr_array_sort_with_data(host->addresses, by_family, &ipv4_first);
		for (guint k = 0; k < host->addresses->len; k++) {
			struct place place = {
				host->addresses->pdata[k], host->preference, places->len};

			g_array_append_val(places, place);
		}
	}
	g_array_sort_with_data(places, by_place, ipv4_first || ipv6_first ? &ipv4_first : NULL);
	if (client->mx_address_limit && places->len)
		limit_addresses(places, client->mx_address_limit, client->balance_inet_protocols);
}

guint addresses_within_limit(const struct observed_host *host)
{
	guint count = 0;

	for (guint i = 0; i < host->addresses->len; i++)
		count += !((struct observed_address *)host->addresses->pdata[i])->over_limit;
	return count;
}
