#include "FaultVFS.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the disk holds for certain, and what was written since the last sync.

typedef struct change {
    struct change *next;
    int is_truncation;
    int64_t offset;
    int64_t length;
    unsigned char bytes[];
} change;

typedef struct image {
    struct image *next;
    char *path;
    unsigned char *bytes;  // as of the last sync
    int64_t size;
    int exists;       // for certain
    int is_deleted;   // but that is not certain yet
    change *first, **last;
} image;

struct fault_disk {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    image *images;
    enum fault_kind kind;
    int64_t nth, count, steps, struck;
    int is_off;
};

typedef struct {
    sqlite3_file base;
    fault_disk *disk;
    image *image;  // NULL for files whose loss does not matter
    sqlite3_file *real;
} file;

static int resize(image *image, int64_t size) {
    unsigned char *bytes = realloc(image->bytes, size > 0 ? (size_t)size : 1);
    if (!bytes) return SQLITE_NOMEM;
    if (size > image->size) memset(bytes + image->size, 0, (size_t)(size - image->size));
    image->bytes = bytes;
    image->size = size;
    return SQLITE_OK;
}

static int apply(image *image, const change *change) {
    if (change->is_truncation) return resize(image, change->length);
    int64_t end = change->offset + change->length;
    if (end > image->size && resize(image, end)) return SQLITE_NOMEM;
    memcpy(image->bytes + change->offset, change->bytes, (size_t)change->length);
    return SQLITE_OK;
}

static void forget(image *image) {
    for (change *change = image->first, *next; change; change = next) {
        next = change->next;
        free(change);
    }
    image->first = NULL;
    image->last = &image->first;
}

static int note(image *image, int is_truncation, int64_t offset, const void *bytes, int64_t length) {
    if (!image) return SQLITE_OK;
    size_t kept = is_truncation ? 0 : (size_t)length;
    change *noted = malloc(sizeof *noted + kept);
    if (!noted) return SQLITE_NOMEM;
    *noted = (change){NULL, is_truncation, offset, length};
    memcpy(noted->bytes, bytes ? bytes : "", kept);
    *image->last = noted;
    image->last = &noted->next;
    return SQLITE_OK;
}

static int sync_image(image *image) {
    if (!image) return SQLITE_OK;
    for (change *change = image->first; change; change = change->next)
        if (apply(image, change)) return SQLITE_NOMEM;
    image->exists = !image->is_deleted;
    forget(image);
    return SQLITE_OK;
}

/// What stands in the file when it is first seen is on the disk.
static int load(image *image) {
    int descriptor = open(image->path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return SQLITE_OK;
    off_t size = lseek(descriptor, 0, SEEK_END);
    int result = size < 0 ? SQLITE_IOERR : resize(image, size);
    if (result == SQLITE_OK && pread(descriptor, image->bytes, (size_t)size, 0) != size)
        result = SQLITE_IOERR;
    close(descriptor);
    image->exists = 1;
    return result;
}

static image *find(fault_disk *disk, const char *path) {
    for (image *image = disk->images; image; image = image->next)
        if (strcmp(image->path, path) == 0) return image;
    return NULL;
}

static image *image_of(fault_disk *disk, const char *path) {
    image *known = find(disk, path);
    if (known) return known;
    image *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    made->last = &made->first;
    made->path = strdup(path);
    if (!made->path || load(made)) {
        free(made->path);
        free(made->bytes);
        free(made);
        return NULL;
    }
    made->next = disk->images;
    disk->images = made;
    return made;
}

// Steps.

/// Counts a step; the fault that it meets.
static enum fault_kind step(fault_disk *disk) {
    if (disk->is_off) return FAULT_POWER;
    disk->steps++;
    int is_due = disk->steps >= disk->nth && disk->steps - disk->nth < disk->count;
    if (disk->kind == FAULT_NONE || !is_due) return FAULT_NONE;
    disk->struck++;
    if (disk->kind == FAULT_POWER) disk->is_off = 1;
    return disk->kind;
}

static int on_write(sqlite3_file *opened, const void *bytes, int length, sqlite3_int64 offset) {
    file *self = (file *)opened;
    if (self->disk->is_off) return SQLITE_IOERR_WRITE;
    int result = SQLITE_OK, failure = SQLITE_OK;
    switch (step(self->disk)) {
    case FAULT_NONE: break;
    case FAULT_POWER: failure = SQLITE_IOERR_WRITE; break;
    case FAULT_EIO: return SQLITE_IOERR_WRITE;
    case FAULT_FULL: return SQLITE_FULL;
    case FAULT_SHORT:
        length /= 2;
        failure = SQLITE_FULL;
        break;
    }
    result = note(self->image, 0, offset, bytes, length);
    if (result) return result;
    result = self->real->pMethods->xWrite(self->real, bytes, length, offset);
    return result ? result : failure;
}

static int on_truncate(sqlite3_file *opened, sqlite3_int64 size) {
    file *self = (file *)opened;
    if (self->disk->is_off) return SQLITE_IOERR_TRUNCATE;
    enum fault_kind fault = step(self->disk);
    if (fault != FAULT_NONE && fault != FAULT_POWER) return SQLITE_IOERR_TRUNCATE;
    int result = note(self->image, 1, 0, NULL, size);
    if (result) return result;
    result = self->real->pMethods->xTruncate(self->real, size);
    return result ? result : fault == FAULT_POWER ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int on_sync(sqlite3_file *opened, int flags) {
    file *self = (file *)opened;
    (void)flags;
    switch (step(self->disk)) {
    case FAULT_NONE: return sync_image(self->image);
    case FAULT_POWER: return SQLITE_IOERR_FSYNC;
    default:
        // Linux takes pages whose writing failed for clean: the next sync says that all is well.
        if (self->image) forget(self->image);
        return SQLITE_IOERR_FSYNC;
    }
}

static int on_read(sqlite3_file *opened, void *bytes, int length, sqlite3_int64 offset) {
    file *self = (file *)opened;
    if (self->disk->is_off) return SQLITE_IOERR_READ;
    return self->real->pMethods->xRead(self->real, bytes, length, offset);
}

// The rest goes through.

#define REAL(opened) (((file *)(opened))->real)
#define METHODS(opened) REAL(opened)->pMethods

static int on_close(sqlite3_file *opened) {
    int result = METHODS(opened)->xClose(REAL(opened));
    free(REAL(opened));
    return result;
}
static int on_size(sqlite3_file *f, sqlite3_int64 *size) { return METHODS(f)->xFileSize(REAL(f), size); }
static int on_lock(sqlite3_file *f, int level) { return METHODS(f)->xLock(REAL(f), level); }
static int on_unlock(sqlite3_file *f, int level) { return METHODS(f)->xUnlock(REAL(f), level); }
static int on_reserved(sqlite3_file *f, int *out) { return METHODS(f)->xCheckReservedLock(REAL(f), out); }
static int on_sector(sqlite3_file *f) { return METHODS(f)->xSectorSize(REAL(f)); }
static int on_traits(sqlite3_file *f) { return METHODS(f)->xDeviceCharacteristics(REAL(f)); }
static int on_control(sqlite3_file *f, int op, void *argument) {
    // Growing ahead would write behind our back.
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_NOTFOUND;
    return METHODS(f)->xFileControl(REAL(f), op, argument);
}
static int on_map(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
    return METHODS(f)->xShmMap(REAL(f), page, size, extend, out);
}
static int on_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return METHODS(f)->xShmLock(REAL(f), offset, n, flags);
}
static void on_barrier(sqlite3_file *f) { METHODS(f)->xShmBarrier(REAL(f)); }
static int on_unmap(sqlite3_file *f, int is_deleted) { return METHODS(f)->xShmUnmap(REAL(f), is_deleted); }

static const sqlite3_io_methods methods = {
    2, on_close, on_read, on_write, on_truncate, on_sync, on_size, on_lock, on_unlock, on_reserved,
    on_control, on_sector, on_traits, on_map, on_shm_lock, on_barrier, on_unmap, NULL, NULL,
};

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *opened, int flags, int *out) {
    fault_disk *disk = (fault_disk *)vfs;
    file *self = (file *)opened;
    memset(self, 0, sizeof *self);
    if (disk->is_off) return SQLITE_CANTOPEN;
    self->disk = disk;
    // Read before the real open, which may create the file; temporary files have no name.
    if (name && !(self->image = image_of(disk, name))) return SQLITE_NOMEM;
    self->real = calloc(1, (size_t)disk->real->szOsFile);
    if (!self->real) return SQLITE_NOMEM;
    int result = disk->real->xOpen(disk->real, name, self->real, flags, out);
    if (result) {
        free(self->real);
        return result;
    }
    if (self->image && self->image->is_deleted) {
        self->image->is_deleted = 0;
        result = note(self->image, 1, 0, NULL, 0);
    }
    self->base.pMethods = &methods;
    return result;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int is_synced) {
    fault_disk *disk = (fault_disk *)vfs;
    enum fault_kind fault = step(disk);
    if (fault != FAULT_NONE) return SQLITE_IOERR_DELETE;
    int result = disk->real->xDelete(disk->real, name, is_synced);
    image *gone = find(disk, name);
    if (result == SQLITE_OK && gone) {
        gone->is_deleted = 1;
        if (is_synced) {
            forget(gone);
            gone->exists = 0;
            gone->size = 0;
        }
    }
    return result;
}

// The state after a power cut.

static uint64_t dice(uint64_t *state) {  // splitmix64
    uint64_t mixed = (*state += 0x9E3779B97F4A7C15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

/// Keeps some sectors of a write and not others.
static int apply_torn(image *image, const change *whole, uint64_t *state) {
    for (int64_t done = 0; done < whole->length;) {
        int64_t end = (whole->offset + done) / 512 * 512 + 512 - whole->offset;
        if (end > whole->length) end = whole->length;
        if (dice(state) & 1) {
            int64_t stop = whole->offset + end;
            if (stop > image->size && resize(image, stop)) return SQLITE_NOMEM;
            memcpy(image->bytes + whole->offset + done, whole->bytes + done, (size_t)(end - done));
        }
        done = end;
    }
    return SQLITE_OK;
}

/// A cache writes a sector's newest content, so of what was written the order stays; what reached
/// the disk before the cut and what did not is the cache's choice.
static int settle(image *image, uint64_t seed, uint64_t *state) {
    int result = SQLITE_OK;
    for (change *change = image->first; change && !result; change = change->next) {
        uint64_t roll = dice(state) % 4;
        if (seed == 0 || (seed != 1 && roll == 0)) continue;
        image->exists = 1;
        if (seed != 1 && roll == 1 && !change->is_truncation)
            result = apply_torn(image, change, state);
        else
            result = apply(image, change);
    }
    if (image->is_deleted && (seed == 1 || (seed != 0 && dice(state) & 1))) image->exists = 0;
    forget(image);
    image->is_deleted = !image->exists;
    return result;
}

static int put(const image *image) {
    if (!image->exists) {
        unlink(image->path);
        return 0;
    }
    int descriptor = open(image->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return -1;
    int64_t done = 0;
    while (done < image->size) {
        ssize_t written = write(descriptor, image->bytes + done, (size_t)(image->size - done));
        if (written <= 0) break;
        done += written;
    }
    close(descriptor);
    return done == image->size ? 0 : -1;
}

int fault_disk_settle(fault_disk *disk, uint64_t seed) {
    uint64_t state = seed;
    for (image *image = disk->images; image; image = image->next) {
        if (settle(image, seed, &state) || put(image)) return -1;
        size_t length = strlen(image->path);
        // The index of a shared WAL lies in memory and does not survive.
        char index[length + 5];
        snprintf(index, sizeof index, "%s-shm", image->path);
        unlink(index);
    }
    fault_disk_arm(disk, FAULT_NONE, 0, 0);
    disk->is_off = 0;
    return 0;
}

// The disk itself.

fault_disk *fault_disk_create(const char *name) {
    fault_disk *disk = calloc(1, sizeof *disk);
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    char *copy = strdup(name);
    if (!disk || !real || !copy) {
        free(disk);
        free(copy);
        return NULL;
    }
    disk->vfs = *real;  // names, times and randomness are the real one's
    disk->vfs.pNext = NULL;
    disk->vfs.iVersion = 1;
    disk->vfs.zName = copy;
    disk->vfs.szOsFile = sizeof(file);
    disk->vfs.xOpen = on_open;
    disk->vfs.xDelete = on_delete;
    disk->real = real;
    if (sqlite3_vfs_register(&disk->vfs, 0)) {
        free(copy);
        free(disk);
        return NULL;
    }
    return disk;
}

void fault_disk_destroy(fault_disk *disk) {
    sqlite3_vfs_unregister(&disk->vfs);
    for (image *image = disk->images, *next; image; image = next) {
        next = image->next;
        forget(image);
        free(image->bytes);
        free(image->path);
        free(image);
    }
    free((char *)disk->vfs.zName);
    free(disk);
}

void fault_disk_arm(fault_disk *disk, enum fault_kind kind, int64_t nth, int64_t count) {
    disk->kind = kind;
    disk->nth = nth;
    disk->count = count;
    disk->steps = disk->struck = 0;
}

int64_t fault_disk_steps(const fault_disk *disk) { return disk->steps; }
int64_t fault_disk_struck(const fault_disk *disk) { return disk->struck; }
