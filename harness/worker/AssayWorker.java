import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Offer your own Java work to Assay, so that its variants can be measured side by side, a few milliseconds each.
 *
 * <p>This file is all there is: the standard library, Java 11 or later. Copy it beside your source and commit it.
 *
 * <pre>{@code
 * public final class Scale extends AssayWorker.Workload {
 *   private double[] x, y;
 *   @Override public AssayWorker.Prepared prepare(Map<String, Object> treatment, long seed) {
 *     x = new java.util.Random(seed).doubles(AssayWorker.integer(treatment, "n")).toArray();
 *     y = new double[x.length];
 *     return AssayWorker.work("flop", x.length);
 *   }
 *   @Override public void step() { for (int i = 0; i < x.length; i++) y[i] = 2 * x[i]; }  // timed
 *   @Override public void poison() { java.util.Arrays.fill(y, Double.NaN); }
 *   @Override public AssayWorker.Checked check() {
 *     double worst = 0;
 *     for (int i = 0; i < x.length; i++) worst = Math.max(worst, Math.abs(y[i] - (x[i] + x[i])));  // keeps NaN
 *     return new AssayWorker.Checked(worst, 0, "doubling is exact");
 *   }
 *   public static void main(String[] args) { AssayWorker.serve(new Scale()); }
 * }
 * }</pre>
 *
 * <p>A JVM interprets first and compiles what proves hot, so the library asks for 3 s of untimed iterations in every
 * fresh process ({@code warmupSeconds}). System.out is moved to System.err, and so into the worker's log; native code
 * that writes to file descriptor 1 by itself would still spoil the dialogue. Exceptions become outcomes: Unsupported
 * `unsupported`, OutOfMemoryError `out_of_memory`, any other `crashed` with its text. A Java worker has no counters.
 */
public final class AssayWorker {
  private static final int PROTOCOL = 1;
  private static final int LONGEST_REQUEST = 1 << 20; // bytes
  private static final int MOST_SAMPLES = 1_000_000; // of one block: more wouldn't fit into the longest reply
  private static final int DEEPEST_JSON = 64;

  private AssayWorker() {}

  // ── What a worker is made of ────────────────────────────────────────────────────────────────────────────────────

  /** Extend it; only prepare and step (or steps) are required. */
  public abstract static class Workload {
    /** The worker's name in messages. */
    public String name() {
      return getClass().getSimpleName();
    }

    /** What is reported; the first of scope block with a clock is the time of an iteration. */
    public List<Metric> metrics() {
      return List.of(time("time_s"));
    }

    /** Least seconds of untimed iterations in a fresh process. */
    public double warmupSeconds() {
      return 3;
    }

    /** Versions that explain the numbers. */
    public Map<String, String> libraries() {
      return Map.of();
    }

    /**
     * Builds inputs from the seed, allocates outputs: everything that must not be timed. Levels are Long, Double,
     * Boolean or String. May return null.
     */
    public abstract Prepared prepare(Map<String, Object> treatment, long seed) throws Exception;

    /** One iteration of the work; timed. */
    public abstract void step() throws Exception;

    /** n iterations; override it where the virtual call would show (work under 100 ns). */
    public void steps(long n) throws Exception {
      for (long i = 0; i < n; i++) {
        step();
      }
    }

    /** Waits until the device has finished; inside the timed block. */
    public void synchronize() throws Exception {}

    /** Overwrites the outputs with what check refuses, e.g. NaN. Before every timed run, after settling. */
    public void poison() throws Exception {}

    /** Further metrics of the block just timed, per iteration. Not timed. */
    public Map<String, Double> blockMetrics() throws Exception {
      return Map.of();
    }

    /** Judges the output of the last timed run. */
    public Checked check() throws Exception {
      throw new Unsupported("this workload has no check of its answer");
    }

    /** Metrics of the whole process, e.g. predictions(predicted, labels). */
    public Evaluated evaluate() throws Exception {
      throw new Unsupported("this workload has nothing to evaluate");
    }
  }

  /** Throw it where a treatment can't be done here: its cells then carry the reason, and the run goes on. */
  public static final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Unsupported(String reason) {
      super(reason);
    }
  }

  /** A metric in SI base units; the fields are those of the protocol, null ones follow from the unit. */
  public static final class Metric {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    private Metric(String name, String unit, String direction, String kind, String clock, String scope) {
      fields.put("name", name);
      fields.put("unit", unit);
      putUnlessNull(fields, "direction", direction);
      putUnlessNull(fields, "kind", kind);
      putUnlessNull(fields, "clock", clock);
      putUnlessNull(fields, "scope", scope);
    }
  }

  public static Metric time(String name) {
    return new Metric(name, "s", "lower", "time", "wall", "block");
  }

  public static Metric proportion(String name) {
    return new Metric(name, "ratio", "higher", "proportion", null, "replicate");
  }

  /** direction is "lower" or "higher" (is better), or null: then it follows from the unit. */
  public static Metric metric(String name, String unit, String direction) {
    return new Metric(name, unit, direction, null, null, null);
  }

  /** The work of one whole iteration, and whether an iteration does all of it. */
  public static final class Prepared {
    private final Map<String, Object> work = new LinkedHashMap<>();
    private Map<String, Object> modelled;
    private final Map<String, Object> inputs = new LinkedHashMap<>();

    public Prepared and(String what, double amount) {
      work.put(what, amount);
      return this;
    }

    /** A file that the answers depend on, with its SHA-256; the run's manifest keeps it. */
    public Prepared input(String name, String sha256) {
      inputs.put(name, sha256);
      return this;
    }

    /** An iteration does only a part; its time times factor models the whole. Note: "8 of 1024 rows". */
    public Prepared modelled(double factor, String note) {
      if (!(factor > 0)) {
        throw new IllegalArgumentException("the factor of a model is above 0, not " + factor);
      }
      modelled = new LinkedHashMap<>();
      modelled.put("factor", factor);
      modelled.put("note", note);
      return this;
    }
  }

  /** work("flop", 2.0 * n).and("bytes", 16.0 * n) */
  public static Prepared work(String what, double amount) {
    return new Prepared().and(what, amount);
  }

  /** Right if maxError is at most tolerance; rule says where the tolerance comes from. */
  public static final class Checked {
    private final double maxError;
    private final double tolerance;
    private final String rule;

    public Checked(double maxError, double tolerance, String rule) {
      this.maxError = maxError;
      this.tolerance = tolerance;
      this.rule = rule;
    }
  }

  /** Metrics of the replicate, and for a classifier its predictions. */
  public static final class Evaluated {
    private final Map<String, Object> metrics = new LinkedHashMap<>();
    private final Map<String, Object> more = new LinkedHashMap<>();

    public Evaluated and(String metric, double value) {
      metrics.put(metric, value);
      return this;
    }
  }

  /**
   * A classifier's answers: accuracy, the number of items, the predicted classes and the labels, so that each item is
   * known to be right or wrong, and the labels' hash, so that only answers to the same questions are paired. Hash and
   * Base64 text are over little-endian int32.
   */
  public static Evaluated predictions(int[] predicted, int[] labels) throws NoSuchAlgorithmException {
    if (predicted.length != labels.length || labels.length == 0) {
      throw new IllegalArgumentException(predicted.length + " predictions for " + labels.length + " labels");
    }
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += predicted[i] == labels[i] ? 1 : 0;
    }
    Evaluated evaluated = new Evaluated().and("accuracy", (double) right / labels.length);
    StringBuilder hash = new StringBuilder();
    for (byte b : MessageDigest.getInstance("SHA-256").digest(littleEndian(labels))) {
      hash.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    evaluated.more.put("items", (long) labels.length);
    evaluated.more.put("labels_sha256", hash.toString());
    evaluated.more.put("predictions", Base64.getEncoder().encodeToString(littleEndian(predicted)));
    evaluated.more.put("labels", Base64.getEncoder().encodeToString(littleEndian(labels)));
    return evaluated;
  }

  private static byte[] littleEndian(int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }

  /** The integer level of a factor or control; Unsupported, naming it, where it is absent or something else. */
  public static int integer(Map<String, Object> treatment, String factor) {
    long value = level(treatment, factor, Long.class, "an integer");
    if (value != (int) value) {
      throw new Unsupported(factor + " is " + value + ", beyond an int");
    }
    return (int) value;
  }

  /** A number; an integer level counts as one. */
  public static double number(Map<String, Object> treatment, String factor) {
    return level(treatment, factor, Number.class, "a number").doubleValue();
  }

  public static String text(Map<String, Object> treatment, String factor) {
    return level(treatment, factor, String.class, "a string");
  }

  private static <T> T level(Map<String, Object> treatment, String factor, Class<T> type, String wanted) {
    Object level = treatment.get(factor);
    if (level == null) {
      throw new Unsupported("this worker needs " + factor + " (factor or control), " + wanted);
    }
    if (!type.isInstance(level)) {
      throw new Unsupported(factor + " is " + Json.write(level) + ", but this worker takes " + wanted + " there");
    }
    return type.cast(level);
  }

  // ── The dialogue ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Answers requests on standard input until `quit` or its end; then returns. */
  public static void serve(Workload workload) {
    InputStream requests = new FileInputStream(FileDescriptor.in);
    OutputStream replies = new FileOutputStream(FileDescriptor.out);
    System.setOut(System.err);
    System.setIn(InputStream.nullInputStream());
    if (System.console() != null) {
      System.err.println("This is an Assay worker: it answers JSON lines, e.g. {\"op\":\"describe\"}, until Ctrl-D.\n"
          + "To see the whole dialogue: assay try EXPERIMENT -v");
    }
    Session session = new Session(workload);
    LineReader lines = new LineReader(requests);
    try {
      for (String line = lines.next(); line != null; line = lines.next()) {
        String reply = session.answer(line);
        if (reply == null) {
          return;
        }
        replies.write((reply + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException nobodyReads) {
      System.err.println("AssayWorker: " + nobodyReads.getMessage());
    }
  }

  /** A request, or a workload's answer, that can't be used. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    final String outcome;

    Refusal(String reason) {
      this("invalid_output", reason);
    }

    Refusal(String outcome, String reason) {
      super(reason);
      this.outcome = outcome;
    }
  }

  private static final class LineReader {
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int begin;
    private int end;

    LineReader(InputStream in) {
      this.in = in;
    }

    /** Without its newline; null at the end of input; cut one byte past the limit where it is longer than that. */
    String next() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      while (true) {
        if (begin == end) {
          begin = 0;
          end = in.read(buffer);
          if (end <= 0) {
            end = 0;
            return null;
          }
        }
        byte b = buffer[begin++];
        if (b == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        if (line.size() <= LONGEST_REQUEST) {
          line.write(b);
        }
      }
    }
  }

  private static final class Session {
    private final Workload workload;
    private boolean askedToPrepare;
    private boolean prepared;
    private boolean ran; // there is an output for check to judge

    Session(Workload workload) {
      this.workload = workload;
    }

    /** The reply to one request; null for quit. Whatever the workload throws becomes a reply. */
    String answer(String line) {
      try {
        if (line.length() > LONGEST_REQUEST) {
          throw new Refusal("a request has at most " + LONGEST_REQUEST + " bytes");
        }
        Object parsed = Json.read(line);
        if (!(parsed instanceof Map) || !(((Map<?, ?>) parsed).get("op") instanceof String)) {
          throw new Refusal("a request is a JSON object with a text field op, e.g. {\"op\":\"describe\"}");
        }
        Map<String, Object> request = object(parsed);
        String op = (String) request.get("op");
        if (op.equals("quit")) {
          return null;
        }
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("ok", true);
        reply.putAll(dispatch(op, request));
        return Json.write(reply);
      } catch (Unsupported refusal) {
        return failure("unsupported", refusal.getMessage());
      } catch (Refusal refusal) {
        return failure(refusal.outcome, refusal.getMessage());
      } catch (OutOfMemoryError error) {
        return failure("out_of_memory", "an allocation failed: " + error.getMessage());
      } catch (Exception | Error error) {
        error.printStackTrace();
        return failure("crashed", error.toString());
      }
    }

    private static String failure(String outcome, String reason) {
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("ok", false);
      reply.put("outcome", outcome);
      reply.put("reason", reason == null ? "the worker gave no reason" : reason);
      return Json.write(reply);
    }

    private Map<String, Object> dispatch(String op, Map<String, Object> request) throws Exception {
      switch (op) {
        case "describe":
          return describe();
        case "prepare":
          return prepare(request);
        case "run":
          return run(request);
        case "check":
          return check();
        case "evaluate":
          return evaluate();
        default:
          throw new Refusal("unknown op '" + op + "'; known are describe, prepare, run, check, evaluate, quit");
      }
    }

    private Map<String, Object> describe() {
      List<Object> metrics = new ArrayList<>();
      workload.metrics().forEach(metric -> metrics.add(metric.fields));
      Map<String, Object> libraries = new LinkedHashMap<>();
      libraries.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
      libraries.putAll(workload.libraries());
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("protocol", (long) PROTOCOL);
      reply.put("worker", workload.name());
      reply.put("device", "cpu");
      reply.put("libraries", libraries);
      reply.put("metrics", metrics);
      reply.put("warmup_s", workload.warmupSeconds());
      return reply;
    }

    private Map<String, Object> prepare(Map<String, Object> request) throws Exception {
      if (askedToPrepare) {
        throw new Refusal("prepare was asked before: one process does one treatment");
      }
      if (!(request.get("treatment") instanceof Map)) {
        throw new Refusal("the request lacks treatment, an object of factors and levels");
      }
      long seed = integerAt(request, "seed", 0, 0L);
      askedToPrepare = true;
      Prepared made = workload.prepare(object(request.get("treatment")), seed);
      prepared = true;
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("work", made == null ? Map.of() : finite(made.work, "prepare() returned work"));
      if (made != null && made.modelled != null) {
        reply.put("modelled", made.modelled);
      }
      if (made != null && !made.inputs.isEmpty()) {
        reply.put("inputs", made.inputs);
      }
      return reply;
    }

    private Map<String, Object> run(Map<String, Object> request) throws Exception {
      requirePrepared("run");
      long iterations = integerAt(request, "iterations", 1, null);
      long settleNs = integerAt(request, "settle_ns", 0, 0L);
      boolean each = Boolean.TRUE.equals(request.get("samples"));
      if (each && iterations > MOST_SAMPLES) {
        throw new Refusal(iterations + " samples don't fit into one reply; ask for at most " + MOST_SAMPLES);
      }
      ran = false;
      long settled = settle(settleNs);
      long[] samples = new long[each ? (int) iterations : 0];
      workload.poison(); // after settling, which would have overwritten it
      long elapsed = each ? timeEach(samples) : timeAll(iterations);
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("elapsed", elapsed);
      reply.put("unit", "ns");
      reply.put("clock", "wall");
      reply.put("settled", settled);
      if (each) {
        reply.put("samples", samples);
      }
      Map<String, Object> further = finite(workload.blockMetrics(), "blockMetrics() returned");
      if (!further.isEmpty()) {
        reply.put("metrics", further);
      }
      ran = true;
      return reply;
    }

    private long settle(long settleNs) throws Exception {
      if (settleNs == 0) {
        return 0;
      }
      long began = System.nanoTime(); // CLOCK_MONOTONIC on Linux
      while (true) {
        workload.steps(1);
        workload.synchronize();
        long settled = System.nanoTime() - began;
        if (settled >= settleNs) {
          return settled;
        }
      }
    }

    private long timeAll(long iterations) throws Exception {
      long began = System.nanoTime();
      workload.steps(iterations);
      workload.synchronize();
      return System.nanoTime() - began;
    }

    private long timeEach(long[] samples) throws Exception {
      long began = System.nanoTime();
      long before = began;
      for (int i = 0; i < samples.length; i++) {
        workload.steps(1);
        workload.synchronize();
        long after = System.nanoTime();
        samples[i] = after - before;
        before = after;
      }
      return before - began;
    }

    private Map<String, Object> check() throws Exception {
      requirePrepared("check");
      if (!ran) {
        throw new Refusal("check judges the output of the last timed run, and there is none");
      }
      Checked checked = workload.check();
      // JSON has neither NaN nor infinity; as an error of the answer both mean the same thing.
      if (!Double.isFinite(checked.maxError)) {
        throw new Refusal("wrong_answer", "max_error is " + checked.maxError
            + ": the output holds what the run never wrote, or NaN (" + checked.rule + ")");
      }
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("max_error", checked.maxError);
      reply.put("tolerance", checked.tolerance);
      finite(reply, "check() returned");
      reply.put("rule", checked.rule);
      return reply;
    }

    private Map<String, Object> evaluate() throws Exception {
      requirePrepared("evaluate");
      Evaluated evaluated = workload.evaluate();
      Map<String, Object> reply = new LinkedHashMap<>(evaluated.more);
      reply.put("metrics", finite(evaluated.metrics, "evaluate() returned"));
      return reply;
    }

    private void requirePrepared(String op) {
      if (!prepared) {
        throw new Refusal(op + " needs a prepare that succeeded before it");
      }
    }

    private static long integerAt(Map<String, Object> request, String key, long least, Long otherwise) {
      Object value = request.getOrDefault(key, otherwise);
      if (!(value instanceof Long) || (Long) value < least) {
        throw new Refusal(key + " is " + Json.write(value) + "; give an integer from " + least);
      }
      return (Long) value;
    }

    private static Map<String, Object> finite(Map<String, ?> numbers, String what) {
      Map<String, Object> checked = new LinkedHashMap<>();
      numbers.forEach((name, value) -> {
        if (!Double.isFinite(((Number) value).doubleValue())) {
          throw new Refusal(what + " " + name + " = " + value + ", which is no finite number");
        }
        checked.put(name, value);
      });
      return checked;
    }

    @SuppressWarnings("unchecked") // Json.read makes objects as Map<String, Object> only
    private static Map<String, Object> object(Object parsed) {
      return (Map<String, Object>) parsed;
    }
  }

  private static void putUnlessNull(Map<String, Object> fields, String key, String value) {
    if (value != null) {
      fields.put(key, value);
    }
  }

  // ── JSON: objects are Map, lists List, numbers Long or Double, as RFC 8259 has them ─────────────────────────────

  private static final class Json {
    private final String text;
    private int at;

    private Json(String text) {
      this.text = text;
    }

    /** Refuses what is not JSON with the place where it stops making sense. */
    static Object read(String text) {
      Json json = new Json(text);
      Object value = json.value(0);
      json.skipSpace();
      if (json.at < text.length()) {
        throw json.wrong();
      }
      return value;
    }

    private Refusal wrong() {
      return new Refusal("the request is not JSON at character " + (at + 1));
    }

    private void skipSpace() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private boolean take(char c) {
      skipSpace();
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void demand(char c) {
      if (!take(c)) {
        throw wrong();
      }
    }

    private Object word(String word, Object value) {
      if (!text.startsWith(word, at)) {
        throw wrong();
      }
      at += word.length();
      return value;
    }

    private Object value(int depth) {
      skipSpace();
      if (at == text.length() || depth > DEEPEST_JSON) {
        throw wrong();
      }
      switch (text.charAt(at)) {
        case '{':
          return object(depth);
        case '[':
          return list(depth);
        case '"':
          return string();
        case 't':
          return word("true", true);
        case 'f':
          return word("false", false);
        case 'n':
          return word("null", null);
        default:
          return number();
      }
    }

    private Map<String, Object> object(int depth) {
      Map<String, Object> object = new LinkedHashMap<>();
      demand('{');
      if (take('}')) {
        return object;
      }
      do {
        skipSpace();
        String key = string();
        demand(':');
        object.put(key, value(depth + 1));
      } while (take(','));
      demand('}');
      return object;
    }

    private List<Object> list(int depth) {
      List<Object> list = new ArrayList<>();
      demand('[');
      if (take(']')) {
        return list;
      }
      do {
        list.add(value(depth + 1));
      } while (take(','));
      demand(']');
      return list;
    }

    private String string() {
      if (at == text.length() || text.charAt(at) != '"') {
        throw wrong();
      }
      StringBuilder string = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return string.toString();
        }
        if (c < ' ') {
          throw wrong();
        }
        string.append(c == '\\' ? escape() : c);
      }
      throw wrong();
    }

    /** `at` stands on the backslash, and afterwards on the escape's last character. */
    private char escape() {
      at++;
      if (at < text.length() && text.charAt(at) == 'u') {
        if (!text.substring(at + 1, Math.min(at + 5, text.length())).matches("[0-9a-fA-F]{4}")) {
          throw wrong();
        }
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
      }
      int which = at < text.length() ? "\"\\/bfnrt".indexOf(text.charAt(at)) : -1;
      if (which < 0) {
        throw wrong();
      }
      return "\"\\/\b\f\n\r\t".charAt(which);
    }

    private Object number() {
      int begin = at;
      while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      String number = text.substring(begin, at);
      if (number.matches("-?(0|[1-9]\\d{0,17})")) {
        return Long.parseLong(number);
      }
      if (!number.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
        at = begin;
        throw wrong();
      }
      return Double.parseDouble(number);
    }

    static String write(Object value) {
      StringBuilder out = new StringBuilder();
      write(value, out);
      return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
      if (value instanceof Map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
          out.append(separator);
          writeString((String) entry.getKey(), out);
          write(entry.getValue(), out.append(':'));
          separator = ",";
        }
        out.append(separator.equals("{") ? "{}" : "}");
      } else if (value instanceof List) {
        String separator = "[";
        for (Object element : (List<?>) value) {
          write(element, out.append(separator));
          separator = ",";
        }
        out.append(separator.equals("[") ? "[]" : "]");
      } else if (value instanceof long[]) {
        String separator = "[";
        for (long element : (long[]) value) {
          out.append(separator).append(element);
          separator = ",";
        }
        out.append("]");
      } else if (value instanceof String) {
        writeString((String) value, out);
      } else {
        out.append(value); // Long, Double, Boolean and null print as JSON has them; Double was checked to be finite
      }
    }

    private static void writeString(String string, StringBuilder out) {
      out.append('"');
      for (char c : string.toCharArray()) {
        if (c == '"' || c == '\\') {
          out.append('\\').append(c);
        } else if (c < ' ' || c > '~') {
          out.append(String.format("\\u%04x", (int) c));
        } else {
          out.append(c);
        }
      }
      out.append('"');
    }
  }
}
