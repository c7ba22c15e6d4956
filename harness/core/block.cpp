#include "harness/core/block.hpp"

#include "harness/core/names.hpp"

namespace assay {

namespace {

constexpr NameTable<Role, 4> kRoles{
    {{{Role::plain, "plain"}, {Role::same, "same"}, {Role::slowed, "slowed"}, {Role::peak, "peak"}}}};
constexpr NameTable<Phase, 6> kPhases{{{{Phase::rehearsal, "rehearsal"},
                                        {Phase::warmup, "warmup"},
                                        {Phase::measure, "measure"},
                                        {Phase::tail, "tail"},
                                        {Phase::control, "control"},
                                        {Phase::simulated, "simulated"}}}};
constexpr NameTable<Mark, 3> kMarks{
    {{{kDisturbed, "disturbed"}, {kStolen, "stolen"}, {kAbandoned, "abandoned"}}}};

}  // namespace

std::string_view name_of(Role v) { return kRoles.name(v); }
std::string_view name_of(Phase v) { return kPhases.name(v); }
std::string_view name_of(Mark v) { return kMarks.name(v); }
std::optional<Role> role_named(std::string_view s) { return kRoles.find(s); }
std::optional<Phase> phase_named(std::string_view s) { return kPhases.find(s); }
std::optional<Mark> mark_named(std::string_view s) { return kMarks.find(s); }

}  // namespace assay
