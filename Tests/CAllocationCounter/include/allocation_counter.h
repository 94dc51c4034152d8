// Counts what a thread allocates, so that a test can say that something allocates nothing.
#ifndef TRIVET_ALLOCATION_COUNTER_H
#define TRIVET_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// Whether allocations are counted on this system. Not with musl, whose allocator can't be called under another name, and not with sanitizers, which
/// bring an allocator of their own.
bool allocations_are_counted(void);

/// How often the calling thread has asked the system for memory, by whatever function, since the first call of this one at the latest.
uint64_t allocations_of_this_thread(void);

#endif
