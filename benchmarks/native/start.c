/*
 * How long a command runs and how much memory it takes at most: start N COMMAND [ARGUMENTS]. Prints the shortest and the median time of N runs in
 * milliseconds, from the start of the process to its end, and the largest peak of its resident memory in MB. Its output is thrown away.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments)
{
    int runs = count > 2 ? atoi(arguments[1]) : 0;
    double *times = calloc(runs > 0 ? (size_t)runs : 1, sizeof *times);
    long peak = 0;
    if (runs < 1 || times == NULL) {
        fprintf(stderr, "usage: start N COMMAND [ARGUMENTS]\n");
        return 2;
    }

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (int i = 0; i < runs; i++) {
        pid_t child;
        int status;
        struct rusage usage;
        double start = now();
        if (posix_spawnp(&child, arguments[2], &actions, NULL, arguments + 2, environ) != 0 || wait4(child, &status, 0, &usage) != child
            || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fprintf(stderr, "start: %s failed\n", arguments[2]);
            return 1;
        }

        times[i] = now() - start;
        peak = usage.ru_maxrss > peak ? usage.ru_maxrss : peak;
    }

    qsort(times, (size_t)runs, sizeof *times, by_size);
    printf("%.1f %.1f %.1f\n", times[0], (times[(runs - 1) / 2] + times[runs / 2]) / 2, (double)peak / 1024);
    return 0;
}
