/*
 * Times commands against each other, interleaved, so that a busy machine is as unkind to one as
 * to the other: posix_spawn to exit, standard output to /dev/null.
 * usage: stopwatch ROUNDS NAME COMMAND... [-- NAME COMMAND...]...
 * A word "this|that" of a command is "this" in one round and "that" in the next.
 * Prints NAME, median, least and most, in milliseconds, and the median of its times by the first
 * command's of the same rounds, tab-separated.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 16
#define MAX_WORDS    64
#define WARM_UP	     5

struct contestant {
	const char *name;
	char **argv;
	double *ms, *ratios;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double run(char **argv, posix_spawn_file_actions_t *actions)
{
	double start = now();
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], actions, NULL, argv, environ) != 0 ||
		waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "stopwatch: %s failed\n", argv[0]);
		exit(1);
	}
	return now() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int contestants_parse(char **argv, struct contestant *them, int rounds)
{
	int count = 0;

	while (*argv && count < MAX_COMMANDS) {
		them[count].name = argv[0];
		them[count].argv = argv + 1;
		them[count].ms = calloc(rounds, sizeof(double));
		them[count].ratios = calloc(rounds, sizeof(double));
		while (*argv && strcmp(*argv, "--") != 0)
			argv++;
		if (*argv)
			*argv++ = NULL;
		count++;
	}
	return count;
}

/* The words of a command in this round. `words` has room for them, and for NULL. */
static char **words_of(char **argv, int round, char **words, char (*halves)[256])
{
	int i = 0;

	for (; argv[i] && i < MAX_WORDS; i++) {
		char *bar = strchr(argv[i], '|');

		words[i] = argv[i];
		if (!bar)
			continue;
		snprintf(halves[i], sizeof(halves[i]), "%.*s",
			round % 2 ? (int)(bar - argv[i]) : (int)sizeof(halves[i]) - 1,
			round % 2 ? argv[i] : bar + 1);
		words[i] = halves[i];
	}
	words[i] = NULL;
	return words;
}

int main(int argc, char **argv)
{
	static char halves[MAX_WORDS][256];
	char *words[MAX_WORDS + 1];
	int rounds = argc > 1 ? atoi(argv[1]) : 0, count;
	struct contestant them[MAX_COMMANDS];
	posix_spawn_file_actions_t actions;

	if (argc < 4 || rounds < 1) {
		fputs("usage: stopwatch ROUNDS NAME COMMAND... [-- NAME COMMAND...]...\n", stderr);
		return 64;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	count = contestants_parse(argv + 2, them, rounds);
	for (int round = -WARM_UP; round < rounds; round++)
		for (int i = 0; i < count; i++) {
			double ms = run(
				words_of(them[i].argv, round + WARM_UP, words, halves), &actions);

			if (round >= 0)
				them[i].ms[round] = ms;
		}
	for (int i = count - 1; i >= 0; i--)
		for (int round = 0; round < rounds; round++)
			them[i].ratios[round] = them[i].ms[round] / them[0].ms[round];
	for (int i = 0; i < count; i++) {
		qsort(them[i].ms, rounds, sizeof(double), by_value);
		qsort(them[i].ratios, rounds, sizeof(double), by_value);
		printf("%s\t%.2f\t%.2f\t%.2f\t%.2f\n", them[i].name, them[i].ms[rounds / 2],
			them[i].ms[0], them[i].ms[rounds - 1], them[i].ratios[rounds / 2]);
	}
	return 0;
}
