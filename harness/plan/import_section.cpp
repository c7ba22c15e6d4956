// Results that were made elsewhere: `assay import` freezes an experiment in which [import] stands for the program.
//
//     [import]
//     source = "evaluate.py on the lab's A100"
//     date   = "2026-11-20"
//     by     = "Team X"
//     file   = "results.csv"                     # in the run folder's imported/
//     sha256 = "…"
//     format = "csv"
//     map    = ["precision=factor", "latency_ms=metric:latency_s:ms"]
#include "harness/plan/sections.hpp"

namespace assay::plan {

void read_import(const Section& root, Draft& draft) {
  const document::Table* table = root.table("import", "[import]");
  if (!table) return;
  draft.import_line = root.line_of("import");
  const Section section(*table, draft.import_line, "[import]", {"source", "date", "by", "file", "sha256", "format", "map"},
                        draft.mistakes);
  for (const auto& [key, example] : {std::pair("source", "source = \"evaluate.py on the lab's A100\""),
                                     std::pair("date", "date = \"2026-11-20\""), std::pair("by", "by = \"Team X\""),
                                     std::pair("file", "file = \"results.csv\""),
                                     std::pair("sha256", "sha256 = \"<64 hexadecimal digits>\""),
                                     std::pair("format", "format = \"csv\"")}) {
    const auto text = section.text(key, example);
    if (text && !text->empty()) continue;
    section.wrong(key, text ? "is empty" : "is missing", std::string("an imported number says where it is from, e.g. ") + example);
    return;
  }
  static_cast<void>(section.texts("map", "map = [\"precision=factor\"]"));
}

}  // namespace assay::plan
