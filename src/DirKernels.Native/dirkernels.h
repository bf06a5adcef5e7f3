/*
 * dirkernels.h: deep imbalanced regression for C and C++.
 *
 * Link with -ldirkernels, or load libdirkernels.so at run time. C99 and C++.
 *
 * ERRORS. Every function that can fail returns a dk_status; anything but DK_OK is an error, and dk_last_error() then has a sentence about it for the thread that
 * made the call. A call that fails changes nothing, except that memory it was to write may hold part of a result; handles it was to give are NULL.
 * No exception ever crosses. Pointers must be NULL or valid for the sizes that go with them: those cannot be checked; everything else is.
 *
 * HANDLES. dk_bins, dk_moments, dk_fds and dk_model are incomplete types: a pointer to one is a handle and no address. Whoever creates or loads one owns it
 * and frees it with the function of its kind, once. Freeing NULL does nothing. A handle that was freed, is of another kind or was never given
 * answers DK_BAD_HANDLE. Handles do not refer to each other, and may be freed in any order.
 *
 * MEMORY. The library reads and writes the caller's arrays during the call only and keeps none. Arrays are contiguous; matrices are row-major, [rows x columns].
 * Counts are numbers of elements, not bytes. Where a result has the shape of an input, both may be the same memory.
 *
 * THREADS. Every function may be called from any thread at any time. dk_model and dk_bins are immutable: any number of threads use one at once, without
 * waiting. Calls on one dk_moments or dk_fds wait for each other. A handle may be freed while other threads are using it: calls that are inside finish,
 * later ones answer DK_BAD_HANDLE. Results do not depend on the number of threads, bit for bit. After fork(), the child must not use the library. The library
 * stays in the process until its end, also after dlclose().
 *
 * UNITS. Labels, predictions and uncertainties are in the units of the training labels. An uncertainty is a standard deviation. Labels and features must be
 * finite; an error names the row, counted from 0.
 *
 * VERSIONS. DK_ABI_VERSION is (major << 16) | minor, by the rules of semantic versioning: functions, constants and members of structures are added with a new
 * minor version, and removed or changed only with a new major version, which is also that of the shared object's name (libdirkernels.so.1). A program works with a
 * library of the same major version and the same or a higher minor one: see dk_abi_is_compatible. Structures start with their size, so that members
 * can be appended.
 */
#ifndef DIRKERNELS_H
#define DIRKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DK_ABI_MAJOR 1
#define DK_ABI_MINOR 0
#define DK_ABI_VERSION (((uint32_t)DK_ABI_MAJOR << 16) | (uint32_t)DK_ABI_MINOR)

#if defined(__GNUC__)
#define DK_CHECK_RESULT __attribute__((warn_unused_result))
#else
#define DK_CHECK_RESULT
#endif

/* What functions return. Later minor versions may add values: treat one that you do not know as DK_FAILURE. */
typedef enum dk_status {
    DK_OK = 0,
    DK_FAILURE = 1,       /* something failed that the caller is not to blame for, such as a full disk */
    DK_BAD_ARGUMENT = 2,  /* an argument is NULL, out of its range, or of another size than the others; both sizes are named */
    DK_BAD_DATA = 3,      /* labels or features are not finite, or a file is absent, damaged or not what it should be */
    DK_BAD_HANDLE = 4,    /* a handle was freed, is of another kind, or was never given */
    DK_BAD_STATE = 5,     /* another call must come before, or the model does not have what is asked for */
    DK_OUT_OF_MEMORY = 6,
    DK_TOO_SMALL = 7,     /* the caller's memory is too small; the size needed was told */
    DK_UNAVAILABLE = 8    /* there is no build of the library for this processor beside libdirkernels.so */
} dk_status;

/* ---- The library ---------------------------------------------------------------------------------------------------------------- */

/* DK_ABI_VERSION of the library that is loaded; 0 when it has no build for this processor. */
uint32_t dk_abi_version(void);

/* Whether the library that is loaded works with this header: the same major version, and at least the minor one. */
static inline int dk_abi_is_compatible(void)
{
    uint32_t loaded = dk_abi_version();
    return loaded >> 16 == DK_ABI_MAJOR && loaded >= DK_ABI_VERSION;
}

/* The instruction set of the build that is loaded: "x86-64-v2", "x86-64-v3", "x86-64-v4", "arm64", or "none". Static memory. */
const char *dk_instruction_set(void);

/* The sentence about the last error of the calling thread, UTF-8; "" before the first. Valid until the thread's next failing call, or its end. Never NULL. */
const char *dk_last_error(void);

/* Threads that share a large operation, the caller included: for objects created or loaded afterwards. 1 at first; 0 means one for each processor; at most 1024. */
DK_CHECK_RESULT dk_status dk_set_threads(int32_t threads);
DK_CHECK_RESULT dk_status dk_threads(int32_t *threads);

/* ---- Label bins ----------------------------------------------------------------------------------------------------------------- */

/* B half-open intervals [e_b, e_(b+1)) of the label axis, the last one closed; labels outside belong to the end bins. */
typedef struct dk_bins dk_bins;

/* Bins of one width by the rule of Freedman and Diaconis, at most 512; whole numbers get bins of whole width. */
DK_CHECK_RESULT dk_status dk_bins_automatic(const double *labels, size_t count, dk_bins **bins);

/* About wanted bins with equally many labels each; fewer where labels are equal. */
DK_CHECK_RESULT dk_status dk_bins_quantiles(const double *labels, size_t count, int32_t wanted, dk_bins **bins);

/* e_b = lower + b width; width > 0, count 1..2^24. */
DK_CHECK_RESULT dk_status dk_bins_uniform(double lower, double width, int32_t count, dk_bins **bins);

/* Bins between count >= 2 finite, strictly increasing edges. */
DK_CHECK_RESULT dk_status dk_bins_edges(const double *edges, size_t count, dk_bins **bins);

/* Number of bins B. */
DK_CHECK_RESULT dk_status dk_bins_count(const dk_bins *bins, int32_t *count);

/* The B + 1 edges; count must be B + 1. */
DK_CHECK_RESULT dk_status dk_bins_get_edges(const dk_bins *bins, double *edges, size_t count);

/* indices[i] = bin of labels[i], 0..B-1. */
DK_CHECK_RESULT dk_status dk_bins_assign(const dk_bins *bins, const double *labels, size_t count, int32_t *indices);

dk_status dk_bins_free(dk_bins *bins);

/* ---- Weights by label distribution smoothing (LDS) ------------------------------------------------------------------------------- */

typedef enum dk_kernel {
    DK_KERNEL_NONE = 0,              /* no smoothing: plain inverse weights; not for features */
    DK_KERNEL_GAUSSIAN = 1,          /* the window of the published results, its tails folded back */
    DK_KERNEL_TRUNCATED_GAUSSIAN = 2,
    DK_KERNEL_LAPLACE = 3,
    DK_KERNEL_TRIANGULAR = 4         /* has no sigma */
} dk_kernel;

typedef enum dk_reweighting {
    DK_REWEIGHT_NONE = 0,            /* all weights 1 */
    DK_REWEIGHT_SQRT_INVERSE = 1,    /* 1/sqrt of the density */
    DK_REWEIGHT_INVERSE = 2,         /* 1/density, counts clipped to 5..1000 unless told otherwise */
    DK_REWEIGHT_POWER = 3            /* counts^power, 0..4 */
} dk_reweighting;

typedef enum dk_boundary {
    DK_BOUNDARY_ZERO = 0,            /* beyond the end bins there is nothing */
    DK_BOUNDARY_SYMMETRIC = 1        /* b a | a b c d | d c */
} dk_boundary;

typedef struct dk_lds_options {
    size_t struct_size;              /* sizeof(dk_lds_options) */
    int32_t kernel;                  /* dk_kernel */
    int32_t kernel_size;             /* taps, odd, at most as many as bins; 5 */
    double kernel_sigma;             /* in bins; 2 */
    int32_t reweighting;             /* dk_reweighting */
    int32_t boundary;                /* dk_boundary */
    double power;                    /* for DK_REWEIGHT_POWER */
    double clip_lower, clip_upper;   /* bounds of the counts; both negative: those that go with the reweighting */
} dk_lds_options;

/* The published settings: gaussian of 5 taps and sigma 2, sqrt-inverse, zero boundary. */
dk_status dk_lds_options_init(dk_lds_options *options);

/*
 * One weight per label, of mean 1: counts -> transform -> convolution with the window -> density; weight = s / density of the label's bin.
 * bins NULL: automatic ones. options NULL: the published settings. weight_count must be count.
 */
DK_CHECK_RESULT dk_status dk_label_weights(
    const double *labels, size_t count, const dk_bins *bins, const dk_lds_options *options, float *weights, size_t weight_count);

/* The same for bins, from counts of training labels that were made and summed anywhere; count must be B. density may be NULL. [B] each. */
DK_CHECK_RESULT dk_status dk_bin_weights(
    const double *counts, size_t count, const dk_bins *bins, const dk_lds_options *options, double *density, double *weights);

/* ---- Moments of features per bin ------------------------------------------------------------------------------------------------- */

/* Number, mean and scatter of the features of each bin, in double precision: gathered in parts, on any threads and machines, and merged. */
typedef struct dk_moments dk_moments;

/* Empty moments of D dimensions and B bins; block_size of the covariances: 1 diagonal, 0 full, g blocks of g. */
DK_CHECK_RESULT dk_status dk_moments_create(int32_t dimensions, int32_t bins, int32_t block_size, dk_moments **moments);

/* Takes rows in: features [rows x columns], columns = D; bins [rows], 0..B-1. */
DK_CHECK_RESULT dk_status dk_moments_accumulate(dk_moments *moments, const float *features, size_t rows, size_t columns, const int32_t *bins);

/* Takes the samples of from into into; from does not change. */
DK_CHECK_RESULT dk_status dk_moments_merge(dk_moments *into, const dk_moments *from);

/* Samples of each bin; count must be B. */
DK_CHECK_RESULT dk_status dk_moments_counts(const dk_moments *moments, int64_t *counts, size_t count);

/* Bytes to send or to keep, with version and checksum. With bytes NULL and capacity 0 only *needed is set. */
DK_CHECK_RESULT dk_status dk_moments_to_bytes(const dk_moments *moments, void *bytes, size_t capacity, size_t *needed);
DK_CHECK_RESULT dk_status dk_moments_from_bytes(const void *bytes, size_t count, dk_moments **moments);

dk_status dk_moments_free(dk_moments *moments);

/* ---- Feature distribution smoothing (FDS) ---------------------------------------------------------------------------------------- */

/* Per bin the mean and covariance of the features, carried over epochs, smoothed over bins; whitens and re-colours training features. */
typedef struct dk_fds dk_fds;

typedef enum dk_empty_bins {
    DK_EMPTY_EXCLUDE = 0,            /* bins never seen take no part */
    DK_EMPTY_FILL = 1,               /* they take the statistics of their neighbours */
    DK_EMPTY_KEEP = 2                /* they take part with mean 0 and variance 1, as published */
} dk_empty_bins;

typedef enum dk_parts { DK_PARTS_BOTH = 0, DK_PARTS_MEAN = 1 } dk_parts;
typedef enum dk_mass { DK_MASS_UNIFORM = 0, DK_MASS_COUNT = 1 /* needs DK_EMPTY_EXCLUDE */ } dk_mass;

typedef struct dk_fds_options {
    size_t struct_size;              /* sizeof(dk_fds_options) */
    int32_t block_size;              /* of the covariances: 1 diagonal, 0 full, g blocks of g; 1 */
    int32_t kernel;                  /* dk_kernel, not DK_KERNEL_NONE */
    int32_t kernel_size;             /* taps, odd, at most B; 5 */
    int32_t empty_bins;              /* dk_empty_bins */
    double kernel_sigma;             /* in bins; 2 */
    double momentum;                 /* weight of the old statistics, 0 <= m < 1; negative: cumulative average; 0.9 */
    double clip_lower, clip_upper;   /* bounds of the ratio of variances in the diagonal map; 0.1 and 10 */
    double shrinkage;                /* of block and full covariances, 0..1; negative: estimated for each bin; -1 */
    double strength;                 /* a in z + a (z~ - z), 0 < a <= 1; 1 */
    int32_t parts;                   /* dk_parts */
    int32_t mass;                    /* dk_mass */
} dk_fds_options;

/* What the end of an epoch came to. Set struct_size before the call. */
typedef struct dk_fds_report {
    size_t struct_size;              /* sizeof(dk_fds_report) */
    int64_t samples;                 /* rows of the epoch */
    int32_t epoch;                   /* counted from 0 */
    int32_t bins;                    /* B */
    int32_t ridged_bins;             /* factorised only with a ridge */
    int32_t diagonal_bins;           /* fell back to the diagonal map */
    int32_t unchanged_bins;          /* features pass unchanged */
    int32_t reserved;
} dk_fds_report;

/* The defaults that stand above. */
dk_status dk_fds_options_init(dk_fds_options *options);

/* Statistics of D dimensions and B bins. options NULL: the defaults. */
DK_CHECK_RESULT dk_status dk_fds_create(int32_t dimensions, int32_t bins, const dk_fds_options *options, dk_fds **fds);

/* Takes uncalibrated features of the epoch in: features [rows x columns], columns = D; bins [rows], 0..B-1. */
DK_CHECK_RESULT dk_status dk_fds_accumulate(dk_fds *fds, const float *features, size_t rows, size_t columns, const int32_t *bins);

/* Takes moments of the epoch in that were gathered elsewhere; they do not change. */
DK_CHECK_RESULT dk_status dk_fds_merge(dk_fds *fds, const dk_moments *moments);

/* Ends the epoch: running statistics, smoothing over bins, maps. report may be NULL. */
DK_CHECK_RESULT dk_status dk_fds_end_epoch(dk_fds *fds, dk_fds_report *report);

/* calibrated = whitened and re-coloured features, by the last ended epoch; DK_BAD_STATE before the first. [rows x columns] both. */
DK_CHECK_RESULT dk_status dk_fds_calibrate(
    dk_fds *fds, const float *features, size_t rows, size_t columns, const int32_t *bins, float *calibrated);

/* gradient with respect to the features, of one with respect to the calibrated features; statistics are constants. [rows x columns] both. */
DK_CHECK_RESULT dk_status dk_fds_calibrate_gradient(
    dk_fds *fds, const float *calibrated_gradient, size_t rows, size_t columns, const int32_t *bins, float *gradient);

/* A file of options and statistics of the epochs that have ended; rows of an epoch under way are not part of it. The file appears when it is whole. */
DK_CHECK_RESULT dk_status dk_fds_save(const dk_fds *fds, const char *path);
DK_CHECK_RESULT dk_status dk_fds_load(const char *path, dk_fds **fds);

dk_status dk_fds_free(dk_fds *fds);

/* ---- Models ---------------------------------------------------------------------------------------------------------------------- */

/* A trained network, as `dirkernels train` and `dirkernels import` write it. */
typedef struct dk_model dk_model;

/* Sizes of a model. Set struct_size before the call. */
typedef struct dk_model_info {
    size_t struct_size;              /* sizeof(dk_model_info) */
    int32_t inputs;                  /* columns of a row */
    int32_t targets;                 /* values predicted for a row */
    int32_t has_uncertainty;         /* 1: the model says how uncertain it is */
    int32_t takes_table_rows;        /* 1: rows are as in the table of the training; 0: the caller scales them as in training */
    int32_t bins;                    /* label bins of the training */
    int32_t hidden_layers;
} dk_model_info;

DK_CHECK_RESULT dk_status dk_model_load(const char *path, dk_model **model);
DK_CHECK_RESULT dk_status dk_model_load_memory(const void *bytes, size_t count, dk_model **model);
DK_CHECK_RESULT dk_status dk_model_get_info(const dk_model *model, dk_model_info *info);

/*
 * JSON with a zero byte behind: sizes, names of the inputs, columns with their means, deviations and categories, bin edges, training counts, options.
 * With text NULL and capacity 0 only *needed is set, the zero byte included.
 */
DK_CHECK_RESULT dk_status dk_model_describe(const dk_model *model, char *text, size_t capacity, size_t *needed);

/*
 * Predicts rows: inputs [rows x columns], columns = inputs of the model, in the order of "inputNames" of dk_model_describe: numbers as they stand in the table,
 * text columns one-hot (all zeros for a text that no training row had). NaN stands for the median of the training rows when the model was trained with
 * --missing median, otherwise it is DK_BAD_DATA. values [rows x targets], value_count = rows * targets.
 * uncertainties NULL with uncertainty_count 0, or [rows], for models that have them (DK_BAD_STATE otherwise).
 * dk_model_predict_f64 takes double precision, and gives the bits that `dirkernels predict` writes for the same instruction set.
 */
DK_CHECK_RESULT dk_status dk_model_predict(
    const dk_model *model, const float *inputs, size_t rows, size_t columns,
    double *values, size_t value_count, double *uncertainties, size_t uncertainty_count);
DK_CHECK_RESULT dk_status dk_model_predict_f64(
    const dk_model *model, const double *inputs, size_t rows, size_t columns,
    double *values, size_t value_count, double *uncertainties, size_t uncertainty_count);

dk_status dk_model_free(dk_model *model);

#ifdef __cplusplus
}
#endif

#endif
