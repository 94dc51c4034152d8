#include "allocation_counter.h"

#include <errno.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define ALLOCATOR_IS_TAKEN 1
#endif
#endif

static _Thread_local uint64_t allocations;

#if defined(__APPLE__) && !defined(ALLOCATOR_IS_TAKEN)

#include <pthread.h>

// The system's allocator calls this for each allocation, as the tool `leaks` lets it.
typedef void allocation_logger(
    uint32_t kind, uintptr_t zone, uintptr_t size, uintptr_t other, uintptr_t result, uint32_t frames);
extern allocation_logger *malloc_logger;

static void count(
    uint32_t kind, uintptr_t zone, uintptr_t size, uintptr_t other, uintptr_t result, uint32_t frames) {
    if (kind & 2) allocations += 1;
}

static void install(void) { malloc_logger = count; }

bool allocations_are_counted(void) { return true; }

uint64_t allocations_of_this_thread(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    return allocations;
}

#elif defined(__linux__) && !defined(ALLOCATOR_IS_TAKEN)

#include <stdlib.h>

#if defined(__GLIBC__)

// What an executable defines, every library uses: these stand in the place of glibc's, and call it by its other names.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    allocations += 1;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    allocations += 1;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    allocations += 1;
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    allocations += 1;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
    void *result = memalign(alignment, size);
    if (result == NULL) return ENOMEM;
    *memory = result;
    return 0;
}

bool allocations_are_counted(void) { return true; }

#else

bool allocations_are_counted(void) { return false; }

#endif

uint64_t allocations_of_this_thread(void) { return allocations; }

#else

bool allocations_are_counted(void) { return false; }

uint64_t allocations_of_this_thread(void) { return allocations; }

#endif
