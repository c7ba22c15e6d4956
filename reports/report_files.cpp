#include "reports/report_files.hpp"

#include <fmt/format.h>

#include "harness/core/hash.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/figure.hpp"

namespace assay::reports {

namespace fs = std::filesystem;

Result<std::vector<std::pair<std::string, std::string>>> report_files(const Report& report, const Templates& templates) {
  const auto text = markdown(report, templates);
  if (!text) return text.error();
  std::vector<std::pair<std::string, std::string>> files{
      {"report.json", to_json(report, report.folder_name).dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n"},
      {"report.md", *text},
      {"cells.csv", cells_csv(report)},
      {"comparisons.csv", comparisons_csv(report)}};
  if (std::string effects = effects_csv(report); !effects.empty()) files.emplace_back("effects.csv", std::move(effects));
  for (const Figure& figure : figures_of(report)) {
    files.emplace_back(figure.name + ".gp", figure.script);
    files.emplace_back(figure.name + ".csv", figure.csv);
  }
  return files;
}

Result<Done> note_written(const fs::path& report_folder) {
  OrderedJson files = OrderedJson::object();
  std::map<std::string, std::string> hashes;
  std::error_code failed;
  for (fs::directory_iterator it(report_folder, failed), end; !failed && it != end; it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (name == kWrittenList || !it->is_regular_file()) continue;
    const auto hash = sha256_of_file(it->path().string());
    if (!hash) return hash.error();
    hashes.emplace(name, *hash);
  }
  if (failed) return Error{fmt::format("{}: {}", report_folder.string(), failed.message())};
  for (const auto& [name, hash] : hashes) files[name] = hash;
  const OrderedJson list{{"schema", 1}, {"files", files}};
  return record::write_atomically(report_folder / kWrittenList, list.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
}

Result<std::map<std::string, std::string>> written_files(const fs::path& report_folder) {
  constexpr std::uintmax_t kLargest = 1 << 20;
  const fs::path file = report_folder / kWrittenList;
  const auto text = record::read_file(file, kLargest);
  if (!text) return text.error();
  const auto list = parse_json(*text);
  const Json files = list && list->is_object() ? list->value("files", Json()) : Json();
  if (!files.is_object()) return Error{fmt::format("{}: no list of files", file.string())};
  std::map<std::string, std::string> hashes;
  for (const auto& [name, hash] : files.items()) {
    if (hash.is_string()) hashes.emplace(name, hash.get<std::string>());
  }
  return hashes;
}

}  // namespace assay::reports
