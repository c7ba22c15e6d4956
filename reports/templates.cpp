#include "reports/templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <set>
#include <vector>

#include "harness/record/run_folder.hpp"

namespace assay::reports {

namespace {

namespace ms = kainjow::mustache;

ms::data mustache_data(const Json& value) {
  if (value.is_object()) {
    ms::data object(ms::data::type::object);
    for (const auto& [name, item] : value.items()) object.set(name, mustache_data(item));
    return object;
  }
  if (value.is_array()) {
    ms::data list(ms::data::type::list);
    for (const Json& item : value) list.push_back(mustache_data(item));
    return list;
  }
  if (value.is_boolean()) return ms::data(value.get<bool>());
  return ms::data(value.is_string() ? value.get<std::string>() : std::string());
}

/// Looks up tags and remembers those that don't exist: the library renders them as nothing.
class StrictContext : public ms::context<std::string> {
public:
  StrictContext(const ms::data* data, const std::map<std::string, ms::data>& partials)
      : ms::context<std::string>(data), partials_(partials) {}

  const ms::data* get(const std::string& name) const override {
    const ms::data* found = ms::context<std::string>::get(name);
    if (!found) missing_.insert("{{" + name + "}}");
    return found;
  }
  const ms::data* get_partial(const std::string& name) const override {
    const auto found = partials_.find(name);
    if (found != partials_.end()) return &found->second;
    missing_.insert("{{> " + name + "}}");
    return nullptr;
  }
  const std::set<std::string>& missing() const { return missing_; }

private:
  const std::map<std::string, ms::data>& partials_;
  mutable std::set<std::string> missing_;
};

constexpr std::string_view kSuffix = ".mustache";

}  // namespace

Result<Templates> Templates::open(const std::filesystem::path& folder) {
  std::error_code error;
  std::map<std::string, std::string> texts;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string file = it->path().filename().string();
    if (!file.ends_with(kSuffix)) continue;
    auto text = record::read_file(it->path(), 1 << 20);
    if (!text) return text.error();
    texts.emplace(file.substr(0, file.size() - kSuffix.size()), *std::move(text));
  }
  if (error)
    return Error{fmt::format("{}: {}; the templates of reports stand in share/assay/templates beside bin/",
                             folder.string(), error.message())};
  if (texts.empty())
    return Error{fmt::format(
        "{}: no *.mustache file; the templates of reports stand in share/assay/templates", folder.string())};
  return Templates(std::move(texts));
}

Result<std::string> Templates::render(const std::string& name, const Json& view,
                                      const std::function<std::string(const std::string&)>& escape) const {
  const auto text = texts_.find(name);
  if (text == texts_.end()) return Error{fmt::format("template '{}{}' is missing", name, kSuffix)};
  std::map<std::string, ms::data> partials;
  for (const auto& [key, partial] : texts_) {
    // The library keeps the line break behind {{> name}}: it is the partial's last one.
    partials.emplace(key,
                     ms::data(partial.ends_with('\n') ? partial.substr(0, partial.size() - 1) : partial));
  }
  ms::mustache compiled(text->second);
  compiled.set_custom_escape(escape);
  const ms::data data = mustache_data(view);
  StrictContext context(&data, partials);
  std::string rendered;
  if (compiled.is_valid()) rendered = compiled.render(context);
  if (!compiled.is_valid())
    return Error{fmt::format("template '{}{}': {}", name, kSuffix, compiled.error_message())};
  if (!context.missing().empty()) {
    return Error{fmt::format("template '{}{}' or one of its partials uses {}, which no report has", name,
                             kSuffix, fmt::join(context.missing(), ", "))};
  }
  return rendered;
}

}  // namespace assay::reports
