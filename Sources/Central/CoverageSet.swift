public import Attendance
public import Exchange

/// The stretches of true time for which a terminal's log is known to be complete.
///
/// They are kept apart: where two do not touch there is a hole, and a hole stays until something
/// covers it.
public struct CoverageSet: Hashable, Sendable {
    /// In order, none touching the next.
    public private(set) var intervals: [CoverageInterval] = []

    public init() {}

    public init(_ intervals: some Sequence<CoverageInterval>) {
        for interval in intervals { insert(interval) }
    }

    /// Takes one stretch in; those it touches become one with it.
    public mutating func insert(_ new: CoverageInterval) {
        var from = new.from
        var through = new.through
        var apart: [CoverageInterval] = []
        for old in intervals {
            if old.through < from || old.from > through {
                apart.append(old)
            } else {
                from = min(from, old.from)
                through = max(through, old.through)
            }
        }
        apart.append(CoverageInterval(from: from, through: through))
        intervals = apart.sorted { $0.from < $1.from }
    }

    /// Every record before this moment is here: the end of the first stretch, whatever came
    /// after the first hole.
    public var completeThrough: UTCTime? { intervals.first?.through }

    /// The stretches between, for which nobody can vouch.
    public var holes: [CoverageInterval] {
        zip(intervals, intervals.dropFirst()).map {
            CoverageInterval(from: $0.through, through: $1.from)
        }
    }
}
