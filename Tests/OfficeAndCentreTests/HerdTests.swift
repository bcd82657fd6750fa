import Foundation
import TestSupport
import Testing

@testable import Bridge
@testable import Central

/// The true back-off of bridges and the true admission of the centre, on a clock that costs nothing.
/// The same on the wire, with real calls: `Tests/Rigs/herd.py`.
@Suite struct `Two thousand bridges` {
    static let bridges = 2_000

    /// The same disaster with other dice, five times; what was worst is left for the table.
    private func worst(_ what: String, of herd: (UInt64) -> Herd) -> Herd.Told {
        let runs = (1...5).map { (seed: UInt64) in
            var herd = herd(seed)
            return herd.run()
        }
        #expect(runs.allSatisfy { $0.served == Self.bridges })
        var worst = runs[0]
        for run in runs.dropFirst() { worst.take(worseOf: run) }
        worst.leave(what)
        return worst
    }

    @Test func `come back from ten seconds without the centre with less than one refusal each`() {
        let told = worst("10 s away") { Herd(seed: $0, away: 10, cost: 0.1, answer: .appointment) }
        #expect(told.refusedPerSuccess <= 1)
        #expect(told.recovery <= 1.3 * told.ideal)
        #expect(told.longestWait <= 2.5)
    }

    @Test(arguments: [Herd.Answer.fixed(30), .nothing])
    func `are refused more often than they are served if all hear the same`(answer: Herd.Answer) {
        let told = worst("10 s away, the control: \(answer.words)") {
            Herd(seed: $0, away: 10, cost: 0.1, answer: answer)
        }
        #expect(told.refusedPerSuccess > 1)
    }

    @Test func `come back from six hours without the centre unnoticed`() {
        let told = worst("6 h away") {
            Herd(seed: $0, away: 6 * 3_600, cost: 0.05, answer: .appointment)
        }
        #expect(told.refused == 0)
        #expect(told.peakPerCapacity <= 0.65)
        #expect(told.recovery <= 900)
    }
}

/// Bridges that all have something to send, and a centre that takes one call after the other.
struct Herd {
    enum Answer {
        case appointment
        case fixed(Int)
        case nothing

        var words: String {
            switch self {
            case .appointment: "each hears another time"
            case .fixed(let seconds): "all hear Retry-After: \(seconds)"
            case .nothing: "no Retry-After"
            }
        }
    }

    struct Told {
        let bridges: Int
        /// Calls a second.
        let capacity: Double
        var served = 0
        var refused = 0
        /// Seconds from the centre's return to the last receipt.
        var recovery = 0.0
        /// Of an admitted call, in seconds.
        var longestWait = 0.0
        /// Calls within one second.
        var peak = 0

        var refusedPerSuccess: Double { Double(refused) / Double(max(served, 1)) }
        var peakPerCapacity: Double { Double(peak) / capacity }
        var ideal: Double { Double(bridges) / capacity }

        mutating func take(worseOf other: Told) {
            refused = max(refused, other.refused)
            recovery = max(recovery, other.recovery)
            longestWait = max(longestWait, other.longestWait)
            peak = max(peak, other.peak)
        }

        /// Writes a row into the folder `TITIAN_RESULTS`, for docs/reference/durability.md.
        func leave(_ what: String) {
            guard let folder = ProcessInfo.processInfo.environment["TITIAN_RESULTS"] else { return }
            let row: [String: Any] = [
                "what": what, "how": "simulated, the worst of 5", "bridges": bridges,
                "capacity_per_s": capacity, "refused_per_success": refusedPerSuccess,
                "recovery_s": recovery, "recovery_per_ideal": recovery / ideal, "timeouts": 0,
                "wait_s": longestWait, "peak_per_capacity": peakPerCapacity,
            ]
            let letters = what.lowercased().split { !$0.isLetter && !$0.isNumber }
            let name = "herd-simulated-\(letters.joined(separator: "-")).json"
            let data = try? JSONSerialization.data(withJSONObject: row, options: .sortedKeys)
            try? data?.write(to: URL(fileURLWithPath: folder).appendingPathComponent(name))
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
    private var random: SeededGenerator
    private var admission = Admission()
    private var schedules: [RetrySchedule]
    private var events: [Event] = []  // the next one last
    private let returns: Double
    private var busyUntil = 0.0
    private var told: Told
    private var calls: [Int: Int] = [:]

    /// The centre is gone for `away` seconds; everybody has something to send within the first ten.
    ///
    /// - Parameter cost: Seconds that a call takes.
    init(seed: UInt64, away: Double, cost: Double, answer: Answer) {
        self.cost = cost
        self.answer = answer
        returns = away
        random = SeededGenerator(state: seed)
        let bridges = `Two thousand bridges`.bridges
        told = Told(bridges: bridges, capacity: 1 / cost)
        schedules = Array(repeating: RetrySchedule(base: .seconds(30)), count: bridges)
        admission.know(schedules.indices.map(String.init))
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
