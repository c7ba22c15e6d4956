// A plugin for qemu-system-arm: counts executed instructions by address, in windows that two addresses open and close.
//
//     qemu-system-arm … -plugin count_plugin_v1.so,begin=0x1a4,end=0x1b0,out=counts.txt,flash_end=0x400000
//
// A window opens when the instruction at `begin` is executed and closes when the one at `end` is; neither is counted. While
// a window is open, `begin` is an instruction like any other; while none is, `end` is nothing. Bit 0 of both addresses is
// ignored, so that a function's symbol can be given as it stands in the ELF. Each window is written when it closes:
//
//     window 1 instructions 6003
//     000001a6 2 1000 0 0          address (hexadecimal), bytes, executions, taken, flash loads; by address
//     …
//     end
//
// `taken`: how often the next executed instruction wasn't the one behind it. `flash loads`: words (or less) that it loaded
// from below `flash_end`; without that argument no load is looked at. What is written is flushed: a file whose last line
// isn't `end` is of an emulator that was killed. A window that never closes isn't written. FILE is truncated at the start.
// A comma in its name has to be doubled, as everywhere in QEMU's options.
//
// What counts as executed: what the emulator starts to execute. An instruction in an IT block whose condition fails is
// one of them, as on the processor, where it takes its cycle, and as in -icount, whose clock moves by every instruction
// of a block: the timer's count and this one agree. An instruction that QEMU begins twice (under -icount a device is only
// touched by the last instruction of a block, so a block that does it in its middle is translated anew) is reported once.
//
// QEMU's plugin header isn't packaged everywhere, so what is used of it is declared here. These functions have the same
// signatures in versions 1 to 5 of the interface (QEMU 6.1 to 10.2). QEMU takes a module whose qemu_plugin_version lies
// between its oldest and its newest: 0 to 1 up to QEMU 8.2, 2 and more since 9.0. So this file is compiled twice.
//
// Plain C: static C++ objects are gone before QEMU, on its way out, is done with its plugins, and it then hangs.
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ASSAY_QEMU_PLUGIN_VERSION
#error "ASSAY_QEMU_PLUGIN_VERSION: 1 for QEMU 6.1 to 8.2, 2 from 9.0 on"
#endif

#define EXPORTED __attribute__((visibility("default")))

// ---- QEMU's side ---------------------------------------------------------------------------------------------------------

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_CB_RW_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };

typedef struct qemu_info_t {
  const char* target_name;
  struct {
    int min;
    int cur;
  } version;
  _Bool system_emulation;
  union {
    struct {
      int smp_vcpus;
      int max_vcpus;
    } system;
  };
} qemu_info_t;

typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb* block);
typedef void (*qemu_plugin_vcpu_udata_cb_t)(unsigned int cpu, void* data);
typedef void (*qemu_plugin_vcpu_mem_cb_t)(unsigned int cpu, qemu_plugin_meminfo_t access, uint64_t address, void* data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t callback);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* block, size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* instruction);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn* instruction);
extern void* qemu_plugin_insn_haddr(const struct qemu_plugin_insn* instruction);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn* instruction, qemu_plugin_vcpu_udata_cb_t callback,
                                                   enum qemu_plugin_cb_flags flags, void* data);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* instruction, qemu_plugin_vcpu_mem_cb_t callback,
                                             enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw direction, void* data);
extern _Bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t access);
extern unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t access);

extern EXPORTED int qemu_plugin_version;
EXPORTED int qemu_plugin_version = ASSAY_QEMU_PLUGIN_VERSION;
EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv);

// ---- counts --------------------------------------------------------------------------------------------------------------

// One for each address that was ever translated. It never moves: translated code holds pointers to it.
typedef struct Record {
  uint64_t executions;
  uint64_t taken;
  uint64_t flash_loads;
  uint32_t address;
  uint32_t size;
} Record;

// Records by address: 1024 × 1024 pages of 4 KB, of which a program has some dozens. A block is translated again and again,
// under -icount at many lengths; each time it finds the same records. In order of address without sorting.
enum { kPages = 1024, kRecordsInPage = 2048 };
typedef struct Page {
  Record records[kRecordsInPage];
} Page;
static Page** pages[kPages];

static uint32_t begin_address, end_address;
static uint64_t flash_end;
static const char* file_name;
static FILE* file;

static _Bool window_is_open;
static unsigned long windows;
static Record* current;  // the last counted instruction of the open window; null behind `begin`

static void give_up(const char* what) {
  fprintf(stderr, "count_plugin: %s: %s; the emulator ends here, because its counts would be lost\n", what, strerror(errno));
  _Exit(EXIT_FAILURE);
}

static Record* record_of(uint64_t address) {
  Page*** table = &pages[address >> 22 & (kPages - 1)];
  if (*table == NULL && (*table = calloc(kPages, sizeof **table)) == NULL) give_up("no memory");
  Page** page = &(*table)[address >> 12 & (kPages - 1)];
  if (*page == NULL && (*page = calloc(1, sizeof **page)) == NULL) give_up("no memory");
  return &(*page)->records[address >> 1 & (kRecordsInPage - 1)];
}

/// Calls `visit` for every record that was executed in this window.
static void for_each_record(void (*visit)(Record*)) {
  for (int i = 0; i < kPages; ++i) {
    for (int j = 0; pages[i] != NULL && j < kPages; ++j) {
      for (int k = 0; pages[i][j] != NULL && k < kRecordsInPage; ++k) {
        if (pages[i][j]->records[k].executions != 0) visit(&pages[i][j]->records[k]);
      }
    }
  }
}

static unsigned long long window_instructions;
static void add_up(Record* record) { window_instructions += record->executions; }

static void write_and_clear(Record* record) {
  fprintf(file, "%08lx %lu %llu %llu %llu\n", (unsigned long)record->address, (unsigned long)record->size,
          (unsigned long long)record->executions, (unsigned long long)record->taken,
          (unsigned long long)record->flash_loads);
  record->executions = record->taken = record->flash_loads = 0;
}

static void close_window(void) {
  window_is_open = 0;
  window_instructions = 0;
  for_each_record(add_up);
  fprintf(file, "window %lu instructions %llu\n", ++windows, window_instructions);
  for_each_record(write_and_clear);
  fputs("end\n", file);
  if (fflush(file) != 0 || ferror(file)) give_up(file_name);
}

/// The instruction before this one jumped, unless this one stands right behind it.
static inline void arrive_at(const Record* record) {
  if (current != NULL && record->address != current->address + current->size) ++current->taken;
}

static void on_instruction(unsigned int cpu, void* data) {
  (void)cpu;
  if (!window_is_open) return;
  Record* record = data;
  arrive_at(record);
  ++record->executions;
  current = record;
}

static void on_begin(unsigned int cpu, void* data) {
  if (window_is_open) {
    on_instruction(cpu, data);
  } else {
    window_is_open = 1;
    current = NULL;
  }
}

static void on_end(unsigned int cpu, void* data) {
  (void)cpu;
  if (!window_is_open) return;
  arrive_at(data);
  close_window();
}

static void on_access(unsigned int cpu, qemu_plugin_meminfo_t access, uint64_t address, void* data) {
  (void)cpu;
  // Not of `begin` and `end`, whose loads come behind their execution.
  if (!window_is_open || data != current || address >= flash_end || qemu_plugin_mem_is_store(access)) return;
  // Versions differ in whether two registers are loaded as two words or as one of 64 bits.
  ((Record*)data)->flash_loads += qemu_plugin_mem_size_shift(access) > 2 ? 2 : 1;
}

/// 2 or 4, read from the instruction itself where it lies in memory. QEMU's own number is wrong for some at the end of a page
/// (1 KB on a Cortex-M): the translator looks at the halfword behind them, to see whether it is the first of two, and in
/// 7.2 that halfword is added to the instruction before.
static uint32_t size_of(const struct qemu_plugin_insn* instruction) {
  const unsigned char* bytes = qemu_plugin_insn_haddr(instruction);
  if (bytes == NULL) return (uint32_t)qemu_plugin_insn_size(instruction);
  return bytes[1] >> 3 >= 0x1d ? 4 : 2;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; ++i) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    const uint64_t address = qemu_plugin_insn_vaddr(instruction);
    Record* record = record_of(address);
    record->address = (uint32_t)address;
    record->size = size_of(instruction);
    qemu_plugin_vcpu_udata_cb_t callback = on_instruction;
    if (record->address == begin_address) callback = on_begin;
    if (record->address == end_address) callback = on_end;
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, callback, QEMU_PLUGIN_CB_NO_REGS, record);
    if (flash_end > 0 && callback != on_end) {
      // Loads and stores: when asked for loads alone, QEMU 7.2 reports stores alone.
      qemu_plugin_register_vcpu_mem_cb(instruction, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, record);
    }
  }
}

// ---- arguments -----------------------------------------------------------------------------------------------------------

/// False unless all of `text` is a number of at most 32 bits (2³² itself for an end), decimal or 0x….
static _Bool read_number(const char* text, uint64_t* number) {
  char* rest = NULL;
  errno = 0;
  *number = strtoull(text, &rest, 0);
  return errno == 0 && rest != text && *rest == '\0' && *text != '-' && *number <= (uint64_t)1 << 32;
}

static const char* value_of(const char* argument, const char* name) {
  const size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
  if (!info->system_emulation || strcmp(info->target_name, "arm") != 0 || info->system.smp_vcpus > 1) {
    fputs("count_plugin: counts on one emulated Arm processor; use qemu-system-arm with one CPU\n", stderr);
    return -1;
  }
  uint64_t begin = 0, end = 0;
  _Bool has_begin = 0, has_end = 0;
  for (int i = 0; i < argc; ++i) {
    const char* value = NULL;
    _Bool good = 1;
    if ((value = value_of(argv[i], "begin")) != NULL) {
      good = has_begin = read_number(value, &begin);
    } else if ((value = value_of(argv[i], "end")) != NULL) {
      good = has_end = read_number(value, &end);
    } else if ((value = value_of(argv[i], "flash_end")) != NULL) {
      good = read_number(value, &flash_end);
    } else if ((value = value_of(argv[i], "out")) != NULL) {
      file_name = value;
    } else {
      good = 0;
    }
    if (!good) {
      fprintf(stderr,
              "count_plugin: '%s' is not understood; give begin=0x…, end=0x…, out=FILE and, for loads, flash_end=0x…\n",
              argv[i]);
      return -1;
    }
  }
  begin_address = (uint32_t)begin & ~(uint32_t)1;
  end_address = (uint32_t)end & ~(uint32_t)1;
  if (!has_begin || !has_end || file_name == NULL || begin_address == end_address) {
    fputs("count_plugin: begin=0x… and end=0x…, two different addresses, and out=FILE are needed\n", stderr);
    return -1;
  }
  file = fopen(file_name, "w");
  if (file == NULL) {
    fprintf(stderr, "count_plugin: %s: %s\n", file_name, strerror(errno));
    return -1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
