/*
 * libdirkernels.so.1 itself: passes every call on to the build for this processor, which lies beside it in glibc-hwcaps/x86-64-v2, -v3 or -v4.
 *
 * The dynamic loader looks into those folders by itself, and then never comes here, when it searches for the library by its name. It does not when a program names
 * a path (dlopen, ctypes, P/Invoke); for these there is this file. The build is found once, when the library is loaded; a call then costs one jump.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SONAME "libdirkernels.so.1"
#define UNAVAILABLE 8

#define FOR_EACH_FUNCTION(X) \
    X(0, dk_abi_version) X(1, dk_instruction_set) X(2, dk_last_error) X(3, dk_set_threads) X(4, dk_threads) \
    X(5, dk_bins_automatic) X(6, dk_bins_quantiles) X(7, dk_bins_uniform) X(8, dk_bins_edges) X(9, dk_bins_count) \
    X(10, dk_bins_get_edges) X(11, dk_bins_assign) X(12, dk_bins_free) \
    X(13, dk_lds_options_init) X(14, dk_label_weights) X(15, dk_bin_weights) \
    X(16, dk_moments_create) X(17, dk_moments_accumulate) X(18, dk_moments_merge) X(19, dk_moments_counts) \
    X(20, dk_moments_to_bytes) X(21, dk_moments_from_bytes) X(22, dk_moments_free) \
    X(23, dk_fds_options_init) X(24, dk_fds_create) X(25, dk_fds_accumulate) X(26, dk_fds_merge) X(27, dk_fds_end_epoch) \
    X(28, dk_fds_calibrate) X(29, dk_fds_calibrate_gradient) X(30, dk_fds_save) X(31, dk_fds_load) X(32, dk_fds_free) \
    X(33, dk_model_load) X(34, dk_model_load_memory) X(35, dk_model_get_info) X(36, dk_model_describe) \
    X(37, dk_model_predict) X(38, dk_model_predict_f64) X(39, dk_model_free)

#define COUNT 40

static char problem[8192] = "";

/* What stands for functions while there is no build. */
static int32_t unavailable(void) { return UNAVAILABLE; }
static uint32_t no_version(void) { return 0; }
static const char *no_instruction_set(void) { return "none"; }
static const char *no_build(void) { return problem; }

/* Hidden: the jumps below reach it without a detour. */
__attribute__((visibility("hidden"))) void *dk_targets[COUNT];

static const char *const names[COUNT] = {
#define NAME(index, name) [index] = #name,
    FOR_EACH_FUNCTION(NAME)
};

/* No C function: it leaves all arguments as they are, whatever they are. */
#define FORWARD(index, name) \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n" \
            "\tendbr64\n\tjmp *dk_targets+8*" #index "(%rip)\n.size " #name ", .-" #name "\n");
FOR_EACH_FUNCTION(FORWARD)

static int has_all_functions(void *library)
{
    for (int i = 0; i < COUNT; i++) {
        if (dlsym(library, names[i]) == NULL) {
            snprintf(problem, sizeof problem, "the build beside " SONAME " has no function %s: the files are of different versions", names[i]);
            return 0;
        }
    }

    return 1;
}

static void *open_build(const char *folder, size_t length, const char *level)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%.*s/glibc-hwcaps/%s/" SONAME, (int)length, folder, level) >= sizeof path) {
        snprintf(problem, sizeof problem, "the path of " SONAME " is too long");
        return NULL;
    }

    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        snprintf(problem, sizeof problem, "no build of the library for this processor could be loaded: %s", reason ? reason : path);
        return NULL;
    }

    return has_all_functions(library) ? library : NULL;
}

static void *open_best(void)
{
    Dl_info self;
    if (dladdr(dk_targets, &self) == 0 || self.dli_fname == NULL) {
        snprintf(problem, sizeof problem, "the folder of " SONAME " is not known");
        return NULL;
    }

    const char *slash = strrchr(self.dli_fname, '/');
    const char *folder = slash ? self.dli_fname : ".";
    size_t length = slash ? (size_t)(slash - self.dli_fname) : 1;
    snprintf(problem, sizeof problem, "this processor is older than x86-64-v2, the least that the library needs");
    void *library = NULL;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) {
        library = open_build(folder, length, "x86-64-v4");
    }
    if (library == NULL && __builtin_cpu_supports("x86-64-v3")) {
        library = open_build(folder, length, "x86-64-v3");
    }
    if (library == NULL && __builtin_cpu_supports("x86-64-v2")) {
        library = open_build(folder, length, "x86-64-v2");
    }

    return library;
}

__attribute__((constructor)) static void find_build(void)
{
    void *library = open_best();
    for (int i = 0; i < COUNT; i++) {
        dk_targets[i] = library ? dlsym(library, names[i]) : (void *)unavailable;
    }

    if (library == NULL) {
        dk_targets[0] = (void *)no_version;
        dk_targets[1] = (void *)no_instruction_set;
        dk_targets[2] = (void *)no_build;
    }
}
