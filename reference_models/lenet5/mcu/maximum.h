/* The maximum of 2×2 as a layer of its own. The including file says what a `value_t` is.
 */
#ifndef ASSAY_LENET5_MCU_MAXIMUM_H
#define ASSAY_LENET5_MCU_MAXIMUM_H

/* in[maps][side][side] → out[maps][side/2][side/2]; no aliasing. */
static void largest_of_four(const value_t* in, int maps, int side, value_t* out) {
  for (int m = 0; m < maps; ++m) {
    for (int y = 0; y < side; y += 2) {
      for (int x = 0; x < side; x += 2) {
        const value_t* corner = in + (m * side + y) * side + x;
        value_t largest = corner[0];
        if (corner[1] > largest) largest = corner[1];
        if (corner[side] > largest) largest = corner[side];
        if (corner[side + 1] > largest) largest = corner[side + 1];
        *out++ = largest;
      }
    }
  }
}

#endif
