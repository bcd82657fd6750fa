import Glibc

/// How worn the medium under a folder is, as far as the kernel tells in sysfs.
///
/// eMMC tells its age in `life_time` (two estimates in steps of ten percent) and its spare blocks in
/// `pre_eol_info` (1 normal, 2 warning, 3 urgent); SD cards tell neither. ext4 counts the errors
/// it has met until `e2fsck` has run. Sources: JESD84-B51 (7.4.37 to 7.4.39), the kernel's
/// Documentation/ABI/testing/sysfs-fs-ext4.
public struct MediumHealth: Hashable, Sendable {
    /// The disk or partition: `mmcblk0p2`.
    public var device: String
    /// Percent of its life that is used, at most; nil if it does not tell.
    public var lifeUsed: Int?
    public var spareBlocks: Int?
    /// Errors of the file system.
    public var errors: Int64

    public init(device: String, lifeUsed: Int? = nil, spareBlocks: Int? = nil, errors: Int64 = 0) {
        self.device = device
        self.lifeUsed = lifeUsed
        self.spareBlocks = spareBlocks
        self.errors = errors
    }

    /// Nine tenths of its life are over, or its spare blocks are going.
    public var isWorn: Bool { (lifeUsed ?? 0) > 90 || (spareBlocks ?? 1) >= 2 }

    var evidence: String {
        "life_time \(lifeUsed.map { "\($0) %" } ?? "-"), pre_eol_info \(spareBlocks ?? 0)"
    }

    /// - Parameters:
    ///   - path: Any file on the medium.
    ///   - sys: Where sysfs is; another folder in tests.
    /// - Returns: nil where there is no block device of its own (tmpfs, overlay).
    public init?(under path: String, sys: String = "/sys") {
        var report = stat()
        guard stat(path, &report) == 0 else { return nil }
        self.init(device: Self.numbers(of: report.st_dev), sys: sys)
    }

    /// - Parameter numbers: `179:2`, major and minor.
    init?(device numbers: String, sys: String) {
        guard let real = realpath("\(sys)/dev/block/\(numbers)", nil) else { return nil }
        defer { free(real) }
        let folder = String(cString: real)
        guard let name = folder.split(separator: "/").last else { return nil }
        device = String(name)
        errors = Self.number("\(sys)/fs/ext4/\(name)/errors_count").flatMap(Int64.init) ?? 0
        // A partition lies in the folder of its disk.
        let disks = [folder, TextFile.folder(of: folder)].map { "\($0)/device" }
        let ages = disks.lazy.compactMap { Self.words("\($0)/life_time") }.first ?? []
        lifeUsed = ages.compactMap(Self.hexadecimal).max().flatMap { $0 > 0 ? $0 * 10 : nil }
        spareBlocks = disks.lazy.compactMap { Self.words("\($0)/pre_eol_info")?.first }.first
            .flatMap(Self.hexadecimal)
    }

    /// As sysfs writes it; major(3) and minor(3), which are macros.
    static func numbers(of device: dev_t) -> String {
        let bits = UInt64(device)
        let major = (bits & 0xF_FF00) >> 8 | (bits & 0xFFFF_F000_0000_0000) >> 32
        let minor = bits & 0xFF | (bits & 0xFFF_FFF0_0000) >> 12
        return "\(major):\(minor)"
    }

    private static func words(_ path: String) -> [Substring]? {
        TextFile.read(path, limit: 4_096).map { $0.trimmedLine.split(separator: " ") }
    }

    private static func number(_ path: String) -> String? {
        TextFile.read(path, limit: 4_096)?.trimmedLine
    }

    /// `0x0b`: eleven.
    private static func hexadecimal(_ text: Substring) -> Int? {
        guard text.hasPrefix("0x") else { return nil }
        return UInt8(text.dropFirst(2), radix: 16).map(Int.init)
    }
}
