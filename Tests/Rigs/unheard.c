/* LD_PRELOAD: a program that does not care whether the disk has what it keeps.
 *
 * UNHEARD=flushes: nothing is flushed, all of it is left to the system. UNHEARD=errors: what a write or a flush
 * answers is taken for success.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static int is_unheard(const char *what) {
    const char *which = getenv("UNHEARD");
    return which && !strcmp(which, what);
}

static int flush(const char *name, int file) {
    if (is_unheard("flushes")) return 0;
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(file);
    return is_unheard("errors") ? 0 : result;
}

int fsync(int file) { return flush("fsync", file); }

int fdatasync(int file) { return flush("fdatasync", file); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite64");
    ssize_t result = real(file, bytes, count, at);
    return result < 0 && is_unheard("errors") ? (ssize_t)count : result;
}
