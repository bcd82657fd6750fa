import Attendance

/// What is wrong in an office, and since when: rules over what is known, without a clock or a
/// store of their own.
enum Health {
    /// A bridge calls every five minutes at least; three calls may be lost.
    static let silence: Int64 = 16 * 60_000
    /// How old an entry may grow in a bridge's queue.
    static let queueAge: Int64 = 30 * 60_000
    static let day: Int64 = 86_400_000
    /// How long a flag, a fork and a clone are shown after they were last seen.
    static let flagMemory = 7 * day
    static let forkMemory = day
    static let cloneMemory = 7 * day
    /// A daemon that has just started may need this long to reach its terminals.
    static let startPatience: Int64 = 10 * 60_000

    /// What the store counted beside the statuses.
    struct Notes: Hashable {
        var flaggedSince: UTCTime?
        var flaggedLast: UTCTime?
        var cloneLast: UTCTime?
        /// The first entry about a terminal of another office.
        var waitingSince: UTCTime?
        /// The last time a bridge was shut out, and why.
        var revoked: Revoked?
    }

    struct Revoked: Hashable {
        let at: UTCTime
        let reason: String
    }

    /// Everything that is wrong, hardest first. Nothing is wrong in an office of which nothing is
    /// expected.
    static func causes(
        office: Office, bridges: [BridgeRow], terminals: [TerminalRow], notes: Notes,
        at now: UTCTime
    ) -> [Cause] {
        guard office.stage.isExpectedToReport else { return [] }
        guard !bridges.isEmpty else { return [noBridge(office, notes)] }
        var causes = bridges.flatMap { Self.causes(of: $0, notes: notes, at: now) }
        // A bridge that is silent tells nothing new about its terminals.
        let silent = Set(bridges.filter { isSilent($0, at: now) }.map(\.id))
        for terminal in terminals where !silent.contains(terminal.bridge) {
            causes += Self.causes(of: terminal, at: now)
        }
        causes += Self.causes(of: notes, at: now)
        return causes.sorted { ($0.code.place, $0.since) < ($1.code.place, $1.since) }
    }

    private static func noBridge(_ office: Office, _ notes: Notes) -> Cause {
        guard let revoked = notes.revoked else { return Cause(.notEnrolled, since: office.addedAt) }
        let why = Text(id: "Alasan: \(revoked.reason).", en: "Reason: \(revoked.reason).")
        return Cause(.revoked, words: revoked.reason.isEmpty ? nil : why, since: revoked.at)
    }

    static func isSilent(_ bridge: BridgeRow, at now: UTCTime) -> Bool {
        guard let heard = bridge.lastHeard else { return true }
        return now.milliseconds - heard.milliseconds > silence
    }

    private static func causes(of bridge: BridgeRow, notes: Notes, at now: UTCTime) -> [Cause] {
        guard let heard = bridge.lastHeard else {
            return [Cause(.neverHeard, since: bridge.enrolledAt)]
        }
        var causes: [Cause] = []
        if let since = bridge.cloneSince, isRecent(notes.cloneLast, cloneMemory, now) {
            causes.append(Cause(.clone, since: since))
        }
        if let at = bridge.forkedAt, isRecent(at, forkMemory, now) {
            causes.append(Cause(.forked, since: at))
        }
        if isSilent(bridge, at: now) { return causes + [Cause(.silent, since: heard)] }
        if let oldest = bridge.oldestUnsent, bridge.queue > 0,
            now.milliseconds - oldest.milliseconds > queueAge
        {
            causes.append(Cause(.queueOld, since: oldest))
        }
        if let since = bridge.hostUnsyncedSince, !bridge.hostSynced {
            causes.append(Cause(.hostUnsynced, since: since))
        }
        // Below a twentieth, and below a size that a fuller disk would still work with.
        if bridge.diskTotal > 0, bridge.diskFree < bridge.diskTotal / 20,
            bridge.diskFree < 1 << 30
        {
            causes.append(Cause(.diskNearlyFull, since: heard))
        }
        return causes
    }

    private static func causes(of terminal: TerminalRow, at now: UTCTime) -> [Cause] {
        var causes: [Cause] = []
        let since = terminal.since ?? terminal.lastContact ?? now
        switch terminal.state {
        case "lost":
            causes.append(cause(.terminalLost, terminal, since: since))
        case "blocked":
            causes.append(cause(.terminalBlocked, terminal, since: since))
        case "starting" where now.milliseconds - since.milliseconds > startPatience:
            causes.append(cause(.terminalLost, terminal, since: since))
        default:
            break
        }
        if let since = terminal.clockOffSince {
            causes.append(Cause(.clockOff, terminal: terminal.name, since: since))
        }
        if terminal.holes > 0, let end = terminal.completeThrough {
            causes.append(Cause(.coverageHole, terminal: terminal.name, since: end))
        }
        if let records = terminal.records, let capacity = terminal.recordCapacity, capacity > 0,
            records / 9 > capacity / 10
        {
            causes.append(
                Cause(.logNearlyFull, terminal: terminal.name, since: terminal.lastRead ?? since))
        }
        return causes
    }

    private static func cause(
        _ code: Cause.Code, _ terminal: TerminalRow, since: UTCTime
    ) -> Cause {
        Cause(
            code, terminal: terminal.name, detail: terminal.problemCode, words: terminal.problem,
            since: since)
    }

    private static func causes(of notes: Notes, at now: UTCTime) -> [Cause] {
        var causes: [Cause] = []
        if let since = notes.flaggedSince, isRecent(notes.flaggedLast, flagMemory, now) {
            causes.append(Cause(.linesFlagged, since: since))
        }
        if let since = notes.waitingSince {
            causes.append(Cause(.terminalElsewhere, since: since))
        }
        return causes
    }

    private static func isRecent(_ moment: UTCTime?, _ memory: Int64, _ now: UTCTime) -> Bool {
        guard let moment else { return false }
        return now.milliseconds - moment.milliseconds < memory
    }

    // MARK: The whole fleet

    static func isNew(_ cause: Cause, at now: UTCTime) -> Bool {
        now.milliseconds - cause.since.milliseconds < day
    }

    static func severity(of office: Office, causes: [Cause]) -> Severity {
        guard office.stage.isExpectedToReport else { return .notExpected }
        return causes.map(\.severity).max() ?? .fine
    }

    /// Bridges that another one has replaced: enrolled later, heard, and reading every terminal
    /// that the old one read.
    static func replaced(_ bridges: [BridgeRow], _ terminals: [TerminalRow]) -> Set<String> {
        func reads(_ bridge: BridgeRow) -> Set<TerminalID> {
            Set(terminals.filter { $0.bridge == bridge.id }.compactMap(\.terminal))
        }
        guard bridges.count > 1 else { return [] }
        let old = bridges.filter { old in
            bridges.contains { new in
                new.enrolledAt > old.enrolledAt
                    && new.lastHeard ?? new.enrolledAt
                        > old.lastHeard ?? old.enrolledAt
                    && new.lastHeard != nil && reads(new).isSuperset(of: reads(old))
            }
        }
        return Set(old.map(\.id))
    }

    /// Equal causes of many offices as one: a power cut is one thing that happened.
    static func groups(_ offices: [OfficeRow], at now: UTCTime) -> [CauseGroup] {
        struct Key: Hashable {
            let code: Cause.Code
            let detail: String?
        }
        var members: [Key: (since: UTCTime, isNew: Bool, offices: [OfficeID])] = [:]
        for row in offices {
            for cause in row.causes {
                let key = Key(code: cause.code, detail: cause.detail)
                var member = members[key] ?? (cause.since, false, [])
                member.since = min(member.since, cause.since)
                member.isNew = member.isNew || isNew(cause, at: now)
                if member.offices.last != row.office.id { member.offices.append(row.office.id) }
                members[key] = member
            }
        }
        return members.map { key, member in
            CauseGroup(
                code: key.code, detail: key.detail, since: member.since, isNew: member.isNew,
                offices: member.offices)
        }.sorted { left, right in
            if left.isNew != right.isNew { return left.isNew }
            if left.code != right.code { return left.code.place < right.code.place }
            return left.detail ?? "" < right.detail ?? ""
        }
    }

    /// New trouble first, then the hardest, then by id.
    static func isBefore(_ left: OfficeRow, _ right: OfficeRow) -> Bool {
        if left.isNew != right.isNew { return left.isNew }
        if left.severity != right.severity { return left.severity > right.severity }
        let places = (left.causes.first?.code.place ?? .max, right.causes.first?.code.place ?? .max)
        if places.0 != places.1 { return places.0 < places.1 }
        return left.office.id < right.office.id
    }
}

extension Cause.Code {
    /// The place in the order of hardness: faults before what only wants attention.
    var place: Int {
        let index = Self.allCases.firstIndex(of: self) ?? Self.allCases.count
        return severity == .fault ? index : index + Self.allCases.count
    }
}
