internal import Glibc

/// Keeps what a program has in its memory – keys of terminals, an enrolment code, a password that
/// is just being checked – from being left on a disk when it crashes.
public enum PrivateMemory {
    /// Asks the kernel for no core dump of this process, wherever such dumps go on this box, and for
    /// no other process of the same user to look into it.
    ///
    /// A limit of zero alone would not do: where dumps are handed to a program (a `core_pattern`
    /// with `|`) the kernel does not look at it. `prctl` is looked up by name because Swift's Glibc
    /// module leaves out what has a variable number of arguments.
    public static func protect() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        guard let symbol = dlsym(nil, "prctl") else { return }
        let setDumpable: Int32 = 4  // PR_SET_DUMPABLE, prctl(2)
        _ = unsafeBitCast(symbol, to: Prctl.self)(setDumpable, 0, 0, 0, 0)
    }
}
