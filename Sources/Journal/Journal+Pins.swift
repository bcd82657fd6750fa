public import Attendance
import Exchange
import SQLite

/// A person's number and a time at which it was seen, by a terminal's own clock.
public struct SeenPin: Hashable, Sendable {
    public var pin: Pin
    public var time: WallTime

    public init(pin: Pin, time: WallTime) {
        self.pin = pin
        self.time = time
    }
}

extension Journal {
    /// The newest sighting of each PIN in a stretch of the terminals' clocks.
    ///
    /// The identities stand in the order of their times, so only this stretch is touched, however
    /// long the journal is. Who asks for many days asks day by day: the journal answers others
    /// in between.
    ///
    /// - Parameters:
    ///   - start: The first second that counts.
    ///   - end: The first second that does not count any more.
    public func newestSightings(from start: WallTime, before end: WallTime) throws -> [SeenPin] {
        var newest = NewestSightings()
        try database.rows(
            Self.stretch, .int(start.seconds), .int(end.seconds)
        ) { newest.take($0.blob(0)) }
        return newest.all
    }

    /// The lines of the punches in a stretch of the terminals' clocks.
    package static let stretch = """
        SELECT entry.line FROM known JOIN entry ON entry.seq = known.seq
        WHERE known.time >= ? AND known.time < ? AND entry.counts = 1 AND entry.line IS NOT NULL
        """

    /// What was sighted in the entries after `seq`, and the last entry that was looked at.
    ///
    /// - Parameters:
    ///   - seq: The last entry that was looked at before.
    ///   - limit: At most so many punches are looked at; who gets a `through` below ``headSeq``
    ///     asks again.
    public func sightings(after seq: Int64, limit: Int) throws -> (seen: [SeenPin], through: Int64)
    {
        var newest = NewestSightings()
        var count = 0
        var last = seq
        try database.rows(
            """
            SELECT seq, line FROM entry WHERE seq > ? AND counts = 1 AND line IS NOT NULL
            ORDER BY seq LIMIT ?
            """, .int(seq), .int(limit)
        ) { row in
            count += 1
            last = row.int(0)
            newest.take(row.blob(1))
        }
        return (newest.all, count < limit ? headSeq : last)
    }
}

/// The newest time of each PIN in the lines it is given.
private struct NewestSightings {
    private var newest: [String: SeenPin] = [:]

    var all: [SeenPin] { Array(newest.values) }

    mutating func take(_ line: [UInt8]) {
        guard let punch = EntryFields(line: line)?.punch?.punch else { return }
        let known = newest[punch.pin.canonical]
        guard known.map({ $0.time < punch.time }) ?? true else { return }
        newest[punch.pin.canonical] = SeenPin(pin: punch.pin, time: punch.time)
    }
}
