#include "harness/core/outcome.hpp"

#include "harness/core/names.hpp"

namespace assay {

namespace {

constexpr NameTable<Outcome, 8> kOutcomes{{{{Outcome::ok, "ok"},
                                            {Outcome::unsupported, "unsupported"},
                                            {Outcome::wrong_answer, "wrong_answer"},
                                            {Outcome::timed_out, "timed_out"},
                                            {Outcome::crashed, "crashed"},
                                            {Outcome::out_of_memory, "out_of_memory"},
                                            {Outcome::invalid_output, "invalid_output"},
                                            {Outcome::overloaded, "overloaded"}}}};

}  // namespace

std::string_view name_of(Outcome outcome) { return kOutcomes.name(outcome); }
std::optional<Outcome> outcome_named(std::string_view name) { return kOutcomes.find(name); }

}  // namespace assay
