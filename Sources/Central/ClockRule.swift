/// When a terminal's clock is wrong, and when it jumped.
enum ClockRule {
    /// A minute, beyond what the measurement itself may be off.
    static let tolerance: Int64 = 60_000

    /// A host that does not know the time itself cannot say that a terminal's clock is wrong.
    static func isOff(_ point: ClockPoint) -> Bool {
        point.hostSynced
            && isOff(offset: point.offsetMilliseconds, error: point.errorMilliseconds)
    }

    static func isOff(offset: Int64, error: Int64) -> Bool {
        offset.magnitude > UInt64(tolerance) &+ error.magnitude
    }

    /// Further apart than both errors and two seconds allow.
    static func isJump(
        from old: (offset: Int64, error: Int64), to new: (offset: Int64, error: Int64)
    ) -> Bool {
        let (difference, overflow) = new.offset.subtractingReportingOverflow(old.offset)
        if overflow { return true }
        return difference.magnitude > old.error.magnitude &+ new.error.magnitude &+ 2_000
    }
}
