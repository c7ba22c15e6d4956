// Rungs that are wrong in one way each, for the oracle of the Java worker to find, and a right one beside them.

class Rung_0_right implements Rung {
  @Override
  public void multiply(double[][] a, double[][] b, double[][] c, int[] rows) {
    for (int i : rows) {
      for (int j = 0; j < b.length; j++) {
        double sum = 0;
        for (int k = 0; k < b.length; k++) {
          sum += a[i][k] * b[k][j];
        }
        c[i][j] = sum;
      }
    }
  }
}

final class Rung_0_element extends Rung_0_right {
  @Override
  public void multiply(double[][] a, double[][] b, double[][] c, int[] rows) {
    super.multiply(a, b, c, rows);
    c[rows[1]][2] += 1e-6;
  }
}

final class Rung_0_unwritten extends Rung_0_right {
  @Override
  public void multiply(double[][] a, double[][] b, double[][] c, int[] rows) {
    super.multiply(a, b, c, java.util.Arrays.copyOf(rows, rows.length - 1));
  }
}

final class Rung_0_transposed implements Rung {
  @Override
  public void multiply(double[][] a, double[][] b, double[][] c, int[] rows) {
    for (int i : rows) {
      for (int j = 0; j < b.length; j++) {
        double sum = 0;
        for (int k = 0; k < b.length; k++) {
          sum += a[i][k] * b[j][k];
        }
        c[i][j] = sum;
      }
    }
  }
}
