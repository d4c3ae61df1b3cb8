/*
 * usage: timed LAPS COMMAND...
 * Runs a command, its standard output to /dev/null, and appends to the file LAPS what it took:
 * milliseconds from fork to exit and the most memory it held (KB), tab-separated.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	double start = now();
	struct rusage usage;
	FILE *laps;
	int status;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: timed LAPS COMMAND...\n", stderr);
		return 64;
	}
	pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "timed: %s failed\n", argv[2]);
		return 1;
	}
	laps = fopen(argv[1], "a");
	if (!laps || fprintf(laps, "%.3f\t%ld\n", now() - start, usage.ru_maxrss) < 0)
		return 1;
	return fclose(laps) != 0;
}
