import Attendance

/// Slows down whoever guesses passwords: by name and by address.
///
/// After some failures within a quarter of an hour there is a pause; a name's own limit is higher
/// than that of a name from one address, so that nobody can lock a colleague out from afar.
struct SignInLimit {
    private struct Failures {
        var count = 0
        var first: UTCTime
    }

    static let window: Int64 = 15 * 60_000
    private static let perPair = 5
    private static let perAddress = 20
    private static let perName = 50
    /// More keys than this are forgotten, oldest first: memory is not the attacker's either.
    private static let mostKeys = 10_000

    private var failures: [String: Failures] = [:]

    /// Seconds to wait before another attempt; nil if it may be made now.
    mutating func wait(name: String, address: String, at now: UTCTime) -> Int? {
        forgetOld(now)
        let waits = Self.keys(name, address).compactMap { key, most -> Int64? in
            guard let found = failures[key], found.count >= most else { return nil }
            return found.first.milliseconds + Self.window - now.milliseconds
        }
        guard let longest = waits.max(), longest > 0 else { return nil }
        return Int((longest + 999) / 1_000)
    }

    mutating func failed(name: String, address: String, at now: UTCTime) {
        for (key, _) in Self.keys(name, address) {
            failures[key, default: Failures(first: now)].count += 1
        }
    }

    mutating func succeeded(name: String, address: String) {
        failures["p \(name) \(address)"] = nil
    }

    private mutating func forgetOld(_ now: UTCTime) {
        failures = failures.filter { $0.value.first.milliseconds + Self.window > now.milliseconds }
        while failures.count > Self.mostKeys,
            let oldest = failures.min(by: { $0.value.first < $1.value.first })
        {
            failures[oldest.key] = nil
        }
    }

    private static func keys(_ name: String, _ address: String) -> [(String, Int)] {
        [("p \(name) \(address)", perPair), ("a \(address)", perAddress), ("n \(name)", perName)]
    }
}
