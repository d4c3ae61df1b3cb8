/*
 * Makes policies to measure with, always the same: two-level names 75 %, names below them 15 %,
 * .parents 7 %, addresses in brackets 3 %; 53 % without attributes.
 * usage: generate ROWS yaml|list|dump|tsv [sorted] [changed]
 *   yaml  the policies file           list     the same as a list of mappings
 *   tsv   domain, policy, params      dump     INSERTs of 5000 rows in one transaction
 *   changed  every hundredth row has other attributes
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DUMP_ROWS 5000

struct row {
	char key[64];
	const char *level;
	char params[128];
};

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static void make_key(struct row *row, uint32_t i, uint64_t r)
{
	static const char *const stems[] = {"mail-hotel", "post", "example-werke", "smtp", "kontor",
		"the-company", "praxis", "shop", "verein", "mail-hot", "notariat", "stadtwerke"};
	static const char *const ends[] = {
		"com", "net", "org", "de", "ch", "at", "example", "co.uk", "info", "fr"};
	static const char *const subs[] = {"mail", "lists", "news", "bounce", "mx"};
	/* A multiplication by an odd number visits every value once: no name comes twice. */
	uint32_t number = i * 2654435761u;
	const char *stem = stems[r % 12], *end = ends[(r >> 8) % 10];
	unsigned kind = (r >> 16) % 100;

	if (kind < 75)
		snprintf(row->key, sizeof(row->key), "%s-%x.%s", stem, number, end);
	else if (kind < 90)
		snprintf(row->key, sizeof(row->key), "%s.%s-%x.%s", subs[(r >> 24) % 5], stem,
			number, end);
	else if (kind < 97)
		snprintf(row->key, sizeof(row->key), ".%s-%x.%s", stem, number, end);
	else
		snprintf(row->key, sizeof(row->key), "[%u.%u.%u.%u]", 1 + (number >> 24) % 223,
			(number >> 16) & 255, (number >> 8) & 255, number & 255);
}

static void make_value(struct row *row, uint64_t r, int changed)
{
	static const char *const plain[] = {"dane-only", "dane", "encrypt", "may", "encrypt"};
	static const char *const hosts[] = {"mx.mailhost.example", ".protection.outlook.example",
		"mx1.provider-with-a-name.example:mx2.provider-with-a-name.example",
		".google.example:.googlemail.example", "nexthop:dot-nexthop"};

	*row->params = '\0';
	if (r % 100 < 53) {
		row->level = plain[(r >> 8) % 5];
		if (changed)
			strcpy(row->params, "ciphers=high");
		return;
	}
	row->level = "secure";
	snprintf(row->params, sizeof(row->params), "match=%s%s%s%s", hosts[(r >> 8) % 5],
		(r >> 16) % 2 ? " servername=hostname" : "",
		(r >> 17) % 2 ? " protocols=>=TLSv1.2" : "", changed ? " ciphers=high" : "");
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

static void print_yaml(const struct row *row)
{
	const char *quote = *row->key == '[' ? "\"" : "";

	printf("  %s%s%s: %s%s%s\n", quote, row->key, quote, row->level, *row->params ? " " : "",
		row->params);
}

static void print_list(const struct row *row)
{
	printf("- domain: \"%s\"\n  policy: %s\n", row->key, row->level);
	if (*row->params)
		printf("  params: \"%s\"\n", row->params);
}

static void print_dump(const struct row *row, uint32_t i)
{
	const char *quote = *row->params ? "'" : "";

	fputs(i % DUMP_ROWS ? "," : "INSERT INTO tlspolicies (domain, policy, params) VALUES ",
		stdout);
	printf("('%s','%s',%s%s%s)", row->key, row->level, quote,
		*row->params ? row->params : "NULL", quote);
}

static void print_rows(const struct row *rows, uint32_t count, const char *format)
{
	if (strcmp(format, "yaml") == 0 || strcmp(format, "list") == 0)
		puts("policies:");
	if (strcmp(format, "dump") == 0)
		puts("START TRANSACTION;");
	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(format, "yaml") == 0)
			print_yaml(&rows[i]);
		else if (strcmp(format, "list") == 0)
			print_list(&rows[i]);
		else if (strcmp(format, "tsv") == 0)
			printf("%s\t%s\t%s\n", rows[i].key, rows[i].level, rows[i].params);
		else
			print_dump(&rows[i], i);
		if (strcmp(format, "dump") == 0 &&
			(i % DUMP_ROWS == DUMP_ROWS - 1 || i + 1 == count))
			puts(";");
	}
	if (strcmp(format, "dump") == 0)
		puts("COMMIT;");
}

int main(int argc, char **argv)
{
	uint32_t count = argc > 2 ? (uint32_t)atol(argv[1]) : 0;
	int sorted = 0, changed = 0;
	struct row *rows = calloc(count, sizeof(*rows));

	for (int i = 3; i < argc; i++) {
		sorted |= strcmp(argv[i], "sorted") == 0;
		changed |= strcmp(argv[i], "changed") == 0;
	}
	if (!count || !rows) {
		fputs("usage: generate ROWS yaml|list|dump|tsv [sorted] [changed]\n", stderr);
		return 64;
	}
	for (uint32_t i = 0; i < count; i++) {
		make_key(&rows[i], i, mix(i));
		make_value(&rows[i], mix(i ^ 0x5bd1e995), changed && i % 100 == 0);
	}
	if (sorted)
		qsort(rows, count, sizeof(*rows), by_key);
	print_rows(rows, count, argv[2]);
	free(rows);
	return fflush(stdout) != 0;
}
