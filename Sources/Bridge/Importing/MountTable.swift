import Glibc

/// What is mounted where, as `/proc/self/mountinfo` tells it (proc_pid_mountinfo(5)).
struct MountTable {
    struct Mount: Hashable, Sendable {
        /// The kernel's number of this mount, and major and minor number of the device.
        let id: String
        let device: String
        let point: String
        let type: String
    }

    let mounts: [Mount]

    /// File systems that sticks and the like have. A network share that hangs is none of them.
    static let types: Set<String> = [
        "vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "ext2", "ext3", "ext4", "f2fs",
        "iso9660", "udf", "hfsplus", "btrfs", "xfs", "tmpfs",
    ]

    init(_ text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            let fields = halves[0].split(separator: " ")
            guard fields.count >= 6, let type = halves[1].split(separator: " ").first else {
                return nil
            }
            return Mount(
                id: String(fields[0]), device: String(fields[2]),
                point: Self.unescaped(fields[4]), type: String(type))
        }
    }

    /// Sticks at or below one of these folders.
    func sticks(below roots: [String]) -> [Mount] {
        mounts.filter { mount in
            Self.types.contains(mount.type)
                && roots.contains { mount.point == $0 || mount.point.hasPrefix("\($0)/") }
        }
    }

    /// Blanks, tabs, newlines and backslashes are written as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Tells when the table of mounts may have changed: the kernel raises POLLPRI on it.
enum MountChanges {
    /// Also now and then without a change: a stick that could not be read is tried again.
    static let rescan = Duration.seconds(300)

    /// - Parameter path: The table; for a plain file only the slow rhythm is left.
    static func stream(of path: String, rescan: Duration = rescan) -> AsyncStream<Void> {
        let (stream, changes) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        var ends: [Int32] = [-1, -1]
        let table = open(path, O_RDONLY | O_CLOEXEC)
        guard table >= 0, pipe(&ends) == 0 else {
            changes.finish()
            return stream
        }
        let (stop, stopper) = (ends[0], ends[1])
        for end in ends { setUpForPolling(end) }
        changes.onTermination = { _ in close(stopper) }
        Thread {
            defer {
                close(table)
                close(stop)
            }
            let wait = Int32(clamping: rescan.milliseconds)
            while true {
                changes.yield()
                var polled = [
                    pollfd(fd: table, events: Int16(POLLPRI), revents: 0),
                    pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&polled, 2, wait) >= 0 || errno == EINTR else { return }
                if polled[1].revents != 0 { return }
            }
        }.start()
        return stream
    }
}
