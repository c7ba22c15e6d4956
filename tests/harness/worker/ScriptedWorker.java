import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The worker of protocol_test.cpp in Java: see scripted_worker.cpp, which does the same. */
public final class ScriptedWorker extends AssayWorker.Workload {
  private String mode;
  private double[] x;
  private double[] y;
  private double allSteps;
  private double sincePoison;
  private double synchronizations;

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public List<AssayWorker.Metric> metrics() {
    return List.of(AssayWorker.time("time_s"), AssayWorker.proportion("accuracy"));
  }

  @Override
  public AssayWorker.Prepared prepare(Map<String, Object> treatment, long seed) {
    mode = AssayWorker.text(treatment, "mode");
    if (mode.equals("refuses")) {
      throw new AssayWorker.Unsupported("needs a quantum computer");
    }
    System.out.println("noise while preparing");
    x = new double[AssayWorker.integer(treatment, "n")];
    Arrays.setAll(x, i -> seed + i);
    y = x.clone();
    AssayWorker.Prepared prepared = AssayWorker.work("flop", x.length);
    return mode.equals("part") ? prepared.modelled(4, "1 of 4 rows").input("data.bin", "12ab") : prepared;
  }

  @Override
  public void poison() {
    Arrays.fill(y, Double.NaN);
    sincePoison = 0;
  }

  @Override
  public void step() {
    allSteps++;
    sincePoison++;
    if (mode.equals("throws")) {
      throw new IllegalStateException("boom");
    }
    if (mode.equals("memory")) {
      throw new OutOfMemoryError();
    }
    if (mode.equals("prints")) {
      System.out.println("noise while stepping");
    }
    if (mode.equals("lazy")) {
      return;
    }
    for (int i = 0; i < x.length; i++) {
      y[i] = 2 * x[i];
    }
  }

  @Override
  public void synchronize() {
    synchronizations++;
  }

  @Override
  public Map<String, Double> blockMetrics() {
    return Map.of("steps", allSteps, "steps_since_poison", sincePoison, "synchronizations", synchronizations);
  }

  @Override
  public AssayWorker.Checked check() {
    double worst = 0;
    for (int i = 0; i < x.length; i++) {
      worst = Math.max(worst, Math.abs(y[i] - (x[i] + x[i]))); // Math.max keeps NaN
    }
    return new AssayWorker.Checked(worst, 0, "doubling is exact");
  }

  @Override
  public AssayWorker.Evaluated evaluate() throws Exception {
    if (mode.equals("part")) {
      return super.evaluate();
    }
    return AssayWorker.predictions(new int[] {0, 1, 300}, new int[] {0, 1, 2});
  }

  public static void main(String[] arguments) {
    AssayWorker.serve(new ScriptedWorker());
  }
}
