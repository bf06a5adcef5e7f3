/*
 * dirkernels: starts the build of the command for this processor, which lies beside it in x86-64-v2, -v3 or -v4.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Replaces this process; comes back when there is no such build. */
static void start(const char *folder, size_t length, const char *level, char **arguments)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%.*s/%s/dirkernels", (int)length, folder, level) < sizeof path) {
        execv(path, arguments);
    }
}

int main(int count, char **arguments)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = length > 0 ? memrchr(self, '/', (size_t)length) : NULL;
    (void)count;
    if (slash == NULL) {
        fputs("dirkernels: the folder of the command is not known\n", stderr);
        return 1;
    }

    size_t folder = (size_t)(slash - self);
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) {
        start(self, folder, "x86-64-v4", arguments);
    }
    if (__builtin_cpu_supports("x86-64-v3")) {
        start(self, folder, "x86-64-v3", arguments);
    }
    if (__builtin_cpu_supports("x86-64-v2")) {
        start(self, folder, "x86-64-v2", arguments);
    }

    fprintf(stderr, "dirkernels: there is no build for this processor in %.*s: %s\n", (int)folder, self, strerror(errno));
    return 1;
}
