/*
 * What a prediction costs through the C interface: predict LIBRARY MODEL. Loads the library by its path and prints, for rows of single precision, the best
 * time of one row in microseconds and of 4096 rows in milliseconds, on one thread.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dirkernels.h"

enum { BATCH = 4096, ROUNDS = 15 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int count, char **arguments)
{
    void *library = count == 3 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    if (library == NULL) {
        fprintf(stderr, "usage: predict LIBRARY MODEL (%s)\n", count == 3 ? dlerror() : "");
        return 2;
    }

    dk_status (*load)(const char *, dk_model **) = dlsym(library, "dk_model_load");
    dk_status (*get_info)(const dk_model *, dk_model_info *) = dlsym(library, "dk_model_get_info");
    dk_status (*predict)(const dk_model *, const float *, size_t, size_t, double *, size_t, double *, size_t) = dlsym(library, "dk_model_predict");
    const char *(*error)(void) = dlsym(library, "dk_last_error");
    dk_model *model;
    dk_model_info info = {sizeof info, 0, 0, 0, 0, 0, 0};
    if (load(arguments[2], &model) != DK_OK || get_info(model, &info) != DK_OK) {
        fprintf(stderr, "predict: %s\n", error());
        return 1;
    }

    size_t columns = (size_t)info.inputs;
    float *rows = malloc(BATCH * columns * sizeof *rows);
    double *values = malloc(BATCH * sizeof *values);
    for (size_t i = 0; rows && i < BATCH * columns; i++) {
        rows[i] = (float)((i * 7919) % 1000) / 1000;
    }

    double best[2] = {1e300, 1e300};
    size_t sizes[2] = {1, BATCH}, calls[2] = {20000, 10};
    for (int round = 0; rows && values && round < 2 * ROUNDS; round++) {
        int which = round % 2;
        double start = now();
        for (size_t call = 0; call < calls[which]; call++) {
            const float *at = rows + (which == 0 ? call % BATCH * columns : 0);
            if (predict(model, at, sizes[which], columns, values, sizes[which], NULL, 0) != DK_OK) {
                fprintf(stderr, "predict: %s\n", error());
                return 1;
            }
        }

        double time = (now() - start) / (double)calls[which];
        best[which] = time < best[which] ? time : best[which];
    }

    printf("%.3f %.3f\n", best[0], best[1] / 1e3);
    return 0;
}
