#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#define ENCODING "%{vex%}"
#define ISA avx_vnni_code
#define LENET5_KERNELS avx_vnni
#define LENET5_NAME "avx_vnni"

#include "reference_models/lenet5/native/int8_vnni_256.inc"
#endif
