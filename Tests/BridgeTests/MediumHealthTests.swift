import Foundation
import TestSupport
import Testing

@testable import Bridge

@Suite struct `The health of a card` {
    /// A tree as the kernel shows it for the second partition of an eMMC.
    private func tree(
        in folder: URL, age: String? = nil, spare: String? = nil, errors: String? = nil
    ) throws -> String {
        let disk = "devices/platform/mmc0/mmc0:0001/block/mmcblk0"
        func write(_ text: String?, _ path: String) throws {
            guard let text else { return }
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("\(text)\n".utf8).write(to: file)
        }
        try write("2", "\(disk)/mmcblk0p2/partition")
        try write(age, "\(disk)/device/life_time")
        try write(spare, "\(disk)/device/pre_eol_info")
        try write(errors, "fs/ext4/mmcblk0p2/errors_count")
        let blocks = folder.appendingPathComponent("dev/block")
        try FileManager.default.createDirectory(at: blocks, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: blocks.path + "/179:2",
            withDestinationPath: "../../\(disk)/mmcblk0p2")
        return folder.path
    }

    @Test(arguments: [
        ("0x01 0x02", "0x01", 20, 1, false), ("0x0a 0x03", "0x01", 100, 1, true),
        ("0x0b 0x0b", "0x03", 110, 3, true), ("0x00 0x00", "0x02", nil, 2, true),
    ])
    func `is what eMMC tells`(
        age: String, spare: String, used: Int?, left: Int, isWorn: Bool
    ) async throws {
        try await withTemporaryFolder { folder in
            let sys = try tree(in: folder, age: age, spare: spare)
            let health = try #require(MediumHealth(device: "179:2", sys: sys))
            #expect(health.device == "mmcblk0p2")
            #expect(health.lifeUsed == used)
            #expect(health.spareBlocks == left)
            #expect(health.isWorn == isWorn)
            #expect(health.errors == 0)
        }
    }

    @Test func `is good where an SD card tells nothing`() async throws {
        try await withTemporaryFolder { folder in
            let health = try #require(MediumHealth(device: "179:2", sys: tree(in: folder)))
            #expect(!health.isWorn)
        }
    }

    @Test func `counts the errors of its file system`() async throws {
        try await withTemporaryFolder { folder in
            let sys = try tree(in: folder, errors: "12")
            #expect(MediumHealth(device: "179:2", sys: sys)?.errors == 12)
        }
    }

    @Test func `is unknown where there is no device`() async throws {
        try await withTemporaryFolder { folder in
            #expect(MediumHealth(device: "0:45", sys: folder.path) == nil)
            #expect(MediumHealth(under: folder.path + "/none") == nil)
        }
    }

    @Test(arguments: [(0xB302, "179:2"), (0x2D, "0:45"), (0x10_0801, "8:257")])
    func `is found by the device's numbers`(device: UInt, text: String) {
        #expect(MediumHealth.numbers(of: device) == text)
    }
}
