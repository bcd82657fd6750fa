import Attendance
import Exchange

/// The disk that holds the state folder: written at all, room, errors, wear, speed.
struct DiskChecks {
    private let tools: DoctorTools
    /// Less free space than this is worth a word; the journal of a year needs less.
    private static let lowDisk: Int64 = 200 << 20
    /// A journal makes three files; other programs make thousands.
    private static let fewFiles: Int64 = 1_000
    /// A good card keeps a few punches in 5 to 100 ms.
    private static let slowCommit: Int64 = 1_000

    init(_ tools: DoctorTools) {
        self.tools = tools
    }

    func look(_ visit: Doctor.Visit) -> CheckResult.Outcome {
        if let cause = visit.failed(.stateFolder) { return .skipped(because: cause) }
        let path = tools.state.path
        guard let disk = tools.disk(path) else { return .good("-") }
        if disk.isReadOnly {
            return .found([Finding(.fault, DoctorProblem.diskReadOnly(path: path).problem)])
        }
        let findings =
            [space(disk, path), files(disk, path)].compactMap(\.self) + health(path)
            + (slowness(visit.report).map { [$0] } ?? [])
        return CheckResult.Outcome(findings, orGood: "\(disk.free >> 20) MB free")
    }

    private func space(_ disk: DiskSpace, _ path: String) -> Finding? {
        guard disk.free < Self.lowDisk else { return nil }
        let problem = DoctorProblem.diskNearlyFull(path: path, freeMegabytes: disk.free >> 20)
        let severity: Finding.Severity = disk.free < Self.lowDisk / 20 ? .fault : .attention
        return Finding(severity, problem.problem, evidence: "\(disk.free) bytes")
    }

    /// A file system that counts no files (btrfs) says zero of zero.
    private func files(_ disk: DiskSpace, _ path: String) -> Finding? {
        guard disk.totalFiles > 0, disk.freeFiles < Self.fewFiles else { return nil }
        let problem = DoctorProblem.filesNearlyUsedUp(path: path, left: disk.freeFiles)
        let severity: Finding.Severity = disk.freeFiles < Self.fewFiles / 100 ? .fault : .attention
        return Finding(severity, problem.problem, evidence: "\(disk.freeFiles) inodes")
    }

    private func health(_ path: String) -> [Finding] {
        guard let health = tools.medium(path) else { return [] }
        var findings: [Finding] = []
        if health.errors > 0 {
            let problem = DoctorProblem.diskErrors(device: health.device, count: health.errors)
            findings.append(
                Finding(.fault, problem.problem, evidence: "errors_count \(health.errors)"))
        }
        if health.isWorn {
            let used = health.lifeUsed.map { "\($0) %" } ?? "-"
            let problem = DoctorProblem.cardWorn(device: health.device, used: used)
            findings.append(Finding(.attention, problem.problem, evidence: health.evidence))
        }
        return findings
    }

    private func slowness(_ report: StatusReport?) -> Finding? {
        guard let milliseconds = report?.journal.commitMilliseconds,
            milliseconds >= Self.slowCommit
        else { return nil }
        let problem = DoctorProblem.slowCommits(milliseconds: milliseconds)
        return Finding(.attention, problem.problem, evidence: "\(milliseconds) ms")
    }
}
