import Attendance

/// Whose clock has changed between two readings of a terminal's clock.
///
/// An offset is the terminal's clock minus the box's, so it changes when either of them is set. How long the
/// box had run tells them apart: nobody sets that clock. Where it cannot tell, the terminal is named as before,
/// unless the box's clock was certainly wrong and the terminal's only went on.
/// See `docs/explanation/time.md`.
enum ClockChange: Hashable {
    /// No more than the measurements allow.
    case none
    /// The terminal's.
    ///
    /// - before: Its offset before that, by the box's clock of now.
    case ofTerminal(before: Int64)
    /// The box's; by how much it was set, where that is known.
    case ofBox(step: Int64?)

    /// A clock entry, as its line tells it.
    struct Reading: Hashable {
        let offset: Int64
        let error: Int64
        /// What stands beside it; nil where only the offset was kept.
        let origin: Origin?
    }

    /// Where and when an entry was written.
    struct Origin: Hashable {
        let journal: Int64
        let boot: Int64?
        let up: Int64?
        /// By the box's own clock, right or not.
        let at: Int64
        /// What the terminal showed, in milliseconds of its wall clock.
        let device: Int64?
        /// When this start of the box was, by the centre's clock; nil if no call has told.
        var start: Int64?
    }

    /// An entry is written when its log has been read, some time after the clock was.
    private static let pause: Int64 = 60_000
    /// A call takes a while until it tells when the box was started.
    private static let latency: Int64 = 5 * 60_000

    init(from old: Reading, to new: Reading, now: UTCTime) {
        guard ClockRule.isJump(from: (old.offset, old.error), to: (new.offset, new.error)) else {
            self = .none
            return
        }
        self = .ofTerminal(before: old.offset)
        guard let before = old.origin, let after = new.origin, old.isUsable, new.isUsable else {
            return
        }
        if let passed = Self.uptime(from: before, to: after) {
            self.judge(old, new, step: after.at - before.at - passed)
            if case .ofTerminal = self, Self.isEven(old, new, passed, margin: Self.pause) {
                self = .ofBox(step: nil)
            }
        } else if let passed = Self.trueTime(from: before, to: after) {
            if Self.isEven(old, new, passed, margin: Self.latency) { self = .ofBox(step: nil) }
        } else if Self.isWrong(before, after, now), Self.goesOn(old, new) {
            self = .ofBox(step: nil)
        }
    }

    /// - Parameter step: By how much the box's clock was set between the two.
    private mutating func judge(_ old: Reading, _ new: Reading, step: Int64) {
        guard ClockRule.isJump(from: (0, 0), to: (step, 0)) else { return }
        let before = old.offset - step
        let isExplained = !ClockRule.isJump(
            from: (before, old.error), to: (new.offset, new.error))
        self = isExplained ? .ofBox(step: step) : .ofTerminal(before: before)
    }

    /// What has passed between two entries of one start of the box.
    private static func uptime(from old: Origin, to new: Origin) -> Int64? {
        guard old.journal == new.journal, let boot = old.boot, boot == new.boot,
            let before = old.up,
            let after = new.up
        else { return nil }
        return after - before
    }

    /// What has passed between entries of two starts that have both called.
    private static func trueTime(from old: Origin, to new: Origin) -> Int64? {
        guard let first = old.start, let before = old.up, let second = new.start,
            let after = new.up
        else { return nil }
        return second + after - first - before
    }

    /// Whether the terminal's clock has gone on by as much as has passed, though the offset changed by far more
    /// than that can be wrong.
    private static func isEven(
        _ old: Reading, _ new: Reading, _ passed: Int64, margin: Int64
    ) -> Bool {
        guard let before = old.origin?.device, let after = new.origin?.device else { return false }
        return abs(after - before - passed) <= margin && abs(new.offset - old.offset) > 2 * margin
    }

    /// The box's clock has shown what cannot be, or has gone back.
    private static func isWrong(_ old: Origin, _ new: Origin, _ now: UTCTime) -> Bool {
        let isPossible = [old, new].allSatisfy {
            Dating.isPossible(UTCTime(milliseconds: $0.at), at: now)
        }
        return !isPossible || (old.journal == new.journal && new.at < old.at)
    }

    /// True time never goes back: a terminal's clock that does has jumped, whatever the box's shows.
    private static func goesOn(_ old: Reading, _ new: Reading) -> Bool {
        guard let before = old.origin?.device, let after = new.origin?.device else { return false }
        return after - before >= -(old.error + new.error + 2_000)
    }
}

extension ClockChange.Reading {
    /// Whether it can be reckoned with; what a line says may be anything.
    fileprivate var isUsable: Bool {
        let numbers = [offset, error, origin?.up, origin?.at, origin?.device, origin?.start]
        return numbers.allSatisfy { ($0 ?? 0).magnitude < 1 << 53 }
    }
}
