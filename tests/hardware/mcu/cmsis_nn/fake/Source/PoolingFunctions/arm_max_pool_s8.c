#include <arm_nnfunctions.h>

/* Without padding, which is all that is asked for. */
arm_cmsis_nn_status arm_max_pool_s8(const cmsis_nn_context* ctx, const cmsis_nn_pool_params* pool_params, const cmsis_nn_dims* input_dims, const int8_t* input_data,
                                    const cmsis_nn_dims* filter_dims, const cmsis_nn_dims* output_dims, int8_t* output_data) {
  (void)ctx;
  if (pool_params->padding.w || pool_params->padding.h) return ARM_CMSIS_NN_ARG_ERROR;
  for (int y = 0; y < output_dims->h; ++y) {
    for (int x = 0; x < output_dims->w; ++x) {
      for (int c = 0; c < output_dims->c; ++c) {
        int32_t largest = pool_params->activation.min;
        for (int ky = 0; ky < filter_dims->h; ++ky) {
          for (int kx = 0; kx < filter_dims->w; ++kx) {
            const int8_t value = input_data[((y * pool_params->stride.h + ky) * input_dims->w + x * pool_params->stride.w + kx) * input_dims->c + c];
            if (value > largest) largest = value;
          }
        }
        *output_data++ = (int8_t)(largest > pool_params->activation.max ? pool_params->activation.max : largest);
      }
    }
  }
  return ARM_CMSIS_NN_SUCCESS;
}
