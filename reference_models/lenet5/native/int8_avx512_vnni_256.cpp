#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#define ENCODING "%{evex%}"
#define ISA avx512_vnni_256_code
#define LENET5_KERNELS avx512_vnni_256
#define LENET5_NAME "avx512_vnni_256"

#include "reference_models/lenet5/native/int8_vnni_256.inc"
#endif
