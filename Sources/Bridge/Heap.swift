import Glibc

/// Keeps the daemon small on a box that has little memory.
///
/// The C library gives every thread a heap of its own and keeps what a large batch needed; both
/// are meant for servers that are busy all day.
enum Heap {
    /// One heap for all threads: they wait for disks and lines and never compete for memory.
    static func staySmall() {
        mallopt(M_ARENA_MAX, 1)
    }

    /// Returns to the system what the last batches needed.
    static func giveBack() {
        malloc_trim(0)
    }
}
