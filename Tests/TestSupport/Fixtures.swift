import Foundation
import Testing

/// Real bytes of real terminals, read in place from the folder named by `TITIAN_FIXTURES`.
///
/// The folder is not part of the project. With `TITIAN_REQUIRE_FIXTURES=1` its absence is a
/// failure; without it the tests that need it say that they are skipped.
public enum Fixtures {
    public static var folder: URL? {
        guard let path = ProcessInfo.processInfo.environment["TITIAN_FIXTURES"], !path.isEmpty
        else { return nil }
        return URL(fileURLWithPath: path, isDirectory: true)
    }

    /// Whether a suite that needs the fixtures should run: they are there, or must be.
    public static var areExpected: Bool {
        let mustExist = ProcessInfo.processInfo.environment["TITIAN_REQUIRE_FIXTURES"] == "1"
        let exist = folder.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
        return mustExist || exist
    }

    /// - Parameter path: Such as `zk/att40-one.hex`.
    public static func bytes(_ path: String) throws -> [UInt8] {
        let root = try #require(folder, "TITIAN_FIXTURES must name the folder of fixtures")
        return [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
    }

    public static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The first JSON block of a fixture's page: what it is expected to mean.
    public static func expectation(_ path: String) throws -> Any {
        let page = try text(path)
        let parts = page.components(separatedBy: "```json")
        let block = try #require(parts.dropFirst().first?.components(separatedBy: "```").first)
        return try JSONSerialization.jsonObject(with: Data(block.utf8))
    }
}

/// The project's own fixtures in `Tests/Fixtures`.
public func projectFixture(_ name: String, from file: String = #filePath) throws -> URL {
    var folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    while folder.lastPathComponent != "Tests", folder.path != "/" {
        folder.deleteLastPathComponent()
    }
    return folder.appendingPathComponent("Fixtures").appendingPathComponent(name)
}
