#include "harness/plan/plan.hpp"

#include <algorithm>
#include <string>

#include "tests/catch.hpp"

using namespace assay;
using plan::Plan;

namespace {

Plan planned(const std::string& experiment, const std::string& rest) {
  const std::string text = "[experiment]\nname = \"x\"\n" + experiment + rest;
  const auto e = plan::parse_experiment(text, "x.toml", {}, {});
  INFO((e ? "" : e.error().message));
  REQUIRE(e);
  auto made = plan::make_plan(*e, *e->preset("quick"));
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  return *std::move(made);
}

std::vector<std::string> labels(const Plan& made) {
  std::vector<std::string> all;
  for (const auto& t : made.treatments) all.push_back(t.treatment.label());
  return all;
}

/// "2>0" for a pair in a table, "2?0" for one that only a hypothesis asks for.
std::string pairs(const Plan& made) {
  std::string text;
  for (const auto& p : made.pairs) {
    text +=
        (text.empty() ? "" : " ") + std::to_string(p.of) + (p.in_table ? ">" : "?") + std::to_string(p.to);
  }
  return text;
}

const std::string kFactors = "[factors]\nprecision = [\"fp32\", \"int8\"]\nbatch = [1, 8]\n";
const std::string kCommand = "[command]\nrun = [\"true\"]\n";
using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("a factorial design runs through its factors as nested loops would, the first outermost") {
  CHECK(labels(planned("", kFactors + kCommand)) == Labels{"precision=fp32 batch=1", "precision=fp32 batch=8",
                                                           "precision=int8 batch=1",
                                                           "precision=int8 batch=8"});
}

TEST_CASE("one factor at a time starts from the baseline and varies each factor alone") {
  const Plan made =
      planned("design = \"one-factor-at-a-time\"\nbaseline = { batch = 8, precision = \"fp32\" }\n",
              kFactors + kCommand);
  CHECK(labels(made) == Labels{"precision=fp32 batch=8", "precision=int8 batch=8", "precision=fp32 batch=1"});
  CHECK(pairs(made) == "1>0 2>0");
}

TEST_CASE("a list holds its treatments as they are written, with one order of factors") {
  const Plan made = planned("design = \"list\"\nbaseline = { v = \"a\", n = 1 }\n",
                            "[[treatment]]\nv = \"b\"\nn = 2\n[[treatment]]\nn = 1\nv = \"a\"\n" + kCommand);
  CHECK(labels(made) == Labels{"v=b n=2", "v=a n=1"});
  CHECK(pairs(made) == "0>1");
}

TEST_CASE("without factors there is one treatment, alone in its group") {
  const Plan made = planned("", kCommand);
  CHECK(made.treatments.size() == 1);
  CHECK(made.pairs.empty());
  REQUIRE(made.groups.size() == 1);
  CHECK(made.groups[0].members == std::vector<int>{0});
}

TEST_CASE("each treatment is compared with the one equal in all factors that the baseline doesn't name") {
  const Plan made = planned("baseline = { precision = \"fp32\" }\n", kFactors + kCommand);
  CHECK_FALSE(made.treatments[0].baseline);
  CHECK_FALSE(made.treatments[1].baseline);
  CHECK(made.treatments[2].baseline == 0);
  CHECK(made.treatments[3].baseline == 1);
  CHECK(pairs(made) == "2>0 3>1");
}

TEST_CASE("a treatment whose baseline is excluded is measured without a comparison") {
  const Plan made = planned("baseline = { precision = \"fp32\" }\n",
                            kFactors + kCommand + "[[exclude]]\nprecision = \"fp32\"\nbatch = 8\n");
  CHECK(labels(made) == Labels{"precision=fp32 batch=1", "precision=int8 batch=1", "precision=int8 batch=8"});
  CHECK(made.treatments[1].baseline == 0);
  CHECK_FALSE(made.treatments[2].baseline);
}

TEST_CASE("a ladder compares each rung with the one before it, over a gap where one is excluded") {
  const Plan made = planned("baseline = { v = 1 }\n",
                            "[factors]\nv = [1, 2, 3, 4]\n" + kCommand +
                                "[table]\nkind = \"ladder\"\nalong = \"v\"\n[[exclude]]\nv = 3\n");
  CHECK(labels(made) == Labels{"v=1", "v=2", "v=4"});
  CHECK(pairs(made) == "1>0 2>0 2>1");  // 1>0 is both, and stands once
}

TEST_CASE("a ceiling is compared with the last rung, wherever it stands among the levels") {
  const Plan made = planned("baseline = { v = 1 }\n", "[factors]\nv = [1, 9, 2, 3, 8]\n" + kCommand +
                                                           "[table]\nkind = \"ladder\"\nalong = \"v\"\nceilings = [8, 9]\n");
  CHECK(pairs(made) == "1>0 2>0 3>0 4>0 3>2 1>3 4>3");
}

TEST_CASE("a ladder climbs within equal other factors") {
  const Plan made = planned("", kFactors + kCommand + "[table]\nkind = \"ladder\"\nalong = \"batch\"\n");
  CHECK(pairs(made) == "1>0 3>2");
}

TEST_CASE("a pairwise table compares any two treatments that differ in one factor alone") {
  const std::string pairwise = "[table]\nkind = \"pairwise\"\n";
  CHECK(pairs(planned("", kFactors + kCommand + pairwise)) == "2>0 3>1 1>0 3>2");
  CHECK(pairs(planned("", kFactors + kCommand + pairwise + "along = \"batch\"\n")) == "1>0 3>2");
  CHECK(pairs(planned("baseline = { v = 2 }\n", "[factors]\nv = [1, 2, 3]\n" + kCommand + pairwise)) ==
        "0>1 2>0 2>1");  // the baseline is what others are compared with, wherever it stands
}

TEST_CASE("every pair of a pairwise table shares a group, which holds six at most") {
  std::string levels;
  for (int i = 1; i <= 24; ++i) levels += (i > 1 ? ", " : "") + std::to_string(i);
  for (const std::string baseline : {"", "baseline = { v = 5 }\n"}) {
    const Plan made = planned(baseline, "[factors]\nv = [" + levels + "]\n" + kCommand + "[table]\nkind = \"pairwise\"\n");
    REQUIRE(made.pairs.size() == 24 * 23 / 2);
    for (const plan::Pair& pair : made.pairs) {
      const auto shared = std::count_if(made.groups.begin(), made.groups.end(), [&](const plan::Group& g) {
        return std::count(g.members.begin(), g.members.end(), pair.of) > 0 &&
               std::count(g.members.begin(), g.members.end(), pair.to) > 0;
      });
      REQUIRE(shared > 0);
    }
    for (const plan::Group& group : made.groups) CHECK(group.members.size() <= 6);
    CHECK(made.groups.size() <= 45);
  }
}

TEST_CASE("a hypothesis adds its pair after the table's, and none that is there already") {
  const std::string h = "[[hypothesis]]\nclaim = \"c\"\nmetric = \"wall_s\"\nexpect = \"< 1\"\n";
  const Plan made = planned("baseline = { precision = \"fp32\" }\n",
                            kFactors + kCommand + h +
                                "id = \"A\"\nratio = { of = { precision = \"int8\", batch = 8 }, to = { "
                                "precision = \"int8\", batch = 1 } }\n" +
                                h +
                                "id = \"B\"\nratio = { of = { precision = \"int8\", batch = 1 }, to = { "
                                "precision = \"fp32\", batch = 1 } }\n" +
                                h + "id = \"C\"\nvalue = { precision = \"int8\", batch = 1 }\n");
  CHECK(pairs(made) == "2>0 3>1 3?2");
}

TEST_CASE("workers get factors and controls, tables show factors only") {
  const Plan made = planned("", "[factors]\nn = [4]\n[controls]\nthreads = 1\n" + kCommand);
  CHECK(made.treatments[0].treatment.label() == "n=4");
  CHECK(made.treatments[0].assignment.label() == "n=4 threads=1");
  CHECK(made.treatments[0].id == made.treatments[0].treatment.id());
  CHECK(made.treatments[0].worker == -1);
}

TEST_CASE("a worker is chosen by when, in the file's order, and else the one without it") {
  const Plan made = planned("",
                            "[factors]\nv = [\"py\", \"c\", \"java\"]\n[workers.native]\ncommand = [\"n\"]\n"
                            "[workers.java]\ncommand = [\"j\"]\nwhen = { v = \"java\" }\n"
                            "[workers.python]\ncommand = [\"p\"]\nwhen = { v = [\"py\"] }\n");
  CHECK(made.treatments[0].worker == 2);
  CHECK(made.treatments[1].worker == 0);
  CHECK(made.treatments[2].worker == 1);
}

TEST_CASE("the factor or control worker chooses a worker by name") {
  const std::string workers = "[workers.torch]\ncommand = [\"t\"]\n[workers.onnx]\ncommand = [\"o\"]\n";
  const Plan varied = planned("", "[factors]\nworker = [\"onnx\", \"torch\"]\n" + workers);
  CHECK(varied.treatments[0].worker == 1);
  CHECK(varied.treatments[1].worker == 0);
  CHECK(planned("", "[controls]\nworker = \"onnx\"\n" + workers).treatments[0].worker == 1);
}

TEST_CASE("the peak is a treatment of its own where it is asked for") {
  CHECK(planned("", kCommand).peaks.empty());
  const auto of_floating_point = planned("", kCommand + "[peak]\nprecision = \"f32\"\n").peaks;
  REQUIRE(of_floating_point.size() == 1);
  CHECK(of_floating_point[0].label() == "peak=fma precision=f32 threads=all");
}

TEST_CASE("reading from a level of the memory rides along where [peak] names one") {
  const auto peaks = planned("", kCommand + "[peak]\nthreads = [1, \"all\", 1]\nmemory = \"l2\"\n").peaks;
  REQUIRE(peaks.size() == 4);
  CHECK(peaks[1].label() == "peak=read level=l2 threads=1");
  CHECK(peaks[2].label() == "peak=fma precision=f64 threads=all");
}
