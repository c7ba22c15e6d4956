/* Assay's counters for workers in other languages: assay_worker.py loads libassay_counters.so through ctypes when the
 * environment variable ASSAY_COUNTERS names it. Counters never decide whether a worker runs: where they can't be had,
 * the JSON says why.
 *
 *     assay_counters *counters = assay_counters_open();       before the workload starts threads
 *     assay_counters_start(counters);                         around the timed block
 *     work();
 *     assay_counters_stop(counters);
 *     char text[4096];
 *     assay_counters_read(counters, text, sizeof text);       {"page_faults":3,"cpu_migrations":{"reason":"…"}}
 *     assay_counters_close(counters);
 */
#ifndef ASSAY_COUNTERS_H
#define ASSAY_COUNTERS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct assay_counters assay_counters;

/* Opens what this machine has. NULL only if memory ran out. One thread at a time may use the result. */
assay_counters *assay_counters_open(void);

/* Neither allocates; each costs a few system calls (some microseconds), so call them outside the clock readings. */
void assay_counters_start(assay_counters *counters);
void assay_counters_stop(assay_counters *counters);

/* Writes the last block's counters as one JSON object, zero-terminated and cut at `size`, and returns its whole length
 * without the zero, as snprintf does: a result of at least `size` means that the text was cut. 0 on failure.
 * Each name has a number (a total in SI units: task_clock_s, page_faults, …) or {"reason":"why it can't be had"}. */
size_t assay_counters_read(const assay_counters *counters, char *buffer, size_t size);

/* Accepts NULL. */
void assay_counters_close(assay_counters *counters);

#ifdef __cplusplus
}
#endif

#endif
