public import Attendance

/// One punch in a simulated terminal.
public struct SimulatedPunch: Hashable, Sendable {
    /// The person's place in the user table, from 1.
    public let slot: Int
    public let pin: UInt32
    public let time: WallTime
    public let verify: UInt8
    public let state: UInt8
    public let work: UInt32
    /// SOYAL: the function code, where it is not that of a finger or a card.
    public let code: UInt8?
}

/// What a simulated terminal has in its memory: users and log. A value: the same seed and the same
/// calls give the same contents.
struct TerminalBook: Sendable {
    private(set) var pins: [UInt32]
    private(set) var log: [SimulatedPunch] = []
    private var latest: [UInt32: WallTime] = [:]
    private var dice: SeededDice

    /// - Parameters:
    ///   - end: The last moment of the log that the terminal comes with.
    init(users: Int, records: Int, seed: UInt64, end: WallTime) {
        var dice = SeededDice(seed: seed)
        var number: UInt32 = 100
        pins = (0..<max(1, users)).map { _ in
            number += UInt32.random(in: 1...9, using: &dice)
            return number
        }
        self.dice = dice
        fill(records, end: end)
    }

    /// Working days back from `end`: most punches between seven and eight and after four.
    private mutating func fill(_ count: Int, end: WallTime) {
        let perDay = max(1, pins.count * 2)
        let days = (count + perDay - 1) / perDay
        var day = end.seconds / 86_400 - Int64(days * 7 / 5 + 2)
        while log.count < count {
            day += 1
            guard (day + 3) % 7 < 5 else { continue }  // 1970-01-01 was a Thursday
            fillDay(day, upTo: count)
        }
    }

    private mutating func fillDay(_ day: Int64, upTo count: Int) {
        for (hour, state) in [(7, UInt8(0)), (16, UInt8(1))] {
            var seconds = pins.map { _ in Int64.random(in: 0..<3_600, using: &dice) }
            seconds.sort()
            for (slot, second) in zip(pins.indices.shuffled(using: &dice), seconds) {
                guard log.count < count else { return }
                let time = WallTime(seconds: day * 86_400 + Int64(hour) * 3_600 + second)
                append(slot: slot, pin: pins[slot], time: time, state: state)
            }
        }
    }

    /// Adds one punch.
    ///
    /// - Parameters:
    ///   - wanted: Somebody of the user table if nil. Somebody new gets the slot behind the last.
    ///   - time: When.
    ///   - code: SOYAL's function code.
    ///   - isExact: Whether the time is taken as it is; else a person never punches twice in one
    ///     second, and comes a little later.
    mutating func add(
        pin wanted: UInt32?, at time: WallTime, isExact: Bool = false, code: UInt8? = nil
    ) -> SimulatedPunch {
        let known = wanted.map { pins.firstIndex(of: $0) ?? pins.count }
        let slot = known ?? Int.random(in: pins.indices, using: &dice)
        let pin = wanted ?? pins[slot]
        let free = latest[pin].map { max(time, $0.advanced(by: 1)) } ?? time
        append(slot: slot, pin: pin, time: isExact ? time : free, state: 0, code: code)
        return log[log.count - 1]
    }

    private mutating func append(
        slot: Int, pin: UInt32, time: WallTime, state: UInt8, code: UInt8? = nil
    ) {
        let verify: UInt8 = Int.random(in: 0..<12, using: &dice) == 0 ? 2 : 1
        log.append(
            SimulatedPunch(
                slot: slot + 1, pin: pin, time: time, verify: verify, state: state, work: 0,
                code: code))
        latest[pin] = max(time, latest[pin] ?? time)
    }

    mutating func clear() {
        log = []
    }

    /// Overwrites the oldest record, as a ring does that is full.
    mutating func dropOldest() {
        log.removeFirst()
    }
}
