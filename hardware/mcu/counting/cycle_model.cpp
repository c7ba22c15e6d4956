#include "hardware/mcu/counting/cycle_model.hpp"

#include <algorithm>
#include <cassert>

namespace assay::mcu {

namespace {

CycleBounds times(const CycleBounds& cost, std::uint64_t executions) {
  const double n = static_cast<double>(executions);
  return {n * cost.low, n * cost.nominal, n * cost.high};
}

CycleBounds always(double cycles) { return {cycles, cycles, cycles}; }

/// The address behind a line's instruction.
std::uint64_t behind(const Line& line) {
  return std::uint64_t{line.address} + static_cast<std::uint64_t>(line.instruction.bytes);
}

bool is_memory_access(Class kind) {
  switch (kind) {
    case Class::load: case Class::store: case Class::load_multiple: case Class::store_multiple:
    case Class::fp_load: case Class::fp_store: return true;
    default: return false;
  }
}

/// Of one register: what can share its data phase with a neighbour's address phase.
bool is_single_access(const Instruction& i) {
  return i.kind == Class::load || i.kind == Class::store ||
         ((i.kind == Class::fp_load || i.kind == Class::fp_store) && i.registers == 1);
}

bool is_data_processing(Class kind) {
  return kind == Class::alu || kind == Class::multiply || kind == Class::divide || kind == Class::fp_move;
}

/// Of a load or store that stands directly behind `before`, or behind a jump if that is null.
CycleBounds access(const Instruction& i, const Instruction* before) {
  CycleBounds cost = always(1.0 + i.registers);
  const bool neighbours = is_single_access(i) && before != nullptr && is_single_access(*before);
  const bool integer = i.kind == Class::load || i.kind == Class::store;
  if (neighbours) cost.low = 1;
  if (neighbours && integer && before->kind == Class::load && (before->loaded_registers & i.address_registers) == 0) {
    cost.nominal = 1;
  }
  if (i.kind == Class::store && !i.register_offset) cost.low = cost.nominal = 1;
  const bool literal = i.kind == Class::load && (i.address_registers & 1u << 15) != 0;
  if (literal || (before != nullptr && is_data_processing(before->kind))) cost.high += 1;
  return cost;
}

/// Of everything but branches, loads and stores.
CycleBounds computation(const Instruction& i) {
  switch (i.kind) {
    case Class::divide: return {2, 7, 12};
    case Class::fp_arithmetic: return {1, 1, 2};
    case Class::fp_multiply_accumulate: return {3, 3, 4};
    case Class::fp_divide_sqrt: return {1, 14, 15};
    case Class::fp_move: return always(std::max(1, i.registers));
    case Class::it: return {0, 1, 1};
    case Class::system: return {1, 1, 4};
    default: return always(1);
  }
}

CycleBounds branch(const Line& line) {
  const double words = line.instruction.registers;
  const CycleBounds taken = words > 0 ? CycleBounds{1 + words + 1, 1 + words + 3, 1 + words + 4} : CycleBounds{2, 3, 4};
  CycleBounds cycles = times(taken, line.taken);
  cycles += times(always(1), line.executions - line.taken);
  return cycles;
}

}  // namespace

std::vector<CycleBounds> cortex_m4_cycles_by_line(const Window& window, const WaitStates& waits) {
  std::vector<CycleBounds> all;
  all.reserve(window.lines.size());
  const Line* before = nullptr;
  for (const Line& line : window.lines) {
    if (before != nullptr && behind(*before) != line.address) before = nullptr;
    CycleBounds cycles;
    if (line.instruction.kind == Class::branch) {
      cycles = branch(line);
    } else if (is_memory_access(line.instruction.kind)) {
      const std::uint64_t in_order = before == nullptr ? 0 : std::min(line.executions, before->executions - before->taken);
      cycles = times(access(line.instruction, before == nullptr ? nullptr : &before->instruction), in_order);
      cycles += times(access(line.instruction, nullptr), line.executions - in_order);
    } else {
      cycles = times(computation(line.instruction), line.executions);
    }
    if (line.conditional && line.instruction.kind != Class::branch) {
      cycles.low = std::min(cycles.low, static_cast<double>(line.executions));
    }
    const double loads = static_cast<double>(line.flash_loads);
    cycles += {0, loads * waits.flash_load, loads * std::max(waits.flash_load, waits.flash_load_high)};
    assert(cycles.low <= cycles.nominal && cycles.nominal <= cycles.high);
    all.push_back(cycles);
    before = &line;
  }
  return all;
}

CycleBounds cortex_m4_cycles(const Window& window, const WaitStates& waits) {
  CycleBounds sum;
  for (const CycleBounds& line : cortex_m4_cycles_by_line(window, waits)) sum += line;
  return sum;
}

}  // namespace assay::mcu
