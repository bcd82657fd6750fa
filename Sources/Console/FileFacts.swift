import FoundationEssentials
import Glibc

/// What the system says of a file or a folder.
struct FileFacts {
    let isFolder: Bool
    /// The disk it is on.
    let device: Int?

    /// nil if there is none.
    init?(_ path: String) {
        guard let real = Self.realPath(path),
            let facts = try? FileManager.default.attributesOfItem(atPath: real)
        else { return nil }
        isFolder = facts[.type] as? FileAttributeType == .typeDirectory
        device = Self.number(facts[.systemNumber])
    }

    /// The path without links and dots; nil if there is nothing.
    static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private static func number(_ value: Any?) -> Int? {
        (value as? any BinaryInteger).flatMap { Int(exactly: $0) }
    }
}
