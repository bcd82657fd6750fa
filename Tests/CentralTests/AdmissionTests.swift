import Testing

@testable import Central

/// Admission, and what comes to it.
private final class Door {
    var admission = Admission()
    private let start = ContinuousClock.now

    init() { admission.know((0..<9_000).map(String.init) + ["new"]) }

    func at(_ seconds: Double) -> Admission.Instant {
        start.advanced(by: .seconds(seconds))
    }

    /// Takes `calls` one after the other, each at the store for `cost` seconds, until time 0.
    func learn(_ cost: Double, calls: Int = 40) {
        for n in 0..<calls {
            let begun = -Double(calls - n) * cost
            guard case .admitted(let ticket) = admission.arrived(nil, at: at(begun)) else { return }
            admission.hasBody(ticket, at: at(begun))
            admission.left(ticket, stored: true, at: at(begun + cost))
        }
    }

    /// Lets callers without a name in at one moment until one is refused.
    @discardableResult
    func fill(at time: Double) -> [Admission.Ticket] {
        var tickets: [Admission.Ticket] = []
        while case .admitted(let ticket) = admission.arrived(nil, at: at(time)) {
            admission.hasBody(ticket, at: at(time))
            tickets.append(ticket)
        }
        return tickets
    }

    /// What a caller that is refused is told; nil if it is admitted.
    func refusal(_ caller: String?, at time: Double) -> Int? {
        switch admission.arrived(caller, at: at(time)) {
        case .later(let seconds): return seconds
        case .admitted(let ticket):
            admission.hasBody(ticket, at: at(time))
            return nil
        }
    }
}

@Suite struct `The admission of calls` {
    private let door = Door()

    @Test(arguments: [(0.1, 10), (0.01, 100), (0.001, 256), (3.0, 8)])
    func `lets in as many as the store takes in a second, within bounds`(
        cost: Double, count: Int
    ) {
        door.learn(cost)
        #expect(door.fill(at: 0).count == count)
    }

    @Test func `tells each caller it refuses a later time, as far apart as the store needs`() {
        door.learn(0.1)
        door.fill(at: 0)
        let waits = (0..<195).compactMap { door.refusal("\($0)", at: 0) }
        #expect(waits.first == 13)
        #expect(waits == waits.sorted())
        // Ten a second, once the store has had time for 128 others.
        #expect(waits.last == 33)
        #expect((14...32).allSatisfy { second in (9...11).contains(waits.count { $0 == second }) })
    }

    @Test func `tells a caller that comes too early the same time again`() {
        door.learn(0.1)
        door.fill(at: 0)
        let waits = (0..<95).compactMap { door.refusal("\($0)", at: 0) }
        #expect(waits.last == 23)
        #expect(door.refusal("94", at: 2) == 21)
        #expect(door.refusal("new", at: 2) == 21)
    }

    @Test func `keeps room for those who are due`() {
        door.learn(0.1)
        let waiting = door.fill(at: 0)
        for n in 0..<30 { _ = door.refusal("\(n)", at: 0) }
        for ticket in waiting.prefix(7) {
            door.admission.left(ticket, stored: false, at: door.at(1))
        }
        // Three wait and ten are due: nobody else may come, and each of them may.
        #expect(door.refusal("new", at: 13.95) != nil)
        #expect((0..<10).allSatisfy { door.refusal("\($0)", at: 13.95) == nil })
        // Who is not due yet has to wait like everybody else.
        #expect(door.refusal("29", at: 13.95) == 2)
    }

    @Test func `never leaves the store idle for somebody who does not come`() {
        door.learn(0.1)
        let waiting = door.fill(at: 0)
        for n in 0..<30 { _ = door.refusal("\(n)", at: 0) }
        for ticket in waiting { door.admission.left(ticket, stored: false, at: door.at(1)) }
        #expect(door.fill(at: 13.95).count == 2)
    }

    @Test func `strangers push nobody back`() {
        door.learn(0.1)
        door.fill(at: 0)
        let waits = (0..<5_000).compactMap { door.refusal("stranger \($0)", at: 0) }
        #expect(waits.count == 5_000)
        #expect(Set(waits) == Set(13...72))
        #expect(door.refusal("new", at: 0) == 13)
        // Nor does anybody hold a place by calling under no name.
        #expect(door.refusal(nil, at: 0) != nil)
        #expect(door.refusal("1", at: 0) == 13)
    }

    @Test func `forgets an appointment that was not kept`() {
        door.learn(0.1)
        let waiting = door.fill(at: 0)
        for n in 0..<3_000 { _ = door.refusal("\(n)", at: 0) }
        for ticket in waiting { door.admission.left(ticket, stored: false, at: door.at(1)) }
        #expect(door.fill(at: 330).count == 10)
        #expect(door.refusal("0", at: 330) ?? 0 < 20)
    }

    @Test func `an appointment counts once`() {
        door.learn(0.1)
        door.fill(at: 0)
        for n in 0..<10 { _ = door.refusal("\(n)", at: 0) }
        for n in 0..<10 { #expect(door.refusal("\(n)", at: 13.95) == nil) }
        #expect(door.refusal("0", at: 13.95) != nil)
    }

    @Test func `a body on a slow line holds nobody up`() {
        door.learn(0.1)
        var slow = 0
        while case .admitted = door.admission.arrived(nil, at: door.at(0)) { slow += 1 }
        #expect(slow == 10)
        #expect(door.refusal(nil, at: 1) != nil)
        #expect(door.fill(at: 3).count == 10)
    }

    @Test func `a thousand bodies on slow lines are enough`() {
        var open = 0
        for second in stride(from: 0.0, to: 1_000, by: 2.5) {
            while case .admitted = door.admission.arrived(nil, at: door.at(second)) { open += 1 }
        }
        #expect(open == 1_000)
    }

    @Test func `learns nothing from calls that the store did not take`() {
        door.learn(0.1)
        for n in 0..<1_000 {
            let now = door.at(Double(n))
            guard case .admitted(let ticket) = door.admission.arrived(nil, at: now) else {
                continue
            }
            door.admission.hasBody(ticket, at: now)
            door.admission.left(ticket, stored: false, at: now)
        }
        #expect(door.fill(at: 2_000).count == 10)
    }

    @Test func `spreads those whose call failed, twenty seconds on`() {
        door.learn(0.1)
        let waits = (0..<95).map { door.admission.failed("\($0)", at: door.at(0)) }
        #expect(waits.first == 21)
        #expect(waits.last == 30)
    }

    @Test func `never sends anybody away for more than an hour`() {
        door.learn(1)
        door.fill(at: 0)
        let waits = (0..<9_000).compactMap { door.refusal("\($0)", at: 0) }
        #expect(waits.max() ?? 0 <= 3_600)
        // Beyond the hour they are spread over its second half.
        let beyond = waits.dropFirst(3_700)
        #expect(Set(beyond).count == 1_800)
    }
}
