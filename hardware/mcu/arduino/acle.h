/* Arm's intrinsics under their names, for Arduino's compiler: GCC 7 knows the instructions, but its arm_acle.h has these only since
 * GCC 10. In a sketch this stands in for <arm_acle.h>.
 */
#ifndef ASSAY_MCU_ARDUINO_ACLE_H
#define ASSAY_MCU_ARDUINO_ACLE_H

#if __GNUC__ >= 10 && !defined(ASSAY_OWN_ACLE)
#include <arm_acle.h>
#else
#include <stdint.h>

typedef int32_t int16x2_t;

/* sum + a[0]·b[0] + a[1]·b[1] */
static inline int32_t __smlad(int16x2_t a, int16x2_t b, int32_t sum) {
  int32_t result;
  __asm("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}

/* Bytes 0 and 2 as halfwords. */
static inline int16x2_t __sxtb16(uint32_t bytes) {
  int16x2_t result;
  __asm("sxtb16 %0, %1" : "=r"(result) : "r"(bytes));
  return result;
}
static inline uint32_t __uxtb16(uint32_t bytes) {
  uint32_t result;
  __asm("uxtb16 %0, %1" : "=r"(result) : "r"(bytes));
  return result;
}

/* Cut to 0 … 2^bits − 1; `bits` is a constant. */
#define __usat(value, bits)                                                      \
  __extension__({                                                                \
    uint32_t cut_;                                                               \
    __asm("usat %0, %1, %2" : "=r"(cut_) : "I"(bits), "r"((int32_t)(value)));    \
    cut_;                                                                        \
  })
#endif

#endif
