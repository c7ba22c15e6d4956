#include <arm_nnfunctions.h>

int32_t fake_requantize(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t high = (int32_t)(((int64_t)value * multiplier + (1 << 30)) >> 31);
  if (shift == 0) return high;
  const int64_t size = high < 0 ? -(int64_t)high : high, rounded = (size + (1LL << (-shift - 1))) >> -shift;
  return (int32_t)(high < 0 ? -rounded : rounded);
}
