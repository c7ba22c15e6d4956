/** A rung in Java: rungs/2_java.java declares {@code final class Rung_2_java implements Rung}. */
interface Rung {
  /**
   * Overwrites the rows of C = A·B that {@code rows} names; row-major f64. Of A and C only those rows exist, the others
   * are null.
   */
  void multiply(double[][] a, double[][] b, double[][] c, int[] rows);

  /** A product of more FLOP (2n³) than this may be timed on a sample of its rows; 0: never. */
  default double sampledAboveFlop() {
    return 0;
  }
}
