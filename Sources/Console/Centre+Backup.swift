import Attendance
public import Central
import FoundationEssentials
import Glibc

/// A backup that was made.
public struct CentreBackup: Hashable, Sendable {
    public let report: BackupReport
    /// It lies on the disk whose loss it is to survive.
    public let isOnSameDisk: Bool
    /// Older backups of the folder that were deleted.
    public let deleted: [String]
}

extension Centre {
    /// Writes a backup: the books as they are at one moment, the keys, and the configuration.
    ///
    /// `serve` may go on meanwhile.
    ///
    /// - Parameters:
    ///   - place: A file, or a folder in which the file gets a name with the moment in it.
    ///   - keep: How many backups stay in that folder, the new one included; nil for all.
    ///   - file: The configuration file, which goes with it.
    public func backup(
        to place: String, keep: Int? = nil, configurationFile file: String? = nil
    ) async throws -> CentreBackup {
        let now = Surroundings.host.now()
        let isFolder = place.hasSuffix("/") || FileFacts(place)?.isFolder == true
        let target = isFolder ? BackupFolder(place).newFile(at: now) : place
        let folder = try parent(of: target)
        let report = try await central.backup(
            to: "\(folder)/\(target.split(separator: "/").last ?? "")", with: keptFiles(file),
            by: Self.commandLine, at: now)
        let deleted = isFolder ? BackupFolder(folder).deleteOld(keeping: keep) : []
        return CentreBackup(
            report: report,
            isOnSameDisk: FileFacts(folder)?.device == FileFacts(self.folder.path)?.device,
            deleted: deleted)
    }

    /// The absolute path of the folder a file is to stand in.
    private func parent(of target: String) throws -> String {
        let end = target.lastIndex(of: "/")
        let name = end.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        guard let folder = FileFacts.realPath(name) else {
            throw BackupError.unwritable(name, reason: String(cString: strerror(errno)))
        }
        if let data = FileFacts.realPath(self.folder.path),
            folder == data || folder.hasPrefix(data + "/")
        {
            throw BackupError.insideData(target)
        }
        return folder
    }

    /// What has to come back with the books: who the centre is, and how it was set up.
    private func keptFiles(_ configurationFile: String?) -> [KeptFile] {
        let own = [
            ReceiptKey.fileName, TLSKeys.keyFile, TLSKeys.spareFile, TLSKeys.certificateFile,
        ]
        var files = own.compactMap { name in
            folder.read(name).map { KeptFile(name: name, bytes: $0) }
        }
        let given = [
            ("server.toml", configurationFile),
            ("given-certificate.pem", configuration.tls?.certificate),
            ("given-key.pem", configuration.tls?.key),
        ]
        for case (let name, let path?) in given {
            guard let bytes = FileManager.default.contents(atPath: path) else { continue }
            files.append(KeptFile(name: name, bytes: Array(bytes)))
        }
        return files
    }
}

/// A folder that backups are written to, one behind the other.
struct BackupFolder {
    let path: String

    init(_ path: String) {
        self.path = path
    }

    private static let start = "titian-server-"
    private static let end = ".backup"

    /// `titian-server-20261126T010203Z.backup`: names in the order of their moments.
    func newFile(at now: UTCTime) -> String {
        let stamp = now.description.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" }
        return path + (path.hasSuffix("/") ? "" : "/") + Self.start + stamp + "Z" + Self.end
    }

    /// Deletes what is older than the newest `keep`; only files that have a name of ours.
    func deleteOld(keeping keep: Int?) -> [String] {
        guard let keep, keep > 0,
            let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        else { return [] }
        let ours = names.filter { $0.hasPrefix(Self.start) && $0.hasSuffix(Self.end) }
        return ours.sorted().dropLast(keep).filter { unlink("\(path)/\($0)") == 0 }
    }
}
