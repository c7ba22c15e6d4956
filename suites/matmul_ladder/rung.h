/* What a rung in C or C++ looks like, and how the ladder finds it. A rung is one file in rungs/: write
 * `multiply`, say RUNG(…) once, and the file's stem is a level of the factor `version`.
 *
 *     #include "suites/matmul_ladder/rung.h"
 *
 *     static void multiply(const double* a, const double* b, double* c, int n,
 *                          const int* rows, int row_count, int threads) { … }
 *
 *     RUNG(.multiply = multiply, .sampled_above_flop = 0x1p31)
 */
#ifndef ASSAY_MATMUL_LADDER_RUNG_H
#define ASSAY_MATMUL_LADDER_RUNG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* C[n×n] = A[n×n] · B[n×n]; row-major; overwrites C, whatever it held; no aliasing.
 * Computes the `row_count` rows of C that `rows` names, in ascending order, and touches no other. A rung that
 * doesn't work row by row (sampled_above_flop = 0) is always given all n rows and may ignore the list.
 * `threads` is how many threads to use, ≥ 1; a serial rung ignores it. */
typedef void assay_multiply(const double* a, const double* b, double* c, int n, const int* rows,
                            int row_count, int threads);
typedef void assay_multiply_f32(const float* a, const float* b, float* c, int n, const int* rows,
                                int row_count, int threads);

struct assay_rung {
  assay_multiply* multiply;         /* in f64, and */
  assay_multiply_f32* multiply_f32; /* in f32: may be left out, one of the two */
  /* A product of more FLOP (2n³) than this may be timed on a sample of its rows; 0: never. A rule about size
   * and not about time, so that the same experiment is modelled in the same cells on every machine. */
  double sampled_above_flop;
  /* True if `threads` rows are computed at once: a sample is then a multiple of `threads` rows. */
  int by_thread;
  /* Why this machine or build can't run the rung, or NULL if it can. May be left out. */
  const char* (*refusal)(void);

  const char* version; /* filled in by RUNG: the file's stem */
  struct assay_rung* next;
};

/* The rungs of this program, in no particular order. */
struct assay_rung* assay_first_rung(void);
void assay_add_rung(struct assay_rung* rung);

#ifdef __cplusplus
}
#endif

/* The constructor runs before main. CMake compiles rungs as OBJECT libraries, because a linker drops a member
 * of a static library that nothing refers to, and the rung with it. What a rung leaves out is 0; g++ warns of
 * that in C++ alone, hence the pragmas. */
// clang-format off
#define RUNG(...)                                                           \
  _Pragma("GCC diagnostic push")                                            \
  _Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"")        \
  static struct assay_rung assay_this_rung = {__VA_ARGS__};                 \
  _Pragma("GCC diagnostic pop")                                             \
  __attribute__((constructor)) static void assay_register_this_rung(void) { \
    assay_this_rung.version = ASSAY_RUNG;                                   \
    assay_add_rung(&assay_this_rung);                                       \
  }
// clang-format on

#endif
