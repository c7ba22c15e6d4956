#include <arm_nnfunctions.h>
#include <string.h>

/* As the library's, which keeps two columns in 16 bits. */
int32_t arm_convolve_wrapper_s8_get_buffer_size(const cmsis_nn_conv_params* conv_params, const cmsis_nn_dims* input_dims, const cmsis_nn_dims* filter_dims,
                                                const cmsis_nn_dims* output_dims) {
  (void)conv_params, (void)output_dims;
  return (filter_dims->w * filter_dims->h * input_dims->c + 3) / 4 * 4 * 2 * (int32_t)sizeof(int16_t);
}

arm_cmsis_nn_status arm_convolve_wrapper_s8(const cmsis_nn_context* ctx, const cmsis_nn_conv_params* conv_params, const cmsis_nn_per_channel_quant_params* quant_params,
                                            const cmsis_nn_dims* input_dims, const int8_t* input_data, const cmsis_nn_dims* filter_dims, const int8_t* filter_data,
                                            const cmsis_nn_dims* bias_dims, const int32_t* bias_data, const cmsis_nn_dims* output_dims, int8_t* output_data) {
  (void)bias_dims;
  if (input_dims->c != filter_dims->c || input_dims->n != 1 || filter_dims->n != output_dims->c) return ARM_CMSIS_NN_ARG_ERROR;
  memset(ctx->buf, 0x5A, (size_t)arm_convolve_wrapper_s8_get_buffer_size(conv_params, input_dims, filter_dims, output_dims)); /* it is the function's own */
  for (int y = 0; y < output_dims->h; ++y) {
    for (int x = 0; x < output_dims->w; ++x) {
      for (int o = 0; o < output_dims->c; ++o) {
        int32_t sum = bias_data[o];
        for (int ky = 0; ky < filter_dims->h; ++ky) {
          for (int kx = 0; kx < filter_dims->w; ++kx) {
            const int from_y = y * conv_params->stride.h - conv_params->padding.h + ky * conv_params->dilation.h;
            const int from_x = x * conv_params->stride.w - conv_params->padding.w + kx * conv_params->dilation.w;
            if (from_y < 0 || from_x < 0 || from_y >= input_dims->h || from_x >= input_dims->w) continue;
            for (int c = 0; c < input_dims->c; ++c) {
              sum += filter_data[((o * filter_dims->h + ky) * filter_dims->w + kx) * filter_dims->c + c] *
                     (input_data[(from_y * input_dims->w + from_x) * input_dims->c + c] + conv_params->input_offset);
            }
          }
        }
        int32_t value = fake_requantize(sum, quant_params->multiplier[o], quant_params->shift[o]) + conv_params->output_offset;
        if (value < conv_params->activation.min) value = conv_params->activation.min;
        if (value > conv_params->activation.max) value = conv_params->activation.max;
        output_data[(y * output_dims->w + x) * output_dims->c + o] = (int8_t)value;
      }
    }
  }
  return ARM_CMSIS_NN_SUCCESS;
}
