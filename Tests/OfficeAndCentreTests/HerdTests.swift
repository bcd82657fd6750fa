import Foundation
import Testing

@testable import Bridge
@testable import Central

/// The true back-off of bridges and the true admission of the centre, on a clock that costs nothing.
/// The same on the wire, with real calls: `Tests/Rigs/herd.py`.
@Suite struct `Two thousand bridges` {
    static let seeds: [UInt64] = [1, 2, 3, 4, 5]

    @Test(arguments: seeds)
    func `come back from ten seconds without the centre with less than one refusal each`(
        seed: UInt64
    ) {
        var herd = Herd(seed: seed, answer: .appointment)
        herd.interrupt(for: 10)
        let told = herd.run()
        told.note("a 10 s blip, seed \(seed)")
        #expect(told.served == 2_000)
        #expect(told.refusalsPerSuccess <= 1)
        #expect(told.recovery <= 1.3 * 200)
        #expect(told.longestWait <= 2.5)
    }

    @Test(arguments: seeds)
    func `are refused more often than they are served if all hear the same`(seed: UInt64) {
        for answer in [Herd.Answer.fixed(30), .nothing] {
            var herd = Herd(seed: seed, answer: answer)
            herd.interrupt(for: 10)
            let told = herd.run()
            told.note("the control of a 10 s blip, \(answer), seed \(seed)")
            #expect(told.refusalsPerSuccess > 1)
        }
    }

    @Test(arguments: seeds)
    func `come back from six hours without the centre unnoticed`(seed: UInt64) {
        var herd = Herd(seed: seed, cost: 0.05, answer: .appointment)
        herd.interrupt(for: 6 * 3_600)
        let told = herd.run()
        told.note("6 h, seed \(seed)")
        #expect(told.served == 2_000)
        #expect(told.refused == 0)
        #expect(Double(told.peak) <= 0.65 * 20)
        #expect(told.recovery <= 900)
    }
}

/// Bridges that all have something to send, and a centre that takes one call after the other.
struct Herd {
    enum Answer {
        case appointment
        case fixed(Int)
        case nothing
    }

    struct Told {
        var served = 0
        var refused = 0
        /// Seconds from the centre's return to the last receipt.
        var recovery = 0.0
        /// Of an admitted call, in seconds.
        var longestWait = 0.0
        /// Calls within one second.
        var peak = 0

        var refusalsPerSuccess: Double { Double(refused) / Double(max(served, 1)) }

        func note(_ what: String) {
            print(
                "herd: \(what): \(served) served in \(Int(recovery)) s,",
                "\(refusalsPerSuccess) refused per success, \(peak) calls/s at most,",
                "\(longestWait) s at most for an admitted call")
        }
    }

    private struct Event {
        let time: Double
        let bridge: Int
        var ticket: Admission.Ticket?
        var came = 0.0
    }

    private let start = ContinuousClock.now
    private let cost: Double
    private let answer: Answer
    private var random: Dice
    private var admission = Admission()
    private var schedules: [RetrySchedule]
    private var events: [Event] = []  // the next one last
    private var returns = 0.0
    private var busyUntil = 0.0
    private var told = Told()
    private var calls: [Int: Int] = [:]

    init(bridges: Int = 2_000, seed: UInt64, cost: Double = 0.1, answer: Answer) {
        self.cost = cost
        self.answer = answer
        random = Dice(state: seed)
        schedules = Array(repeating: RetrySchedule(base: .seconds(30)), count: bridges)
    }

    /// The centre is gone; everybody has something to send within the first ten seconds.
    mutating func interrupt(for seconds: Double) {
        returns = seconds
        for bridge in schedules.indices {
            add(Event(time: .random(in: 0..<10, using: &random), bridge: bridge))
        }
    }

    mutating func run() -> Told {
        while let event = events.popLast() {
            if let ticket = event.ticket {
                serve(event, ticket)
            } else if event.time < returns {
                retry(event, after: nil)
            } else {
                call(event)
            }
        }
        told.peak = calls.values.max() ?? 0
        return told
    }

    private mutating func call(_ event: Event) {
        calls[Int(event.time), default: 0] += 1
        let now = start.advanced(by: .seconds(event.time))
        switch admission.arrived("\(event.bridge)", at: now) {
        case .admitted(let ticket):
            admission.hasBody(ticket, at: now)
            busyUntil = max(busyUntil, event.time) + cost
            add(Event(time: busyUntil, bridge: event.bridge, ticket: ticket, came: event.time))
        case .later(let seconds):
            told.refused += 1
            switch answer {
            case .appointment: retry(event, after: seconds)
            case .fixed(let seconds): retry(event, after: seconds)
            case .nothing: retry(event, after: nil)
            }
        }
    }

    private mutating func serve(_ event: Event, _ ticket: Admission.Ticket) {
        admission.left(ticket, stored: true, at: start.advanced(by: .seconds(event.time)))
        told.served += 1
        told.recovery = event.time - returns
        told.longestWait = max(told.longestWait, event.time - event.came)
    }

    private mutating func retry(_ event: Event, after seconds: Int?) {
        let wait = schedules[event.bridge].failed(retryAfter: seconds, using: &random)
        add(Event(time: event.time + wait.seconds, bridge: event.bridge))
    }

    private mutating func add(_ event: Event) {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].time > event.time { low = middle + 1 } else { high = middle }
        }
        events.insert(event, at: low)
    }
}

private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
