// LeNet-5's layers as a textbook has them, in floats, one number at a time.
#pragma once

namespace lenet5::textbook {

/// out[maps][side][side] from in[in_maps][in_side][in_side] by 5×5 weights [maps][in_maps][5][5], with ReLU;
/// side = in_side + 2·padding − 4.
void convolve(const float* in, int in_maps, int in_side, int padding, const float* weights, const float* bias, int maps, float* out);
/// out[maps][side/2][side/2]: the largest of each 2×2.
void largest_of_four(const float* in, int maps, int side, float* out);
/// out[outputs] by weights [outputs][inputs].
void connect(const float* in, int inputs, const float* weights, const float* bias, int outputs, bool relu, float* out);

}  // namespace lenet5::textbook
