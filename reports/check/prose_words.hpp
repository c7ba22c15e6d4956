// The words by which a reader tells a result from any other number: data for prose_features.cpp. To teach the
// check a word, add it to a row; how much a row counts is learnt from the reports in tests/reports/prose
// (prose_features.def says how). Words are in lower case; a word may be in several rows. A plural is found by
// its singular, "micro-batch" by "batch".
#pragma once

#include <cstdint>
#include <string_view>

namespace assay::reports::check {

/// What a word says about numbers near it. Bits, since a word may say several things.
enum Role : std::uint64_t {
  kMetric = 1ULL << 0U,        // names something that is measured
  kScore = 1ULL << 1U,         // … whose values have no unit
  kFound = 1ULL << 2U,         // says that something was found or changed
  kObserved = 1ULL << 3U,      // … and ends an expectation: "we hoped for 3×, but measured 2×"
  kIs = 1ULL << 4U,            // says that something is so
  kExpected = 1ULL << 5U,      // begins an expectation, a wish, a condition: what follows is no result
  kIntended = 1ULL << 6U,      // … or ends one: "the 3 points that we promised"
  kSetting = 1ULL << 7U,       // names something that was chosen: "batch size of 64", "a 10 ms window"
  kProcedure = 1ULL << 8U,     // names a part of how one measures: warm-up, repetition, sample
  kChosen = 1ULL << 9U,        // a verb that says what was done, not found: "we use", "repeated"
  kLabel = 1ULL << 10U,        // is followed by a number that is part of a name: Table 3, RTX 4090
  kHardware = 1ULL << 11U,     // a machine and its parts
  kCorpus = 1ULL << 12U,       // data and what it is made of: images, users, rows
  kHolds = 1ULL << 13U,        // makes memory a result: "needs 1.2 GB of RAM"
  kComparative = 1ULL << 14U,  // "2× faster"
  kTurn = 1ULL << 15U,         // begins a clause that may say the opposite
  kAside = 1ULL << 16U,        // begins a part of a clause
  kOurs = 1ULL << 17U,         // who speaks is the author
  kTheirs = 1ULL << 18U,       // what is told is others'
  kApprox = 1ULL << 19U,       // "about 3 ms"
  kMerely = 1ULL << 20U,       // "only 3 ms", which nobody says of a setting
  kBound = 1ULL << 21U,        // "at most 3 ms"
  kArticle = 1ULL << 22U,
  kLink = 1ULL << 23U,          // joins two numbers that share a unit: "12.3 to 4.1 ms"
  kAbbreviation = 1ULL << 24U,  // its full stop ends no sentence
  kMultiple = 1ULL << 25U,      // "twice", "fold"
  kMultiplies = 1ULL << 26U,    // "halved"
  kFraction = 1ULL << 27U,      // "a third of the time"
  kCount = 1ULL << 28U,         // "three times"
  kMagnitude = 1ULL << 29U,     // "4.9 million"
  kMonth = 1ULL << 30U,
  kPreposition = 1ULL << 31U,
  kModal = 1ULL << 33U,  // "would take"
  kNot = 1ULL << 34U,
  kSpread = 1ULL << 35U,  // of repeated measurements: deviation, interval
  kLimit = 1ULL << 36U,   // what a number was held against: limit, threshold, target, budget
  kWhen = 1ULL << 37U,    // "before", "when": a condition under which something was found
};

struct RoleWords {
  std::uint64_t roles;
  std::string_view words;  // separated by spaces
};

inline constexpr RoleWords kRoleWords[] = {
    {kMetric,
     "latency latencies throughput time runtime run-time duration speed bandwidth energy power consumption "
     "memory footprint ram storage utilisation utilization occupancy overhead cost hit miss misses loss "
     "losses "
     "error accuracy accuracies quality median mean average p50 p90 p95 p99 p99.9 p999 percentile tail gain "
     "speed-up speedup slow-down slowdown improvement reduction increase drop decrease difference change "
     "degradation rate usage load peak baseline noise spread response answer flops traffic compression ratio "
     "gap share saving start-up wait waiting jitter qps fps rps iops goodput draw watt joule "
     "delay stall pause lag turnaround makespan efficiency parallelism scaling rss resident allocation "
     "temperature current voltage price bill emission carbon co2 backlog crossover break-even "
     "factor amplification efficiency lifetime fraction proportion percentage agreement win-rate "
     "success-rate failure contention stalls retries drift bottleneck residual variance variation "
     "remainder rest total sum reward return regret score yield churn inference epoch"},
    {kMetric | kScore,
     "accuracy precision recall f1 f1-score f-score auc auroc auprc roc-auc map miou iou dice bleu chrf "
     "comet "
     "rouge rouge-l meteor cer wer perplexity ppl loss mse rmse mae mape r2 r² ndcg mrr hr correlation "
     "pearson "
     "spearman kappa score factor speedup speed-up sensitivity specificity psnr ssim fid lpips pesq stoi "
     "si-sdr sdr snr exact-match em pass similarity coefficient mcc top-1 top-5 rtf brier ece silhouette "
     "average mean median difference ratio p-value deviation sd rating likert elo nll bpc divergence "
     "cosine efficiency amplification effect cohen"},
    {kSpread, "deviation sd std iqr variance spread ± stdev sem ci cis interval variation cv coefficient"},
    {kFound,
     "fell fall dropped drop rose rise reached reach reaching achieved achieve improved improve improving "
     "reduced reduce reducing increased increase decreased decrease measured observed observe found obtained "
     "obtain got get gets getting took take taking need needed saw see show showed shown yielded yield gave "
     "give "
     "gained gain lost lose losing saved save saving outperform outperformed beat beats grew grow went goes "
     "became become hit scored stayed stay remained remain converged converge peaked peak averaged average "
     "consumed consume cut cutting brought bring deliver delivered spent spend cost costs shrink shrank "
     "shrunk "
     "added add ended end landed land answered saturate saturated moved close narrowed widened jumped jump "
     "collapsed collapse top bought buy won win paid pay drew draw executed counted raised raise lowered "
     "lower "
     "differed differ processed exceeded exceed attained attain recognise recognised recognize recognized "
     "waste "
     "wasted missed miss made make degrade degraded slow slowed accelerate accelerated spends sustain "
     "sustained "
     "sit sat resulted result led lead flipped refuted supported confirmed removed removes reproduced serve "
     "served produced produce reclaimed recorded double doubled halved tripled account accounted account "
     "amount amounted correspond eat ate occupy occupied sank sink climbed climb slipped slip crept "
     "plateaued "
     "levelled leveled flattened settled settle hover hovered varied range ranged spanned scaled scale "
     "clocked "
     "arrive arrived come came fit suffered suffer trail trailed lag lagged failed fail crashed died "
     "degraded "
     "throttle throttled read reads registered register estimated correct misclassified agreed agree "
     "detected "
     "detect classified attribute attributed burn burned burnt regress regressed tie tied match matched "
     "recover recovered shave shaved knock knocked trim trimmed finish finished complete completed lasted "
     "leave left dominate dominated kept keep regained translates means meant puts drag dragged push pushed "
     "pulled turned showing reveal revealed amounts benefit benefited swing swung fluctuate fluctuated"},
    {kObserved,
     "measured observed found got saw obtained supported refuted confirmed rejected actually fact ended fell "
     "rose "
     "dropped went gave turned reality recorded came took reached stayed achieved delivered"},
    {kIs, "is was are were has had have be been being"},
    {kExpected,
     "expect expected expecting expectation hypothesis hypotheses hypothesise hypothesize hypothesised "
     "hypothesized hope hoped hoping aim aimed aiming goal target targeted targeting "
     "predict predicted prediction anticipate anticipated plan planned planning assume "
     "assumed assuming suppose if unless guess guessed believe promise promised want wanted require required "
     "requirement wish ideally ought slo sla objective success acceptable budgeted likelihood "
     "probability risk asked bet desired intended whether perhaps maybe probably likely until "
     "tolerate tolerance tolerable usually typically generally todo "
     "conceivable imagine suspect speculate theoretically unlikely doubt fear ambition "
     "propose proposed proposal"},
    {kIntended,
     "planned promised hoped expected targeted hypothesis hypothesised hypothesized proposal goal target bet "
     "budget required predicted wanted anticipated aimed desired intended assumed allowed theoretical "
     "theoretically allotted permitted"},
    {kSetting,
     "batch batches batch-size learning lr momentum decay dropout drop-out temperature alpha beta gamma "
     "lambda "
     "epsilon sigma rank window time-out timeout stride overlap length threshold margin level frequency "
     "clock "
     "quota width depth sparsity chunk heads step hidden channel dimension dim embedding resolution volume "
     "prefetch worker thread core cpu vcpu gpu node client user default tdp cap capped limit limited "
     "capacity "
     "ttl sleep budget deadline arrival arrives discard duty padded hold range α β γ λ σ ε η τ μ zipf "
     "dirichlet "
     "quantile tree layer prior locked fixed nominal theoretical rated advertised ridge unit hyper-thread "
     "cell "
     "battery tolerance crop context prompt generated config configuration parameter parameters k n m size "
     "fanout hop shard replica bucket block tile page slot bandwidth-limit warmup patience penalty weight "
     "factor-level period cutoff cut-off ratio-of horizon bits bit quantisation quantization precision group "
     "queue buffer pool cache partition cluster beam filter kernel stage keep-alive setting option flag mode "
     "scale ef nprobe qd rate-limit l2 l1 split fraction share pass passes hours retry retries backoff "
     "input output lookahead look-ahead pool-size vocabulary population dose intensity amplitude duty-cycle"},
    {kProcedure,
     "warm-up warmup repetition repeat repeats run trial seed fold round rerun replicate bootstrap resample "
     "permutation confidence significance alpha interval holdout hold-out train-test validation sampling "
     "randomised randomized order shuffle minute hour block session sweep grid cross-validation test "
     "calibration pilot cool-down cooldown burn-in execution launch measurement probe counterbalanced sample "
     "power iteration epoch step correction comparisons annotator rater participant listener subject"},
    {kChosen,
     "use used uses using set sets ran runs run running repeat repeated repeating train trained sample "
     "sampled chose chosen choose fixed discarded discard excluded exclude warmed limited configured "
     "configure "
     "collect collected split annotated labelled labeled generated generate pinned locked tuned swept sweep "
     "varied vary test tested testing evaluate evaluated compare compared log logged poll polled send sent "
     "sends drive issue issued deploy deployed implement implemented download downloaded keep contains "
     "contain "
     "consists comprises comprise consist has allocate allocated assign assigned schedule scheduled select "
     "selected hold held drew drawn picked pick stop stopped start started wait waited waits crop cropped "
     "resize resized clip clipped padded pad initialised initialized optimise optimised optimize optimized "
     "finetune fine-tune fine-tuned finetuned apply applied replay replayed simulate simulated mixed inject "
     "injected throw thrown skip skipped average averaged report reports perform performed conduct conducted "
     "execute executed define defined state plot plotted fit fitted rent rented own bought install installed "
     "offers provide provides provided equipped store stored"},
    {kLabel,
     "table tables figure fig figs section sec chapter equation eq eqs appendix algorithm listing step phase "
     "part week milestone page pp line slide issue question hypothesis experiment run round seed version "
     "team "
     "group student item reference rung task stage day layer no nr number model python pytorch torch "
     "tensorflow "
     "cuda cudnn ubuntu debian gcc clang llvm onnx numpy scikit-learn sklearn java jdk openjdk node rust go "
     "fedora windows macos android ios kernel linux driver triton flower keras jax mxnet tvm tensorrt "
     "openvino "
     "openblas mkl onednn blas redis kubernetes docker spark ray dask faiss rocksdb xgboost lightgbm "
     "catboost "
     "catalyst torchvision transformers vllm llama.cpp cmsis-nn rtx gtx geforce quadro tesla radeon ryzen "
     "epyc "
     "xeon core i3 i5 i7 i9 pi raspberry jetson snapdragon cortex pixel iphone galaxy thinkpad latitude gold "
     "silver platinum adreno mali volta ampere hopper flashattention llama gpt mistral phi gemma qwen t5 "
     "arxiv "
     "doi isbn cs room vol volume rq h q phone tag commit pr openmp cmake fall spring summer winter since "
     "usb "
     "pcie ddr ipv wifi level iteration exp v r rev revision patch build release sprint lab lecture hw "
     "homework "
     "course semester term sheet rq1 zone port channel claim point threat postgres postgresql mysql mongodb "
     "kafka nginx esp nvidia apple intel amd arm"},
    {kHardware,
     "ram vram dram sram hbm hbm3 ddr4 ddr5 lpddr4 lpddr5 disk ssd nvme hdd flash card gpu laptop machine "
     "cache "
     "l1 l2 l3 eeprom sd storage device board vcpu llc swap shard ebs server desktop workstation cpu "
     "processor "
     "chip soc node cluster host vm instance container phone camera sensor meter supply drive ethernet nic "
     "switch link core socket battery microcontroller mcu fpga tpu npu heatsink fan adapter router"},
    {kCorpus,
     "image sample user question parameter class node edge document page utterance sentence word row record "
     "query request item example instance video clip frame passage article movie rating review tweet file "
     "program function dataset data corpus corpora trace table token pair point patient station sensor label "
     "category feature column vector entry event session student team people person participant line commit "
     "test-set train-set training validation split held-out vocabulary graph species hours region city day"},
    {kHolds,
     "need needed used use using take took consume consumed occupy occupied peak peaked footprint fit shrank "
     "shrunk grew exceeded dropped fell rose reduce reduced require resident rss allocated sank down"},
    {kComparative,
     "faster slower quicker fast slow slowly smaller larger bigger higher lower more less fewer better worse "
     "longer shorter greater cheaper lighter heavier speed-up speedup improvement reduction increase "
     "decrease "
     "drop gain saving slow-down slowdown hungrier hotter colder cooler overhead acceleration ahead behind "
     "accurate efficient much many long large small high expensive good above below deeper wider extra "
     "additional sooner earlier later further off"},
    {kTurn, "but however while whereas although though yet nevertheless still rather instead"},
    {kAside, "than compared versus vs against which where because since as so"},
    {kOurs, "we our ours us my i mine"},
    {kTheirs,
     "author paper literature documentation data-sheet datasheet published reportedly website documented "
     "vendor "
     "manufacturer advertise advertised theirs specification spec spec-sheet say says said promises reported "
     "leaderboard blog common typical usual they their et colleague co-worker state-of-the-art survey "
     "textbook folklore "
     "according claim claims researchers provider cited official wikipedia known"},
    {kApprox, "about around roughly nearly almost approximately some circa ca approx ≈ ~ ∼ close"},
    {kMerely,
     "only just merely barely mere still even already exactly a-mere down up now again another yet "
     "hardly fully"},
    {kBound,
     "least most than up under below above over within beyond max min maximum minimum up-to < > ≤ ≥ exceed "
     "exceeds below"},
    {kArticle, "a an the this that its our their his these those"},
    {kLink, "to and or - – — / , vs against versus ± → + then & resp"},
    {kAbbreviation,
     "e.g i.e al fig figs sec eq eqs vs cf approx no resp etc dr prof st ca vol pp incl max min ed eds"},
    {kMultiple,
     "twice thrice double triple twofold threefold fourfold fivefold sixfold sevenfold eightfold ninefold "
     "tenfold two-fold three-fold four-fold five-fold ten-fold hundredfold hundred-fold"},
    {kMultiplies,
     "halved halves halving doubled doubles doubling tripled triples tripling quadrupled quadruples "
     "quadrupling trebled"},
    {kFraction, "half third quarter fifth sixth seventh eighth ninth tenth"},
    {kCount,
     "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty "
     "hundred "
     "thousand half several"},
    {kMagnitude, "million billion thousand trillion k m mio bn"},
    {kMonth,
     "january february march april june july august september october november december jan feb mar apr jun "
     "jul "
     "aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri "
     "sat "
     "sun"},
    {kPreposition,
     "of to from by at for with in on as into between via per against after before during "
     "within under over behind"},
    {kModal,
     "would should could will might may must shall can cannot ought we'd we'll i'd i'll it'd it'll let "
     "let's"},
    {kNot, "not no never neither nor without n't don't doesn't didn't isn't wasn't cannot can't none"},
    {kLimit,
     "limit threshold target goal budget cap capped slo sla deadline tolerance requirement allowed bound "
     "cutoff cut-off criterion margin minimum maximum objective timeout time-out quota constraint acceptable "
     "significance"},
    {kWhen, "when once while before after if without with under until as"},
};

// Two words that say together what neither says alone; both get the roles.
struct RolePair {
  std::uint64_t roles;
  std::string_view first, second;
};
inline constexpr RolePair kRolePairs[] = {
    {kExpected, "has", "to"},
    {kExpected, "have", "to"},
    {kExpected, "going", "to"},
    {kExpected, "need", "to"},
    {kSetting, "the", "top"},
    {kSetting, "the", "first"},
    {kSetting, "the", "last"},
    {kTheirs, "data", "sheet"},
    {kMetric | kScore, "speed", "up"},
    {kTheirs, "known", "to"},
    {kTheirs, "said", "to"},
    {kTheirs, "according", "to"},
    {kExpected, "on", "paper"},
    {kExpected, "in", "theory"},
    {kBound, "up", "to"},
    {kTheirs, "on", "paper"},
    {kExpected, "in", "principle"},
    {kProcedure, "per", "cell"},
    {kProcedure, "per", "condition"},
    {kProcedure, "per", "configuration"},
};

/// What a section is about, by the first word of its heading that tells.
enum class Topic { none, results, setup, expectation, background, related, limits, references };

struct TopicWords {
  Topic topic;
  std::string_view words;
};
inline constexpr TopicWords kTopicWords[] = {
    {Topic::results,
     "results result findings finding ablation ablations analysis discussion conclusion conclusions summary "
     "abstract got found measured observed outcome outcomes motivating observations observation evaluation "
     "learn learned learnt lessons takeaways takeaway verdict answer answers status progress preliminary "
     "comparison "
     "tl;dr highlights insights numbers performance accuracy latency throughput energy speed quality pilot "
     "so-far seen-so claims claim came-out gave-up what-happened happened benchmarks benchmark observations "
     "where-we first-numbers memory power cost-of resources timing measurements sensitivity surprises "
     "compared we-know what-remains errors what-worked worked did-not problem-1 problem-2 problem-3 "
     "evidence effect effects impact gains scaling scalability overhead convergence correctness robustness "
     "breakdown profiling profile detours delivered delivery news done achieved achievements "
     "case-study effectiveness efficiency experiences first-impressions what-works tests "
     "test-results overheads bottleneck bottlenecks heat noise threads"},
    {Topic::setup,
     "setup set-up environment hardware materials configuration method methods methodology implementation "
     "design hyperparameters hyper-parameters reproducibility installation dataset datasets data system "
     "architecture controls variables independent dependent statistics how-we how-to dependencies usage "
     "requirements testbed test-bed test-bench apparatus procedure protocol workload workloads approach "
     "factors "
     "factor constants response-variables corpus platform tools instrumentation metrics preparation "
     "quick-start "
     "getting-started prerequisites settings build pipeline components sizing sample-size "
     "machine machines board bench equipment conditions platforms baseline baselines "
     "subjects terminology notation measurement we-did we-built measuring simulation simulator "
     "tooling deployment"},
    {Topic::expectation,
     "hypothesis hypotheses expected expectation expectations proposal idea plan planned plans goal goals "
     "objectives objective targets target timeline schedule risks risk next future future-work todo "
     "predictions "
     "prediction asked question questions hoped hope rq budget tasks criteria milestones deliverables "
     "outlook "
     "ahead next-steps open-points open-questions contingency workplan roadmap until how-we'll "
     "we-would we'd-do money feasibility purpose what-counts cost-and backup "
     "promised promise to-do left-to aim aims time-table still-to ambition wishlist agenda "
     "upcoming"},
    {Topic::background,
     "introduction intro motivation background problem overview recap context why itch "
     "primer preliminaries one-slide fundamentals terms history"},
    {Topic::related,
     "related literature prior previous-work others-have similar state-of-the-art published prior-work "
     "prior-figures "
     "with-others gap "
     "competitors state-of alternatives"},
    {Topic::limits,
     "threats limitations limits validity caveats shortcomings problems issues trouble wrong bugs "
     "known-issues "
     "known-problems faq "
     "broken breaks pitfalls uncertainty weaknesses caveat troubleshooting detour"},
    {Topic::references,
     "references reference bibliography citations acknowledgements acknowledgments acknowledgement license "
     "contributors contact members group-info repository"},
};

}  // namespace assay::reports::check
