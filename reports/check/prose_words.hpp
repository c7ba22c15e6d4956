// The words by which a reader tells a result from any other number: data for prose.cpp. To teach the check a
// word, add it to a row; to teach it a sentence, add it to a report in tests/reports/prose, mark what is a
// result, and look at the figures. Words are in lower case, as they stand in text; a word may be in several
// rows.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay::reports::check {

/// What a word says about numbers near it. Bits, since a word may say several things.
enum Role : std::uint32_t {
  kMetric = 1U << 0U,  // names something that is measured
  kScore = 1U << 1U,   // … whose values have no unit
  kFound = 1U << 2U,   // says that something was found or changed
  kObserved = 1U << 3U,  // … and so strongly that it ends an expectation: "we hoped for 3×, but measured 2×"
  kIs = 1U << 4U,        // says that something is so
  kExpected = 1U << 5U,      // begins an expectation, a wish, a condition: what follows is no result
  kIntended = 1U << 6U,      // … or ends one: "the 3 points that we promised"
  kSetting = 1U << 7U,       // names something that was chosen: "batch size of 64", "a 10 ms window"
  kLabel = 1U << 8U,         // is followed by a number that is part of a name: Table 3, Python 3.11, RTX 4090
  kHardware = 1U << 9U,      // makes an amount of memory a property of a machine: "16 GB of RAM"
  kHolds = 1U << 10U,        // makes it a result again: "needs 1.2 GB of RAM"
  kComparative = 1U << 11U,  // "2× faster"
  kTurn = 1U << 12U,         // begins a clause that may say the opposite
  kAside = 1U << 13U,        // begins a part of a clause
  kOurs = 1U << 14U,         // who speaks is the author
  kTheirs = 1U << 15U,       // what is told is others'
  kOccasion = 1U << 16U,     // "at 100 req/s", "for 5 minutes": the number says when, not what
  kSpan = 1U << 17U,         // … always so for times: "for 5 minutes", "every 10 s"
  kFiller = 1U << 18U,       // may stand between such a word and its number
  kLink = 1U << 19U,         // joins two numbers that share a unit: "12.3 to 4.1 ms"
  kAbbreviation = 1U << 20U,  // its full stop ends no sentence
  kMultiple = 1U << 21U,      // "twice", "fold"
  kMultiplies = 1U << 22U,    // "halved"
  kFraction = 1U << 23U,      // "a third of the time"
  kCount = 1U << 24U,         // "three times"
  kMagnitude = 1U << 25U,     // "4.9 million"
  kMoney = 1U << 26U,
  kMonth = 1U << 27U,
};

struct RoleWords {
  std::uint32_t roles;
  std::string_view words;  // separated by spaces
};

inline constexpr RoleWords kRoleWords[] = {
    {kMetric,
     "latency latencies throughput time times runtime run-time duration speed speeds bandwidth energy power "
     "consumption memory footprint ram flash "
     "storage disk space size utilisation utilization occupancy overhead overheads cost costs hits hit-rate "
     "misses miss-rate loss losses error errors "
     "accuracy accuracies quality faster slower median mean average p50 p90 p95 p99 p99.9 percentile tail "
     "gain gains speed-up speedup speed-ups speedups "
     "slow-down slowdown improvement improvements reduction reductions increase drop decrease difference "
     "differences change degradation rate rates "
     "usage load inference inferences epoch round training top-1 top-5 peak baseline noise spread deviation "
     "response responses answer answers "
     "requests flops traffic compression ratio gap points share savings binary compile start-up wait "
     "waiting jitter "
     "tps qps fps rps iops goodput draw watts joules hungrier queue"},
    {kMetric | kScore,
     "accuracy precision recall f1 f1-score auc auroc roc-auc map miou iou dice bleu rouge rouge-l meteor "
     "cer wer perplexity ppl loss mse rmse mae mape "
     "r2 r² ndcg mrr hr correlation pearson spearman kappa score scores factor speedup speed-up speedups "
     "speed-ups sensitivity specificity psnr ssim fid "
     "exact-match em hit pass difference differences deviation sd std mean average ratio gain drop increase "
     "top-1 top-5 hit-rate similarity coefficient mcc"},
    {kFound,
     "fell falls fall dropped drops drop rose rises rise reached reaches reach achieved achieves achieve "
     "improved improves improve improving reduced "
     "reduces reduce reducing increased increases increase decreased decreases decrease measured observed "
     "observe found obtained obtain got get gets "
     "getting took takes taking take needs need needed saw see shows show showed yields yielded gave gives "
     "give gained gains gain lost loses lose losing "
     "saves saved save saving outperforms outperformed beats beat grew grows went goes became become becomes "
     "hit hits scored scores stayed stays stay "
     "remains remained converged converges peaked peaks averaged averages average used uses consumed "
     "consumes consume cut cuts brings brought bring "
     "delivers delivered deliver spent spends costs cost ran shrinks shrank shrunk adds added add ends ended "
     "lands landed answers responds saturates "
     "moved moves closes narrowed widened jumps jumped collapses collapsed tops buys bought wins won pays "
     "paid pay draws drew executes executed counted "
     "raises raised lowers lowered differed differs differ cutting processes processed exceeded exceeds "
     "exceed attains attained recognises recognizes "
     "wastes wasted misses missed turned makes made promotes degrades degraded degrade slows slowed "
     "accelerates accelerated vs took spends read reads "
     "have scale scales scaled sustained sustains sits results resulted resulting leads led flips flipped "
     "behind refuted supported "
     "confirmed removes removed reproduced serves served produced produces explains surprisingly reclaims "
     "reclaimed recorded doubles"},
    {kObserved,
     "measured observed found got saw obtained supported refuted confirmed rejected actually fact ended fell "
     "rose dropped went ran gave "
     "turned reality recorded"},
    {kIs, "is was are were has had have be been being remains with at = →"},
    {kExpected,
     "expect expects expected expecting expectation expectations hypothesis hypotheses hypothesise "
     "hypothesize hypothesised hypothesized hope hoped hopes "
     "aim aims aimed goal goals target targets targeted targeting should would will shall could may might "
     "must predict predicts predicted prediction "
     "anticipate anticipated plan plans planned planning assume assumed assumes assuming suppose if unless "
     "guess estimate estimated estimates suspect "
     "think believe promise promises promised want wanted wants require requires required requirement "
     "requirements wish ideally ought claim claimed "
     "slo sla objective objectives success acceptable budgeted likelihood probability risk asks asked bet "
     "desired intended can cannot "
     "whether perhaps maybe probably likely until tolerates tolerance usually typically generally suppose "
     "we'll we'd i'll it'll"},
    {kIntended,
     "planned promised hoped expected targeted hypothesis hypothesised hypothesized proposal goal target bet "
     "budget required predicted wanted anticipated aimed "
     "desired intended assumed allowed"},
    {kSetting,
     "batch batches batch-size size sizes learning lr momentum decay dropout drop-out temperature alpha "
     "beta gamma lambda epsilon sigma seed seeds "
     " rank window windows time-out timeout timeouts stride overlap length lengths threshold thresholds "
     "margin margins confidence ci cis significance "
     "level levels frequency clock clocks interval intervals warm-up warmup split splits fraction quota "
     "width depth sparsity chunk chunks heads step steps "
     "hidden channels dimension dimensions dim embedding resolution volume prefetch workers worker threads "
     "thread cores core cpus vcpus gpus nodes "
     "clients users seeds default tdp cap capped limit limits limited capacity ttl delay sleep budget delay "
     "video talk slides deadline "
     "arrival arrivals sends sampled discard discarded duty padded lasts lasting holds range α β γ λ σ ε η "
     "zipf dirichlet quantile trees layers prior "
     "locked fixed nominal theoretical rated advertised promises data-sheet ridge unit resolution "
     "hyper-threads cell battery every each "
     "tolerance holiday pm crop context contexts prompt prompts generated"},
    {kLabel,
     "table tables figure figures fig figs section sections sec chapter equation eq eqs appendix algorithm "
     "listing step steps phase part week weeks milestone "
     "page pages pp line lines slide issue question hypothesis experiment experiments run round seed "
     "version versions team group student item reference "
     "rung rungs task stage day layer no nr number model python pytorch torch tensorflow cuda cudnn ubuntu "
     "debian gcc clang llvm onnx numpy scikit-learn sklearn java jdk openjdk node "
     "rust go fedora windows macos android ios kernel linux driver triton flower keras jax mxnet tvm "
     "tensorrt openvino openblas mkl onednn blas redis "
     "kubernetes docker spark ray dask faiss rocksdb xgboost lightgbm catboost catalyst torchvision "
     "transformers vllm llama.cpp cmsis-nn tvm rtx gtx geforce quadro tesla radeon "
     "ryzen epyc xeon core i3 i5 i7 i9 pi raspberry jetson snapdragon cortex pixel iphone galaxy thinkpad "
     "latitude gold silver platinum adreno mali volta ampere hopper "
     "flashattention llama gpt mistral phi gemma qwen t5 arxiv doi isbn csce cs room vol volume issue batch "
     "bit-width rq h q threads phone tag chapter commit pr eq openmp cmake "
     "fall spring summer winter since runtime webdataset usb pcie ddr ipv wifi level iteration"},
    {kHardware,
     "ram vram dram sram hbm ddr4 ddr5 lpddr4 disk ssd nvme hdd flash card gpu gpus laptop machine cache l1 "
     "l2 l3 eeprom sd storage device board vcpu vcpus llc swap budget shard ebs"},
    {kHolds,
     "need needs needed used uses use using takes took take consumes consumed occupies occupied peak peaks "
     "peaked footprint fits shrinks shrank grows grew exceeded dropped fell rose falls reduced reduces"},
    {kComparative,
     "faster slower quicker fast slow slowly smaller larger bigger higher lower more less fewer better worse "
     "longer shorter greater cheaper lighter heavier speed-up speedup "
     "speed-ups speedups speed improvement improvements reduction increase decrease drop gain gains saving "
     "savings throughput slow-down slowdown hungrier "
     "fastest slowest best worst overhead acceleration increase hits ahead behind accurate efficient much "
     "many long large small high expensive hungry good better"},
    {kTurn, "but however while whereas although though yet nevertheless still rather"},
    {kAside, "than compared versus vs against which where because since as so"},
    {kOurs, "we our ours us my i mine"},
    {kTheirs,
     "authors paper papers literature documentation data-sheet sheet published reportedly website documented "
     "vendor manufacturer advertises claims theirs specification says "
     "promises reported leaderboard blog common typical usual"},
    {kOccasion, "at with under in on"},
    {kSpan, "for every after during until each over within past next   last first per "},
    {kFiller,
     "of is was are were to the a an about around only just roughly nearly approximately almost some up by "
     "from at with than and or between as ≈ = : ( ~ + - another exactly even "
     "now then down another still barely mere set"},
    {kLink, "to and or - – — / , vs against versus ± → +"},
    {kAbbreviation,
     "e.g i.e al fig figs sec eq eqs vs cf approx no resp etc dr prof st ca vol pp incl max min ed eds"},
    {kMultiple,
     "twice thrice twofold threefold fourfold fivefold tenfold two-fold three-fold four-fold five-fold "
     "ten-fold hundredfold"},
    {kMultiplies,
     "halved halves halving doubled doubles doubling tripled triples tripling quadrupled quadruples "
     "quadrupling trebled"},
    {kFraction, "half third quarter fifth tenth thirds quarters fifths"},
    {kCount, "two three four five six seven eight nine ten twelve twenty hundred thousand half several"},
    {kMagnitude, "million billion thousand trillion"},
    {kMoney, "usd eur dollars dollar euros euro cents € $ £"},
    {kMonth,
     "january february march april june july august september october november december jan feb mar apr jun "
     "jul aug sep sept oct nov dec"},
};

// Two words that say together what neither says alone; both get the roles.
struct RolePair {
  std::uint32_t roles;
  std::string_view first, second;
};
inline constexpr RolePair kRolePairs[] = {
    {kExpected, "has", "to"},  {kExpected, "have", "to"},         {kExpected, "going", "to"},
    {kExpected, "need", "to"}, {kSetting, "the", "top"},          {kSetting, "the", "first"},
    {kSetting, "the", "last"}, {kMetric | kScore, "speed", "up"}, {kTheirs, "data", "sheet"},
    {kTheirs, "known", "to"},  {kTheirs, "said", "to"},           {kTheirs, "according", "to"},
};

/// What a unit measures, and so how readily a number that has it is a result.
enum class Dimension { none, ratio, times, percent, points, time, rate, energy, memory, count, setting };

struct Unit {
  std::string_view name;
  Dimension dimension;
  double scale;             // to the base unit of the dimension
  bool exact_case = false;  // "W" is a watt, "w" is none
};
inline constexpr Unit kUnits[] = {
    {"×", Dimension::ratio, 1},
    {"x", Dimension::ratio, 1},
    {"times", Dimension::times, 1},
    {"fold", Dimension::times, 1},
    {"%", Dimension::percent, 0.01},
    {"percent", Dimension::percent, 0.01},
    {"pp", Dimension::points, 0.01},
    {"points", Dimension::points, 0.01},
    {"point", Dimension::points, 0.01},
    {"pts", Dimension::points, 0.01},
    {"ns", Dimension::time, 1e-9},
    {"nanoseconds", Dimension::time, 1e-9},
    {"us", Dimension::time, 1e-6},
    {"µs", Dimension::time, 1e-6},
    {"μs", Dimension::time, 1e-6},
    {"microseconds", Dimension::time, 1e-6},
    {"ms", Dimension::time, 1e-3},
    {"msec", Dimension::time, 1e-3},
    {"milliseconds", Dimension::time, 1e-3},
    {"s", Dimension::time, 1, true},
    {"sec", Dimension::time, 1},
    {"secs", Dimension::time, 1},
    {"second", Dimension::time, 1},
    {"seconds", Dimension::time, 1},
    {"min", Dimension::time, 60},
    {"mins", Dimension::time, 60},
    {"minute", Dimension::time, 60},
    {"minutes", Dimension::time, 60},
    {"h", Dimension::time, 3600, true},
    {"hour", Dimension::time, 3600},
    {"hours", Dimension::time, 3600},
    {"hrs", Dimension::time, 3600},
    {"fps", Dimension::rate, 1},
    {"qps", Dimension::rate, 1},
    {"rps", Dimension::rate, 1},
    {"tps", Dimension::rate, 1},
    {"iops", Dimension::rate, 1},
    {"FLOPS", Dimension::rate, 1, true},
    {"MFLOPS", Dimension::rate, 1e6, true},
    {"GFLOPS", Dimension::rate, 1e9, true},
    {"TFLOPS", Dimension::rate, 1e12, true},
    {"FLOPs", Dimension::setting, 1, true},
    {"MFLOPs", Dimension::setting, 1, true},
    {"GFLOPs", Dimension::setting, 1, true},
    {"TFLOPs", Dimension::setting, 1, true},
    {"gbps", Dimension::rate, 1e9},
    {"mbps", Dimension::rate, 1e6},
    {"tops", Dimension::rate, 1e12},
    {"J", Dimension::energy, 1, true},
    {"mJ", Dimension::energy, 1e-3, true},
    {"µJ", Dimension::energy, 1e-6, true},
    {"uJ", Dimension::energy, 1e-6, true},
    {"kJ", Dimension::energy, 1e3, true},
    {"joule", Dimension::energy, 1},
    {"joules", Dimension::energy, 1},
    {"Wh", Dimension::energy, 3600, true},
    {"mWh", Dimension::energy, 3.6, true},
    {"kWh", Dimension::energy, 3.6e6, true},
    {"W", Dimension::energy, 1, true},
    {"mW", Dimension::energy, 1e-3, true},
    {"µW", Dimension::energy, 1e-6, true},
    {"kW", Dimension::energy, 1e3, true},
    {"watt", Dimension::energy, 1},
    {"watts", Dimension::energy, 1},
    {"mA", Dimension::energy, 1e-3, true},
    {"µA", Dimension::energy, 1e-6, true},
    {"uA", Dimension::energy, 1e-6, true},
    {"bytes", Dimension::memory, 1},
    {"kB", Dimension::memory, 1e3, true},
    {"KB", Dimension::memory, 1e3, true},
    {"KiB", Dimension::memory, 1024},
    {"MB", Dimension::memory, 1e6},
    {"MiB", Dimension::memory, 1048576},
    {"GB", Dimension::memory, 1e9},
    {"GiB", Dimension::memory, 1073741824},
    {"TB", Dimension::memory, 1e12},
    {"instructions", Dimension::count, 1},
    {"cycles", Dimension::count, 1},
    {"misses", Dimension::count, 1},
    {"mistakes", Dimension::count, 1},
    {"mhz", Dimension::setting, 1},
    {"ghz", Dimension::setting, 1},
    {"khz", Dimension::setting, 1},
    {"hz", Dimension::setting, 1},
    {"mah", Dimension::setting, 1},
    {"°c", Dimension::setting, 1},
    {"°", Dimension::setting, 1},
    {"V", Dimension::setting, 1, true},
    {"bit", Dimension::setting, 1},
    {"bits", Dimension::setting, 1},
    {"dpi", Dimension::setting, 1},
    {"rpm", Dimension::setting, 1},
    {"px", Dimension::setting, 1},
    {"pixels", Dimension::setting, 1},
    {"nm", Dimension::setting, 1},
    {"tokens", Dimension::setting, 1},
    {"frames", Dimension::setting, 1},
    {"images", Dimension::setting, 1},
    {"samples", Dimension::setting, 1},
    {"epochs", Dimension::setting, 1},
    {"epoch", Dimension::setting, 1},
    {"rounds", Dimension::setting, 1},
    {"runs", Dimension::setting, 1},
    {"seeds", Dimension::setting, 1},
    {"requests", Dimension::setting, 1},
    {"users", Dimension::setting, 1},
    {"clients", Dimension::setting, 1},
    {"questions", Dimension::setting, 1},
    {"threads", Dimension::setting, 1},
    {"cores", Dimension::setting, 1},
    {"workers", Dimension::setting, 1},
    {"layers", Dimension::setting, 1},
    {"parameters", Dimension::setting, 1},
    {"weeks", Dimension::setting, 1},
    {"years", Dimension::setting, 1},
    {"people", Dimension::setting, 1},
};

/// What a section is about, by the first word of its heading that tells.
enum class Topic { none, results, setup, expectation, background, related, references };

struct TopicWords {
  Topic topic;
  std::string_view words;
};
inline constexpr TopicWords kTopicWords[] = {
    {Topic::results,
     "results result findings ablation ablations analysis discussion conclusion conclusions summary abstract "
     "got found measured observed outcome outcomes "
     "shortcomings motivating observations"},
    {Topic::setup,
     "setup set-up environment hardware materials configuration method methods methodology implementation "
     "design hyperparameters hyper-parameters reproducibility "
     "installation dataset datasets data system architecture controls variables independent dependent "
     "statistics how-we how-to dependencies usage requirements"},
    {Topic::expectation,
     "hypothesis hypotheses expected expectation expectations proposal idea plan planned goals goal "
     "objectives objective targets target timeline schedule risks risk next "
     "future todo predictions prediction asked question questions hoped hope rq budget tasks criteria"},
    {Topic::background, "introduction motivation background problem overview recap"},
    {Topic::related, "related literature prior previous others similar state-of-the-art"},
    {Topic::references,
     "references reference bibliography citations acknowledgements acknowledgments acknowledgement license "
     "contributors contributions contact members"},
};

}  // namespace assay::reports::check
