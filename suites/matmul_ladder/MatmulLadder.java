import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/**
 * The worker of the rungs in Java: level {@code 2_java} of {@code version} is the class {@code Rung_2_java}, found by
 * that name. Inputs, row sampling and tolerance are described in README.md; the check shares no code with the rungs.
 */
public final class MatmulLadder extends AssayWorker.Workload {
  private static final int LARGEST_N = 32_768;
  private static final int FEWEST_ROWS = 5;
  private static final int SMALL_N = 256;
  private static final int ROWS_RECOMPUTED = 16;
  private static final int COLUMNS_RECOMPUTED = 64;
  private static final int PROJECTIONS = 2;
  private static final double UNIT_ROUNDOFF = 0x1p-53;
  private static final String RULE = "|err| <= 2·n·eps·Σ|a||b|, eps = 2^-53 (Higham 2002, §3.1); "
      + "max_error is the largest |err|/Σ|a||b|";

  private Rung rung;
  private int n;
  private long seed;
  private int[] rows;
  private double[][] a;
  private double[][] b;
  private double[][] c;

  public static void main(String[] args) {
    AssayWorker.serve(new MatmulLadder());
  }

  @Override
  public String name() {
    return "matmul_ladder_java";
  }

  @Override
  public Map<String, String> libraries() {
    return Map.of("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
  }

  @Override
  public AssayWorker.Prepared prepare(Map<String, Object> treatment, long roundSeed) {
    rung = rungNamed(AssayWorker.text(treatment, "version"));
    if (treatment.containsKey("precision") && !AssayWorker.text(treatment, "precision").equals("f64")) {
      throw new AssayWorker.Unsupported(
          AssayWorker.text(treatment, "version") + " multiplies in f64 only; give precision = \"f64\"");
    }
    n = within(AssayWorker.integer(treatment, "n"), "n", 1);
    int sampleRows = treatment.containsKey("sample_rows")
        ? within(AssayWorker.integer(treatment, "sample_rows"), "sample_rows", 0) : 0;
    seed = roundSeed;
    rows = rowsToCompute(n, sampleRows, rung.sampledAboveFlop());
    a = new double[n][];
    b = new double[n][];
    c = new double[n][];
    for (int i : rows) {
      a[i] = inputs(seed, (long) i * n, n);
      c[i] = new double[n];
    }
    for (int k = 0; k < n; k++) {
      b[k] = inputs(seed, (long) n * n + (long) k * n, n);
    }
    poison();
    AssayWorker.Prepared prepared = AssayWorker.work("flop", 2.0 * n * n * n).and("bytes", 24.0 * n * n);
    return rows.length == n ? prepared
        : prepared.modelled((double) n / rows.length, rows.length + " of " + n + " rows");
  }

  @Override
  public void poison() {
    for (int i : rows) {
      Arrays.fill(c[i], Double.NaN);
    }
  }

  @Override
  public void step() {
    rung.multiply(a, b, c, rows);
  }

  @Override
  public AssayWorker.Checked check() {
    return new AssayWorker.Checked(largestRelativeError(), 2 * n * UNIT_ROUNDOFF, RULE);
  }

  private static Rung rungNamed(String version) {
    try {
      return Class.forName("Rung_" + version).asSubclass(Rung.class).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      throw new AssayWorker.Unsupported(
          "this build has no rung '" + version + "' in Java: no class Rung_" + version + " (" + e + ")");
    }
  }

  private static int within(int value, String factor, int least) {
    if (value < least || value > LARGEST_N) {
      throw new AssayWorker.Unsupported(factor + " is " + value + "; give " + least + " to " + LARGEST_N);
    }
    return value;
  }

  /** Elements {@code first} … {@code first + count − 1} of the stream that inputs.hpp defines. */
  static double[] inputs(long seed, long first, int count) {
    double[] values = new double[count];
    for (int t = 0; t < count; t++) {
      long z = seed + (first + t + 1) * 0x9e3779b97f4a7c15L;
      z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      values[t] = ((z ^ (z >>> 31)) >>> 11) * 0x1p-52 - 1;
    }
    return values;
  }

  /** All rows, or a spread sample of them: the rule of sampling.hpp, for rungs that compute one row at a time. */
  static int[] rowsToCompute(int n, int sampleRows, double sampledAboveFlop) {
    int count = n;
    if (sampleRows > 0 && sampledAboveFlop > 0 && 2.0 * n * n * n > sampledAboveFlop) {
      count = Math.min(n, Math.max(FEWEST_ROWS, sampleRows));
    }
    return spread(n, count);
  }

  /** The middles of {@code count} equal parts of 0 … n−1; all of them if there are no more. */
  private static int[] spread(int n, int count) {
    int[] places = new int[Math.min(n, count)];
    for (int t = 0; t < places.length; t++) {
      places[t] = (int) ((2L * t + 1) * n / (2L * places.length));
    }
    return places;
  }

  /**
   * The largest |err| / Σ|a||b| in the rows computed; infinite where C isn't finite. Elements recomputed with twice the
   * precision: all if n ≤ 256, else up to 16 × 64 of them, and then every row by projection (Freivalds 1977) besides:
   * C·r against A·(B·r), r random in [−1, 1).
   */
  private double largestRelativeError() {
    for (int i : rows) {
      for (double x : c[i]) {
        if (!Double.isFinite(x)) {
          return Double.POSITIVE_INFINITY;
        }
      }
    }
    double worst = 0;
    boolean all = n <= SMALL_N;
    double[] column = new double[n];
    for (int j : spread(n, all ? n : COLUMNS_RECOMPUTED)) {
      for (int k = 0; k < n; k++) {
        column[k] = b[k][j];
      }
      for (int place : spread(rows.length, all ? rows.length : ROWS_RECOMPUTED)) {
        int i = rows[place];
        worst = Math.max(worst, relative(c[i][j] - dot(a[i], column), sumOfMagnitudes(a[i], column)));
      }
    }
    Random random = new Random(seed);
    for (int p = 0; !all && p < PROJECTIONS; p++) {
      worst = Math.max(worst, largestProjected(random));
    }
    return worst;
  }

  private double largestProjected(Random random) {
    double[] r = random.doubles(n, -1, 1).toArray();
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    double[] bTimesR = new double[n];
    double[] bSum = new double[n];
    for (int k = 0; k < n; k++) {
      bTimesR[k] = dot(b[k], r);
      bSum[k] = sumOfMagnitudes(b[k], ones);
    }
    double worst = 0;
    for (int i : rows) {
      worst = Math.max(worst, relative(dot(c[i], r) - dot(a[i], bTimesR), sumOfMagnitudes(a[i], bSum)));
    }
    return worst;
  }

  /** |error| / bound; 0 / 0, of a row of zeros, is no error. */
  private static double relative(double error, double bound) {
    return error == 0 ? 0 : Math.abs(error) / bound;
  }

  /** x·y as if in twice the precision of double, then rounded (Dot2: Ogita, Rump & Oishi, SIAM J. Sci. Comput. 2005). */
  private static double dot(double[] x, double[] y) {
    double sum = 0;
    double lost = 0;
    for (int k = 0; k < x.length; k++) {
      double product = x[k] * y[k];
      double next = sum + product;
      double part = next - sum;
      lost += (sum - (next - part)) + (product - part) + Math.fma(x[k], y[k], -product);
      sum = next;
    }
    return sum + lost;
  }

  private static double sumOfMagnitudes(double[] x, double[] y) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += Math.abs(x[k] * y[k]);
    }
    return sum;
  }
}
