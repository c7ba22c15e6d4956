// Energy registers out of a made-up powercap tree.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "hardware/counters/counters.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::hardware;

namespace {

namespace fs = std::filesystem;

class Powercap {
 public:
  Powercap() {
    std::string pattern = (fs::temp_directory_path() / "assay-powercap-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    ::chmod(pattern.c_str(), 0755);
  }
  Powercap(const Powercap&) = delete;
  Powercap& operator=(const Powercap&) = delete;
  ~Powercap() { fs::remove_all(path_); }

  void zone(const std::string& zone, const std::string& name, std::int64_t energy_uj, std::int64_t range_uj = 262'143'328'850) {
    fs::create_directories(path_ / zone);
    std::ofstream(path_ / zone / "name") << name << "\n";
    std::ofstream(path_ / zone / "max_energy_range_uj") << range_uj << "\n";
    set(zone, energy_uj);
  }
  void set(const std::string& zone, std::int64_t energy_uj) {
    std::ofstream(path_ / zone / "energy_uj") << energy_uj << "\n";
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("packages are summed, memory stands apart, and the platform, cores and other controls are left out") {
  Powercap tree;
  tree.zone("intel-rapl:0", "package-0", 1'000'000);
  tree.zone("intel-rapl:0:0", "core", 500'000);
  tree.zone("intel-rapl:0:1", "dram", 100'000);
  tree.zone("intel-rapl:1", "package-1", 2'000'000);
  tree.zone("intel-rapl:2", "psys", 9'000'000);
  tree.zone("dtpm", "package-9", 5);
  const auto counters = rapl_counters(tree.path());
  CHECK(counters->read()["energy_package_j"] == Json{{"reason", "RAPL: not opened yet"}});
  counters->open();
  tree.set("intel-rapl:0", 1'200'000);
  counters->start();
  tree.set("intel-rapl:0", 3'200'000);
  tree.set("intel-rapl:0:0", 9'500'000);
  tree.set("intel-rapl:0:1", 350'000);
  tree.set("intel-rapl:1", 2'500'000);
  tree.set("intel-rapl:2", 99'000'000);
  counters->stop();
  const Json values = counters->read();
  CHECK(values["energy_package_j"].get<double>() == Approx(2.5));
  CHECK(values["energy_dram_j"].get<double>() == Approx(0.25));
  CHECK(values.size() == 2);
}

TEST_CASE("a register that has gone round goes on from its range") {
  Powercap tree;
  tree.zone("intel-rapl:0", "package-0", 999'000, 1'000'000);
  const auto counters = rapl_counters(tree.path());
  counters->open();
  counters->start();
  tree.set("intel-rapl:0", 3'000);
  counters->stop();
  CHECK(counters->read()["energy_package_j"].get<double>() == Approx(0.004));
  CHECK(counters->read()["energy_dram_j"] == Json{{"reason", "RAPL: this processor has no such register"}});
}

TEST_CASE("without registers the reason names the place, and a register that vanishes is no zero") {
  Powercap tree;
  const auto counters = rapl_counters(tree.path());
  counters->open();
  CHECK(counters->read()["energy_package_j"]["reason"] ==
        "RAPL: no energy registers in " + tree.path().string() + " (virtual machine?)");
  const auto nowhere = rapl_counters("/nowhere");
  nowhere->open();
  CHECK(nowhere->read()["energy_dram_j"]["reason"] == "RAPL: no energy registers in /nowhere (virtual machine?)");
  tree.zone("intel-rapl:0", "package-0", 5);
  counters->open();
  counters->start();
  std::ofstream(tree.path() / "intel-rapl:0/energy_uj") << "";
  counters->stop();
  CHECK(counters->read()["energy_package_j"] == Json{{"reason", "RAPL: a register could not be read"}});
}

TEST_CASE("a user who may not read the registers is told the command that permits it") {
  if (::getuid() != 0) {
    WARN("not checked here: needs root, to become somebody else");
    return;
  }
  Powercap tree;
  tree.zone("intel-rapl:0", "package-0", 1);
  tree.zone("intel-rapl:1", "package-1", 1);
  ::chmod((tree.path() / "intel-rapl:1/energy_uj").c_str(), 0400);
  int answer[2];
  REQUIRE(::pipe(answer) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text = "not an unprivileged user";
    if (::setuid(65534) == 0) {
      const auto counters = rapl_counters(tree.path());
      counters->open();
      text = counters->read().dump();
    }
    const ssize_t wrote = ::write(answer[1], text.data(), text.size());
    ::_exit(wrote > 0 ? 0 : 1);
  }
  ::close(answer[1]);
  std::string text(1 << 12, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(answer[0], text.data(), text.size()))));
  ::close(answer[0]);
  ::waitpid(child, nullptr, 0);
  CAPTURE(text);
  const std::string root = tree.path().string();
  CHECK(Json::parse(text)["energy_package_j"]["reason"] ==
        "RAPL: " + root + "/intel-rapl:1/energy_uj may be read by root alone; run: sudo chmod a+r " + root + "/intel-rapl:*/energy_uj");
}
