/// Decides which calls may go on to the store, and when the others come back.
///
/// The store takes one call after the other, so what waits and how long a call takes lately say how
/// long a caller would wait. Who would wait too long is refused before its body is read, and gets an
/// appointment: the first free place behind all that were promised, so that whoever comes back as
/// told is as many as the store can take, whatever crowd stood at the door.
///
/// Contract: ``arrived(_:at:)`` for each call; where it is admitted ``hasBody(_:at:)`` once its body
/// is in and ``left(_:stored:at:)`` at its end, however it ends. The clock belongs to the caller.
public struct Admission: Sendable {
    public typealias Instant = ContinuousClock.Instant

    public enum Verdict: Hashable, Sendable {
        case admitted(Ticket)
        /// Not now: for `Retry-After`.
        case later(seconds: Int)
    }

    /// One call that was admitted.
    public struct Ticket: Hashable, Sendable {
        fileprivate let number: Int
    }

    /// So long a caller without an appointment may have to wait for the store.
    static let patience = Duration.seconds(1)
    /// However slow the store is, so many may wait: else one slow commit would turn everybody away.
    static let fewest = 8
    /// However quick it is: each holds its body in memory.
    static let most = 256
    /// Bodies that are on their way at one time. A slow line stands in nobody's way, but has a place.
    static let mostOpen = 1_000
    /// A body that takes longer than this is on a slow line, and the store does not wait for it.
    static let slowBody = Duration.seconds(2)
    /// The first appointment leaves the store to so many calls before it: a crowd arrives over some
    /// time, and whoever of it is taken at once does not have to be refused.
    static let lead = 128
    static let longestLead = Duration.seconds(15)
    /// Appointments are no further away; beyond it callers are spread over its second half.
    static let horizon = 3_600

    /// Over so many seconds behind all appointments callers come back that have none.
    static let spreadOfStrangers = 60

    private var appointments = Appointments()
    private var known: Set<String> = []
    private var strangers = 0
    private var lastNumber = 0
    private var open = 0
    private var since: [Int: Instant] = [:]  // whose body is in
    private var arriving: Set<Int> = []
    private var arrivals: [(number: Int, at: Instant)] = []
    private var lastLeft: Instant?
    private var samples = 0
    private var beyond = 0
    /// What a call costs the store, smoothed over some sixteen.
    private(set) var pace = Duration.milliseconds(20)

    public init() {}

    /// Only bridges that are enrolled move the next appointment: a stranger can call as often as he
    /// likes and sends nobody further away.
    ///
    /// - Parameter callers: Ids of their keys.
    public mutating func know(_ callers: some Sequence<String>) {
        known.formUnion(callers)
    }

    // MARK: Calls

    /// A call is at the door; nothing but its head was read.
    ///
    /// - Parameters:
    ///   - caller: Who it says it is, which is no more than a hint: it can win an appointment that was
    ///     given under that name, once.
    ///   - now: The moment it comes.
    public mutating func arrived(_ caller: String?, at now: Instant) -> Verdict {
        forget(now)
        let isExpected = caller.map { appointments.isDue($0, at: now) } ?? false
        guard open < Self.mostOpen, mayEnter(isExpected: isExpected) else {
            if isExpected, let caller { appointments.cancel(caller) }
            return .later(seconds: appointment(for: caller, notBefore: .zero, at: now))
        }
        if let caller { appointments.cancel(caller) }
        lastNumber += 1
        open += 1
        arriving.insert(lastNumber)
        arrivals.append((lastNumber, now))
        return .admitted(Ticket(number: lastNumber))
    }

    /// Its body is in: from now on it waits for the store.
    public mutating func hasBody(_ ticket: Ticket, at now: Instant) {
        arriving.remove(ticket.number)
        since[ticket.number] = now
    }

    /// - Parameters:
    ///   - ticket: What ``arrived(_:at:)`` gave.
    ///   - stored: Whether the store took it in. What was refused says nothing about how long a call
    ///     takes.
    ///   - now: The moment it leaves.
    public mutating func left(_ ticket: Ticket, stored: Bool, at now: Instant) {
        open -= 1
        arriving.remove(ticket.number)
        guard let start = since.removeValue(forKey: ticket.number), stored else { return }
        // The store was busy with this call alone since the one before left.
        let begun = lastLeft.map { max($0, start) } ?? start
        let cost = min(begun.duration(to: now), .seconds(5))
        samples = min(samples + 1, 16)
        pace += (cost - pace) / samples
        lastLeft = now
    }

    /// An appointment for a caller that was let in for nothing, because the store could not be used.
    ///
    /// - Returns: Seconds, for `Retry-After`.
    public mutating func failed(_ caller: String?, at now: Instant) -> Int {
        forget(now)
        return appointment(for: caller, notBefore: .seconds(20), at: now)
    }

    // MARK: Rules

    /// Calls the store still has before it.
    var waiting: Int { since.count + arriving.count }

    /// So many wait at most without exceeding the patience.
    var bound: Int {
        min(Self.most, max(Self.fewest, Int(Self.patience / max(pace, .microseconds(1)))))
    }

    /// Whoever comes as told has twice the room. Others leave room for those who are due, but the
    /// store is never left idle for somebody who may not come.
    private func mayEnter(isExpected: Bool) -> Bool {
        if isExpected { return waiting < 2 * bound }
        return waiting < max(1, bound / 4) || waiting + appointments.due < bound
    }

    private mutating func appointment(
        for caller: String?, notBefore: Duration, at now: Instant
    ) -> Int {
        // Who asks again too early hears the same again, and pushes nobody back.
        if let caller, let known = appointments.time(of: caller) {
            return Self.seconds(from: now, to: known)
        }
        let free = now.advanced(by: max(notBefore, min(pace * Self.lead, Self.longestLead)))
        let time = max(free, appointments.end ?? free).advanced(by: pace)
        guard now.duration(to: time) < .seconds(Self.horizon) else {
            beyond += 1
            return Self.horizon / 2 + beyond % (Self.horizon / 2)
        }
        guard let caller, known.contains(caller) else {
            strangers += 1
            return Self.seconds(from: now, to: time) + strangers % Self.spreadOfStrangers
        }
        appointments.make(for: caller, at: time)
        return Self.seconds(from: now, to: time)
    }

    /// Whole seconds, never too few.
    private static func seconds(from now: Instant, to time: Instant) -> Int {
        let wait = now.duration(to: time)
        let parts = wait.components
        return max(1, Int(parts.seconds) + (parts.attoseconds > 0 ? 1 : 0))
    }

    private mutating func forget(_ now: Instant) {
        appointments.pass(now)
        while let first = arrivals.first,
            !arriving.contains(first.number) || first.at.advanced(by: Self.slowBody) < now
        {
            arriving.remove(first.number)
            arrivals.removeFirst()
        }
    }
}

/// Who was told to come when, in the order of the times.
struct Appointments: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Appointment {
        let caller: String
        let time: Instant
        var isOpen: Bool
    }

    /// `Retry-After` is rounded up to a second, a caller adds up to one of its own, and a line has
    /// to be made.
    static let grace = Duration.seconds(4)

    private var list: [Appointment] = []
    private var first = 0  // everything before it has passed
    private var next = 0  // everything before it is due
    private var places: [String: Int] = [:]
    /// Appointments whose time has come and whose caller may still be on the way.
    private(set) var due = 0
    /// The last time given.
    private(set) var end: Instant?

    /// - Parameter time: Not before any that was given.
    mutating func make(for caller: String, at time: Instant) {
        end = time
        places[caller] = list.count
        list.append(Appointment(caller: caller, time: time, isOpen: true))
    }

    func time(of caller: String) -> Instant? { places[caller].map { list[$0].time } }

    func isDue(_ caller: String, at now: Instant) -> Bool {
        time(of: caller).map { $0 <= now } ?? false
    }

    mutating func cancel(_ caller: String) {
        guard let place = places.removeValue(forKey: caller) else { return }
        list[place].isOpen = false
        if place < next { due -= 1 }
    }

    /// Time goes on: some become due, and some did not come.
    mutating func pass(_ now: Instant) {
        while next < list.count, list[next].time <= now {
            if list[next].isOpen { due += 1 }
            next += 1
        }
        while first < next, list[first].time.advanced(by: Self.grace) < now {
            if list[first].isOpen { cancel(list[first].caller) }
            first += 1
        }
        if first > 1_024, first > list.count / 2 { forgetPassed() }
    }

    private mutating func forgetPassed() {
        list.removeFirst(first)
        for (caller, place) in places { places[caller] = place - first }
        next -= first
        first = 0
    }
}
