public import Attendance
public import TerminalKit
public import Transports

/// A terminal that a search has met, and what it says of itself.
public struct FoundTerminal: Hashable, Sendable {
    public let driver: String
    /// The line, with the station where several share it; as a configuration has it.
    public let address: Address
    /// nil if it does not tell, or lets nobody ask.
    public var identity: TerminalIdentity?
    public var clock: ClockReading?
    public var counters: LogCounters?
    /// What stands in the way of reading it: a wrong key, an unknown dialect.
    public var problem: Problem?
    /// Its name in the configuration, if it is there already.
    public var configuredAs: String?

    public init(
        driver: String, address: Address, identity: TerminalIdentity? = nil,
        clock: ClockReading? = nil, counters: LogCounters? = nil, problem: Problem? = nil,
        configuredAs: String? = nil
    ) {
        self.driver = driver
        self.address = address
        self.identity = identity
        self.clock = clock
        self.counters = counters
        self.problem = problem
        self.configuredAs = configuredAs
    }

    /// It answers, but only with its communication key.
    public var wantsKey: Bool { problem?.code == DriverError.wrongKey.problem.code }
}

/// Asks one make over one open line whether it is there.
struct Asking {
    enum Outcome: Hashable, Sendable {
        case terminal(FoundTerminal)
        /// Something answers that is not this make, or not well enough to say.
        case other(Problem, heard: [UInt8])
        case nobody
    }

    let make: String
    let address: Address
    var limits = ShortLink.Limits()
    let zone: Zone
    let now: @Sendable () -> UTCTime

    /// Opens the talk, asks who it is, how late, how full, and says good-bye. Closes the link.
    func ask(over link: any Link) async -> Outcome {
        let short = ShortLink(link, limits: limits)
        let outcome = await look(short)
        await short.close()
        return outcome
    }

    private func look(_ link: ShortLink) async -> Outcome {
        var options = DriverOptions()
        options.station = address.station
        guard let driver = KnownDrivers.driver(named: make, options: options) else {
            return .nobody
        }
        do {
            let session = try await driver.open(link)
            let found = await questions(to: session)
            await session.close()
            return .terminal(found)
        } catch let error as DriverError {
            return refusal(error, heard: link.heard)
        } catch {
            guard !link.heard.isEmpty else { return .nobody }
            return .other(Problem(explaining: error), heard: link.heard)
        }
    }

    /// What a terminal does not tell is nil: it is found all the same.
    private func questions(to session: any TerminalSession) async -> FoundTerminal {
        var found = FoundTerminal(driver: make, address: address)
        do {
            found.identity = try await session.identify()
        } catch {
            found.problem = Problem(explaining: error)
        }
        let asked = now()
        if let device = try? await session.readClock() {
            found.clock = ClockReading(
                device: device, asked: asked, answered: now(), zone: zone)
        }
        found.counters = try? await session.counters()
        return found
    }

    private func refusal(_ error: DriverError, heard: [UInt8]) -> Outcome {
        switch error {
        case _ where heard.isEmpty: .nobody
        case .wrongKey, .locked, .unsupported, .secured:
            .terminal(FoundTerminal(driver: make, address: address, problem: error.problem))
        case .otherMake, .garbled, .refused, .incomplete, .stationMissing, .serialMissing,
            .onlyOldest, .emptyOrWrongKey:
            .other(error.problem, heard: heard)
        }
    }
}

extension KnownDrivers {
    /// Where terminals listen, and who is asked there: a make's own port, and older ones.
    static let searchedPorts: [(port: Int, make: String)] = [
        (4_370, "zkteco"), (5_010, "anviz"), (1_621, "soyal"), (1_601, "soyal"),
    ].filter { names.contains($0.1) }

    /// Makes that answer datagrams.
    static let searchedDatagrams: [(port: Int, make: String)] = [(4_370, "zkteco")]

    /// Makes whose frames on a serial line are published, in the order they are asked.
    static let searchedOnSerial = ["anviz", "soyal"].filter { names.contains($0) }

    /// How a frame of a make begins that is never sent to a serial line: nobody has published
    /// what a ZKTeco terminal makes of one there.
    static let neverOnSerial: [[UInt8]] = [[0x50, 0x50, 0x82, 0x7D]]
}
