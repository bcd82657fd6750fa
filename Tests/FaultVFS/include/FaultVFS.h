#pragma once
#include <stdint.h>

/// A disk that can fail: an SQLite VFS over the real files which remembers what has been synced.
///
/// One connection at a time uses a disk. Steps are writes, syncs, truncations and deletions.
typedef struct fault_disk fault_disk;

enum fault_kind {
    FAULT_NONE = 0,
    /// The power goes at the step: it may have happened in part, nothing after it happens.
    FAULT_POWER,
    /// The step answers EIO. What a failed sync should have written never reaches the disk.
    FAULT_EIO,
    /// The step answers ENOSPC.
    FAULT_FULL,
    /// A write stops half way and answers ENOSPC.
    FAULT_SHORT,
};

/// Registers the disk as an SQLite VFS of this name; NULL without memory.
fault_disk *fault_disk_create(const char *name);
/// Takes the VFS away again. No connection may use it any more.
void fault_disk_destroy(fault_disk *disk);
/// The fault comes at the `nth` step from now, the first being 1, and lasts for `count` steps.
void fault_disk_arm(fault_disk *disk, enum fault_kind kind, int64_t nth, int64_t count);
/// Steps since the disk was armed.
int64_t fault_disk_steps(const fault_disk *disk);
/// How often the fault came.
int64_t fault_disk_struck(const fault_disk *disk);
/// Puts on the real files what a power cut may have left, after the connection was closed.
///
/// Seed 0 drops all unsynced writes, 1 keeps all; every other one keeps a subset of its own, some
/// of it torn at sectors of 512 bytes.
/// Returns 0, or -1 if a file could not be written.
int fault_disk_settle(fault_disk *disk, uint64_t seed);
