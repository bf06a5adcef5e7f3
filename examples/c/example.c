/*
 * What libdirkernels does, from C:
 *
 *   gcc -std=c99 -I INCLUDE example.c -L LIB -ldirkernels -Wl,-rpath,LIB -lpthread -lm -o example
 *   ./example prices.model statistics.file
 *
 * Weights for a label-imbalanced training set, feature statistics gathered by two threads and kept in a file, and a model that predicts from
 * several threads at once. Prints numbers as hexadecimal floating point, so that they can be compared to the bit.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dirkernels.h"

enum { LABELS = 2000, DIMENSIONS = 6, ROWS = 1500, THREADS = 4 };

/* Ends the program with the library's sentence when a call fails. */
static void check(dk_status status, const char *what)
{
    if (status != DK_OK) {
        fprintf(stderr, "example: %s: %s (status %d)\n", what, dk_last_error(), (int)status);
        exit(1);
    }
}

/* Numbers in [0, 1) that are the same everywhere. */
static double next_number(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 40) / 16777216.0;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (memory == NULL) {
        fprintf(stderr, "example: out of memory\n");
        exit(1);
    }

    return memory;
}

/* Long-tailed labels: many near 0, few near 40. */
static void make_labels(double *labels, uint64_t seed)
{
    for (int i = 0; i < LABELS; i++) {
        double u = next_number(&seed);
        labels[i] = 40.0 * u * u * u;
    }
}

static void show_weights(const double *labels, dk_bins **bins)
{
    check(dk_bins_uniform(0.0, 2.0, 20, bins), "bins");
    float *weights = allocate(LABELS, sizeof *weights);
    check(dk_label_weights(labels, LABELS, *bins, NULL, weights, LABELS), "weights");
    for (int i = 0; i < 5; i++) {
        printf("weight %a\n", weights[i]);
    }

    dk_lds_options options;
    check(dk_lds_options_init(&options), "options");
    options.kernel = DK_KERNEL_LAPLACE;
    options.reweighting = DK_REWEIGHT_INVERSE;
    check(dk_label_weights(labels, LABELS, NULL, &options, weights, LABELS), "weights of automatic bins");
    printf("inverse %a\n", weights[LABELS - 1]);
    free(weights);
}

static void show_statistics(const double *labels, const dk_bins *bins, const char *path)
{
    float *features = allocate((size_t)ROWS * DIMENSIONS, sizeof *features), *calibrated = allocate((size_t)ROWS * DIMENSIONS, sizeof *calibrated);
    int32_t *indices = allocate(ROWS, sizeof *indices);
    uint64_t seed = 7;
    check(dk_bins_assign(bins, labels, ROWS, indices), "bins of labels");
    for (int i = 0; i < ROWS * DIMENSIONS; i++) {
        features[i] = (float)(100.0 + labels[i / DIMENSIONS] + next_number(&seed));
    }

    dk_fds_options options;
    check(dk_fds_options_init(&options), "options");
    options.block_size = 0; /* full covariances */
    int32_t count;
    dk_fds *fds;
    dk_moments *part;
    check(dk_bins_count(bins, &count), "number of bins");
    check(dk_fds_create(DIMENSIONS, count, &options, &fds), "statistics");
    check(dk_moments_create(DIMENSIONS, count, 0, &part), "moments");

    /* One half here, the other half as somebody else would gather it. */
    const size_t half = ROWS / 2;
    check(dk_fds_accumulate(fds, features, half, DIMENSIONS, indices), "first half");
    check(dk_moments_accumulate(part, features + half * DIMENSIONS, ROWS - half, DIMENSIONS, indices + half), "second half");
    check(dk_fds_merge(fds, part), "merge");
    dk_fds_report report = {sizeof report, 0, 0, 0, 0, 0, 0, 0};
    check(dk_fds_end_epoch(fds, &report), "end of epoch");
    printf("epoch %" PRId32 " samples %" PRId64 " unchanged %" PRId32 "\n", report.epoch, report.samples, report.unchanged_bins);

    check(dk_fds_save(fds, path), "save");
    check(dk_fds_free(fds), "free");
    check(dk_fds_load(path, &fds), "load");
    check(dk_fds_calibrate(fds, features, ROWS, DIMENSIONS, indices, calibrated), "calibrate");
    for (int i = 0; i < 5; i++) {
        printf("calibrated %a\n", calibrated[i * (DIMENSIONS + 1)]);
    }

    check(dk_fds_calibrate_gradient(fds, features, ROWS, DIMENSIONS, indices, calibrated), "gradient");
    printf("gradient %a\n", calibrated[ROWS * DIMENSIONS - 1]);
    check(dk_moments_free(part), "free");
    check(dk_fds_free(fds), "free");
    free(features);
    free(calibrated);
    free(indices);
}

struct prediction {
    const dk_model *model;
    const float *rows;
    size_t columns;
    double *values;
    dk_status status;
    char error[256];
};

static void *predict(void *argument)
{
    struct prediction *work = argument;
    for (int again = 0; again < 20 && work->status == DK_OK; again++) {
        work->status = dk_model_predict(work->model, work->rows, ROWS, work->columns, work->values, ROWS, NULL, 0);
    }

    /* The text of an error belongs to the thread that made it. */
    snprintf(work->error, sizeof work->error, "%s", work->status == DK_OK ? "" : dk_last_error());
    return NULL;
}

static void show_predictions(const char *path)
{
    dk_model *model;
    dk_model_info info;
    info.struct_size = sizeof info;
    check(dk_model_load(path, &model), "model");
    check(dk_model_get_info(model, &info), "sizes of the model");

    size_t needed;
    check(dk_model_describe(model, NULL, 0, &needed), "length of the description");
    char *text = allocate(needed, 1);
    check(dk_model_describe(model, text, needed, &needed), "description");
    printf("inputs %" PRId32 " description %zu\n", info.inputs, strlen(text));
    free(text);

    size_t columns = (size_t)info.inputs;
    float *rows = allocate(ROWS * columns, sizeof *rows);
    uint64_t seed = 11;
    for (size_t i = 0; i < ROWS * columns; i++) {
        rows[i] = (float)next_number(&seed);
    }

    struct prediction work[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
        work[t] = (struct prediction){model, rows, columns, allocate(ROWS, sizeof(double)), DK_OK, ""};
        if (pthread_create(&threads[t], NULL, predict, &work[t]) != 0) {
            fprintf(stderr, "example: no thread\n");
            exit(1);
        }
    }

    for (int t = 0; t < THREADS; t++) {
        pthread_join(threads[t], NULL);
        if (work[t].status != DK_OK || memcmp(work[t].values, work[0].values, ROWS * sizeof(double)) != 0) {
            fprintf(stderr, "example: thread %d: %s\n", t, work[t].status == DK_OK ? "other values" : work[t].error);
            exit(1);
        }
    }

    for (int i = 0; i < 5; i++) {
        printf("value %a\n", work[0].values[i]);
    }

    printf("value %a\n", work[0].values[ROWS - 1]);
    for (int t = 0; t < THREADS; t++) {
        free(work[t].values);
    }

    check(dk_model_free(model), "free");

    /* What was freed is found out, not followed. */
    dk_status status = dk_model_predict(model, rows, 1, columns, (double[1]){0}, 1, NULL, 0);
    printf("freed %d: %s\n", (int)status, dk_last_error());
    free(rows);
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: example MODEL STATISTICS\n");
        return 2;
    }

    if (!dk_abi_is_compatible()) {
        fprintf(stderr, "example: the library has version %" PRIu32 ".%" PRIu32 ": %s\n", dk_abi_version() >> 16, dk_abi_version() & 0xFFFFu, dk_last_error());
        return 1;
    }

    printf("set %s\n", dk_instruction_set());
    double *labels = allocate(LABELS, sizeof *labels);
    make_labels(labels, 3);
    dk_bins *bins;
    show_weights(labels, &bins);
    show_statistics(labels, bins, arguments[2]);
    check(dk_bins_free(bins), "free");
    show_predictions(arguments[1]);
    free(labels);
    return 0;
}
