import Glibc

/// Keeps the daemon small on a box that has little memory.
///
/// The C library gives every thread a heap of its own and keeps what a large batch needed; both
/// are meant for servers that are busy all day. Its functions are looked up by name, because
/// Swift's Glibc module lacks `<malloc.h>`; where they are not there nothing is lost.
enum Heap {
    /// One heap for all threads: they wait for disks and lines and never compete for memory.
    static func staySmall() {
        typealias Mallopt = @convention(c) (Int32, Int32) -> Int32
        let arenaMax: Int32 = -8  // M_ARENA_MAX
        guard let symbol = dlsym(nil, "mallopt") else { return }
        _ = unsafeBitCast(symbol, to: Mallopt.self)(arenaMax, 1)
    }

    /// Returns to the system what the last batches needed.
    static func giveBack() {
        typealias Trim = @convention(c) (Int) -> Int32
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    }
}
