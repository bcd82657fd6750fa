public import Attendance
import FoundationEssentials
import Glibc

/// What the daemon asks of the box it runs on: its clocks, its name, its disk.
///
/// Every answer is a closure, so a test brings a box of its own.
public struct Host: Sendable {
    /// The wall clock, which may be wrong.
    public var now: @Sendable () -> UTCTime
    /// Milliseconds since the box started, sleep included; never set, never goes back.
    public var uptime: @Sendable () -> Int64
    /// The kernel's name for this start of the box.
    public var bootID: String
    public var hostname: String
    /// Whether something keeps the wall clock right.
    public var isSynced: @Sendable () -> Bool

    public init(
        now: @escaping @Sendable () -> UTCTime, uptime: @escaping @Sendable () -> Int64,
        bootID: String, hostname: String, isSynced: @escaping @Sendable () -> Bool
    ) {
        self.now = now
        self.uptime = uptime
        self.bootID = bootID
        self.hostname = hostname
        self.isSynced = isSynced
    }

    /// The box itself.
    public static var system: Host {
        Host(
            now: { UTCTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
            uptime: { sinceStart() },
            bootID: TextFile.read("/proc/sys/kernel/random/boot_id", limit: 64)?.trimmedLine
                ?? "unknown",
            hostname: systemHostname(),
            isSynced: { clockIsSynced() })
    }

    /// On Linux the continuous clock is CLOCK_BOOTTIME, and its epoch is the start of the box.
    private static func sinceStart() -> Int64 {
        let up = (ContinuousClock.now - ContinuousClock().systemEpoch).components
        return up.seconds * 1_000 + up.attoseconds / 1_000_000_000_000_000
    }

    private static func systemHostname() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "unknown" }
        return String(
            decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The kernel's own flag, which chrony, ntpd and timesyncd all keep; where a sandbox hides it,
    /// the file that timesyncd leaves.
    ///
    /// `adjtimex` is looked up by name because Swift's Glibc module leaves `<sys/timex.h>` out. A
    /// `struct timex` of zeros (208 bytes) only asks, which needs no rights; the answer we want is
    /// what the call returns (adjtimex(2)).
    private static func clockIsSynced() -> Bool {
        typealias Adjtimex = @convention(c) (UnsafeMutableRawPointer?) -> Int32
        let notSynchronized: Int32 = 5  // TIME_ERROR
        if let symbol = dlsym(nil, "adjtimex") {
            let adjtimex = unsafeBitCast(symbol, to: Adjtimex.self)
            var question = [UInt64](repeating: 0, count: 64)
            let state = question.withUnsafeMutableBytes { adjtimex($0.baseAddress) }
            if state >= 0 { return state != notSynchronized }
        }
        return access("/run/systemd/timesync/synchronized", F_OK) == 0
    }
}

/// How full a disk is.
public struct DiskSpace: Hashable, Sendable {
    /// Bytes that are left for us, and bytes there are.
    public let free: Int64
    public let total: Int64
    /// Files that may be made still, and that there may be; zero of zero where nobody counts.
    public var freeFiles: Int64 = 0
    public var totalFiles: Int64 = 0
    public var isReadOnly = false

    public init(free: Int64, total: Int64) {
        self.free = free
        self.total = total
    }

    /// - Returns: nil if `path` cannot be looked at.
    public init?(at path: String) {
        var report = statvfs()
        guard statvfs(path, &report) == 0 else { return nil }
        let block = UInt64(report.f_frsize)
        free = Int64(clamping: UInt64(report.f_bavail).multipliedReportingOverflow(by: block).0)
        total = Int64(clamping: UInt64(report.f_blocks).multipliedReportingOverflow(by: block).0)
        freeFiles = Int64(clamping: report.f_favail)
        totalFiles = Int64(clamping: report.f_files)
        isReadOnly = report.f_flag & UInt(ST_RDONLY) != 0
    }
}
