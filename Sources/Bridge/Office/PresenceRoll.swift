import Attendance
import Journal

/// Who was seen when on this office's terminals, in the last 30 days and today.
///
/// The first question of a day looks through 30 days of the journal, a day at a time; those after
/// it only at what has been written since.
actor PresenceRoll {
    private let journal: Journal
    private let zone: Zone
    private var day: WallTime?
    private var newest: [String: SeenPin] = [:]
    /// The entry up to which the journal has been looked through.
    private var through: Int64 = 0

    init(_ journal: Journal, zone: Zone) {
        self.journal = journal
        self.zone = zone
    }

    /// The newest sighting of each PIN since 30 days before the day of `now`, that day included.
    ///
    /// A punch of a later day, from a clock that runs ahead, is not looked at.
    func seen(at now: UTCTime) async throws -> (day: WallTime, pins: [SeenPin]) {
        let today = now.wallTime(in: zone).midnight
        if day != today { try await begin(today) }
        try await goOn(on: today)
        return (today, Array(newest.values))
    }

    private func begin(_ today: WallTime) async throws {
        newest = [:]
        let head = await journal.headSeq
        for back in 0...MissingReport.days {
            let start = today.advanced(by: -back * 86_400)
            let sightings = try await journal.newestSightings(
                from: start, before: start.advanced(by: 86_400))
            for sighting in sightings { take(sighting, on: today) }
        }
        through = head
        day = today
    }

    private static let page = 5_000

    private func goOn(on today: WallTime) async throws {
        while through < (await journal.headSeq) {
            let (seen, last) = try await journal.sightings(after: through, limit: Self.page)
            for sighting in seen { take(sighting, on: today) }
            through = last
        }
    }

    private func take(_ sighting: SeenPin, on today: WallTime) {
        let first = today.advanced(by: -MissingReport.days * 86_400)
        guard sighting.time >= first, sighting.time < today.advanced(by: 86_400) else { return }
        if let known = newest[sighting.pin.canonical], known.time >= sighting.time { return }
        newest[sighting.pin.canonical] = sighting
    }
}
