public import Attendance
import Glibc

/// A configuration that is being written: what is there is kept and only added to.
///
/// The file that is in force changes in one step, and only to a text that was read back without
/// a fault.
public struct ConfigurationDraft: Hashable, Sendable {
    public let path: String
    /// What is on disk; empty if there is nothing yet.
    public let old: String
    /// What is added behind it.
    public private(set) var added = ""

    /// - Throws: ``ConfigurationProblems`` if a file is there that cannot be read.
    public init(at path: String) throws(ConfigurationProblems) {
        self.path = path
        old = TextFile.read(path, limit: 1 << 20) ?? ""
        if old.isEmpty, access(path, F_OK) == 0, access(path, R_OK) != 0 {
            let reason = SystemError(path).reason
            throw ConfigurationProblems(
                path: path, errors: [.unreadable(path: path, reason: reason)])
        }
    }

    public var isNew: Bool { old.isEmpty }
    public var text: String { isNew ? added : old + (old.hasSuffix("\n") ? "" : "\n") + added }

    /// The first lines of a new file.
    public mutating func begin(office: OfficeID, zone: Zone) {
        added += "office   = \"\(office)\"\ntimezone = \"\(zone.ianaName)\"\n"
    }

    public mutating func add(server url: String) {
        added += "\n[server]\nurl = \(TerminalBlocks.quoted(url))\n"
    }

    /// - Parameter block: A section, as ``TerminalBlocks`` writes it.
    public mutating func add(section block: String) { added += "\n" + block }

    /// What the new text means.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong with it.
    public func checked() throws(ConfigurationProblems) -> Configuration {
        try Configuration(parsing: text, path: path)
    }

    /// Writes it down, unless nothing was added.
    public func save() throws {
        guard !added.isEmpty else { return }
        _ = try checked()
        mkdir(TextFile.folder(of: path), 0o755)
        do {
            try TextFile.write(text, to: path, mode: 0o644)
        } catch {
            throw StateError.unusable(path: path, reason: error.reason)
        }
    }
}
