// Counts every allocation of the process, by standing before the C library's own functions.
#include "CFuzzer.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static _Atomic int64_t now, most;

static void *taken(void *block) {
    if (!block) return block;
    int64_t size = (int64_t)malloc_usable_size(block);
    int64_t sum = atomic_fetch_add_explicit(&now, size, memory_order_relaxed) + size;
    if (sum > atomic_load_explicit(&most, memory_order_relaxed))
        atomic_store_explicit(&most, sum, memory_order_relaxed);
    return block;
}

static void given(void *block) {
    if (!block) return;
    int64_t size = (int64_t)malloc_usable_size(block);
    atomic_fetch_sub_explicit(&now, size, memory_order_relaxed);
}

void *malloc(size_t size) { return taken(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return taken(__libc_calloc(count, size)); }
void *memalign(size_t alignment, size_t size) {
    return taken(__libc_memalign(alignment, size));
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}
void free(void *block) {
    given(block);
    __libc_free(block);
}
// While a block moves, both copies are there.
void *realloc(void *block, size_t size) {
    if (!block) return malloc(size);
    int64_t old = (int64_t)malloc_usable_size(block);
    void *moved = __libc_realloc(block, size);
    if (moved || size == 0) {
        taken(moved);
        atomic_fetch_sub_explicit(&now, old, memory_order_relaxed);
    }
    return moved;
}

void memory_begin(void) {
    atomic_store(&now, 0);
    atomic_store(&most, 0);
}

int64_t memory_most(void) { return atomic_load(&most); }
