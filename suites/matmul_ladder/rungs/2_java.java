// Rung 2: the same loops in Java, compiled while they run. Differs from 1 only in the language.

final class Rung_2_java implements Rung {
  @Override
  public double sampledAboveFlop() {
    return 0x1p31;
  }

  @Override
  public void multiply(double[][] a, double[][] b, double[][] c, int[] rows) {
    int n = b.length;
    for (int i : rows) {
      for (int j = 0; j < n; j++) {
        c[i][j] = 0;
        for (int k = 0; k < n; k++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
  }
}
