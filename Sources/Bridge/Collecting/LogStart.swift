import Attendance
import TerminalKit

/// Finds the earliest moment from which a log that was read whole speaks for itself.
///
/// Nothing shows what was cleared before a log's first record, so a log cannot speak of the time
/// before it. And a clock that was set back in the middle makes what stands before doubtful: the
/// log speaks from the first record after the last step back. Both are on the safe side; a later
/// start claims less.
struct LogStart: Hashable, Sendable, Codable {
    /// Steps back of less than this are terminals that store two doors' records out of order.
    static let tolerance: Int64 = 3_600
    /// Terminals that lost their clock begin at 2000-01-01; none of them knew Titian.
    static let earliest: Int64 = 1_420_070_400  // 2015-01-01

    private var firstSeconds: Int64?
    private var newestSeconds: Int64?

    enum CodingKeys: String, CodingKey {
        case firstSeconds = "first"
        case newestSeconds = "newest"
    }

    init() {}

    /// On the terminal's own clock; nil if the log held nothing that tells.
    var time: WallTime? { firstSeconds.map(WallTime.init(seconds:)) }

    mutating func see(_ record: LogRecord) {
        guard case .punch(let punch) = record, punch.time.seconds >= Self.earliest else { return }
        let seconds = punch.time.seconds
        if let newest = newestSeconds, seconds >= newest - Self.tolerance {
            newestSeconds = max(newest, seconds)
            return
        }
        firstSeconds = seconds
        newestSeconds = seconds
    }
}
