#include "hardware/mcu/board.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "hardware/mcu/emulator.hpp"
#include "hardware/mcu/tty.hpp"
#include "harness/core/json.hpp"

namespace assay::mcu {

namespace fs = std::filesystem;

namespace {

Result<Json> read_json(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return Error{fmt::format("{}: can't be read", file.string())};
  auto json = parse_json(text.str());
  if (!json || !json->is_object()) return Error{fmt::format("{}: is no JSON object", file.string())};
  return *std::move(json);
}

/// What a file says that no board or part can have.
struct Misstated {
  std::string what;
};

std::uint32_t address(const Json& object, const char* key) {
  const std::string text = object.at(key);
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  if (!text.starts_with("0x") || text.size() < 3 || std::from_chars(text.data() + 2, end, value, 16).ptr != end) {
    throw Misstated{fmt::format("{} is '{}', no address; give one like \"0x20000000\"", key, text)};
  }
  return value;
}

Link link_in(const Json& object) {
  const std::string text = object.at("link");
  if (text != "emulator" && text != "serial") throw Misstated{fmt::format("link is '{}'; give \"emulator\" or \"serial\"", text)};
  return text == "emulator" ? Link::emulator : Link::serial;
}

Part part_from(const std::string& name, const Json& json) {
  Part part;
  part.name = name;
  part.title = json.at("title");
  part.flash_bytes = json.at("flash_bytes");
  part.ram_bytes = json.at("ram_bytes");
  part.has_fpu = json.at("fpu");
  part.clock_hz = json.at("clock_hz");
  part.flash_wait = json.at("flash_wait").at("nominal");
  part.flash_wait_high = json.at("flash_wait").at("high");
  return part;
}

Board board_from(const std::string& name, const Json& json) {
  Board board;
  board.name = name;
  board.title = json.at("title");
  board.link = link_in(json);
  board.parts = json.at("parts").get<std::vector<std::string>>();
  board.tried_on_hardware = json.at("tried_on_hardware");
  board.flash_origin = address(json, "flash_origin");
  board.cpu = json.at("cpu");
  board.image = json.value("image", "");
  if (board.link == Link::emulator) {
    board.machine = json.at("machine");
    board.window_origin = address(json, "window_origin");
    board.window_bytes = json.at("window_bytes");
    board.icount_shift = json.at("icount_shift");
  } else {
    board.ports = json.at("ports").get<std::vector<std::string>>();
    board.baud = json.at("baud");
  }
  return board;
}

/// Every *.json of a folder through `from`, by name.
template <class T>
Result<Done> load(const fs::path& folder, T (*from)(const std::string&, const Json&), std::vector<T>& all) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() != ".json") continue;
    const auto json = read_json(entry.path());
    if (!json) return json.error();
    try {
      all.push_back(from(entry.path().stem().string(), *json));
    } catch (const Json::exception& e) {
      return Error{fmt::format("{}: {}", entry.path().string(), e.what())};
    } catch (const Misstated& misstated) {
      return Error{fmt::format("{}: {}", entry.path().string(), misstated.what)};
    }
  }
  std::sort(all.begin(), all.end(), [](const T& a, const T& b) { return a.name < b.name; });
  return Done{};
}

}  // namespace

Result<Boards> load_boards(const fs::path& folder) {
  Boards all;
  if (const auto loaded = load(folder / "boards", &board_from, all.boards); !loaded) return loaded.error();
  if (const auto loaded = load(folder / "parts", &part_from, all.parts); !loaded) return loaded.error();
  for (const Board& board : all.boards) {
    if (board.parts.empty()) return Error{fmt::format("{}: board {} has no part", folder.string(), board.name)};
    for (const std::string& part : board.parts) {
      if (!find(all.parts, part)) return Error{fmt::format("{}: board {}: there is no part '{}'; there are {}", folder.string(), board.name, part, names_of(all.parts))};
    }
  }
  return all;
}

std::vector<std::string> ports_of(const Board& board) {
  std::vector<std::string> ports;
  for (const std::string& pattern : board.ports) {
    glob_t found{};
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0) ports.insert(ports.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
  }
  std::sort(ports.begin(), ports.end());
  return ports;
}

Availability availability(const Board& board) {
  if (board.link == Link::emulator) {
    const auto version = emulator_version();
    return version.ok() ? Availability{true, "QEMU " + version.value->text()} : Availability{false, version.ending.reason};
  }
  const auto ports = ports_of(board);
  const std::string untried = board.tried_on_hardware ? "" : "; never tried on the board itself";
  if (ports.empty()) {
    std::string patterns;
    for (const std::string& pattern : board.ports) patterns += (patterns.empty() ? "" : " or ") + pattern;
    return {false, fmt::format("no {} → plug the board in{}", patterns, untried)};
  }
  if (const auto problem = tty_problem(ports.front())) return {false, *problem + untried};
  return {true, ports.front() + untried};
}

}  // namespace assay::mcu
