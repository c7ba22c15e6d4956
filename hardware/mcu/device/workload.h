/* What a firmware computes: each image links exactly one of these, and the dialogue runs it.
 *
 *     static void work(void) { lenet_infer(pixels, sums); }
 *     struct assay_workload assay_workload = {.model = "lenet5", .work = work, .input = pixels, .input_bytes = 784, …};
 */
#ifndef ASSAY_MCU_WORKLOAD_H
#define ASSAY_MCU_WORKLOAD_H

#include <stdint.h>

struct assay_workload {
  const char* model;         /* what `profile` answers */
  void (*work)(void);        /* one inference: what is counted. Reads input, writes output */
  uint8_t* input;            /* what `db` fills */
  uint32_t input_bytes;
  uint8_t* output;           /* little-endian int32 or float32 */
  uint32_t output_bytes;
  int32_t (*result)(int i);  /* of the i-th of `results` numbers, in thousandths: for MLPerf Tiny's m-results line */
  int results;
  int (*answer)(void);       /* the class; NULL: the work has none */
  int (*set)(const char* name, uint32_t value); /* 0 if there is no such setting or value; NULL: nothing can be set */
};
extern struct assay_workload assay_workload;

#endif
