public import Attendance
import Exchange
import Glibc
import Journal
public import Logging
import ServiceLifecycle
import UnixSignals

/// The bridge of one office: collects, keeps and sends until it is told to stop.
public struct Daemon: Sendable {
    private let configuration: Configuration
    private let state: StateFolder
    private let controlSocket: String
    private let host: Host
    private let notifier: SystemdNotifier
    private let logger: Logger

    public init(
        _ configuration: Configuration, state: StateFolder, controlSocket: String,
        host: Host = .system, notifier: SystemdNotifier = .ofThisProcess, logger: Logger
    ) {
        self.configuration = configuration
        self.state = state
        self.controlSocket = controlSocket
        self.host = host
        self.notifier = notifier
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, and returns when everything is on disk.
    ///
    /// Services stop in the reverse of their order: the lines first, the sending after them, and
    /// the journal last of all.
    ///
    /// - Throws: What keeps the bridge from starting; nothing after that.
    public func run() async throws {
        signal(SIGPIPE, SIG_IGN)  // a centre that hangs up is an error of one call, not our end
        Heap.staySmall()
        var cause: RepairCause?
        var notes: StartNotes?
        repeat { cause = try await serve(repairing: cause, &notes) } while cause != nil
        notes.map { keep($0.ended) }
        logger.notice("titiand stopped")
    }

    /// Works on one journal, from its opening to its end.
    ///
    /// - Parameter notes: Made at the first opening: what follows a repair is no new start.
    /// - Returns: Why the journal has to be repaired; nil if the daemon has been told to stop.
    private func serve(
        repairing cause: RepairCause?, _ notes: inout StartNotes?
    ) async throws -> RepairCause? {
        let door = JournalDoor(
            place: { try self.surroundings() }, controlSocket: controlSocket, logger: logger)
        let journal = try await door.open(repairing: cause)
        let key = try state.signingKey()
        let boot = try await journal.bootNumber(forBootID: host.bootID)
        let isFirst = notes == nil
        let (last, now) = notes.map { ($0, $0) } ?? startNotes()
        notes = now
        let parts = try parts(journal, key, boot: boot, crashes: now.crashes ?? [])
        try await note(isFirst ? now.events(after: last) : [], in: journal, boot: boot)
        if isFirst { keep(now) }
        logger.notice(
            isFirst ? "titiand \(TitianVersion.current) started" : "goes on with a new journal",
            metadata: [
                "office": "\(configuration.office)", "journal": "\(journal.id)",
                "bridge": "\(key.verifying.id)", "terminals": "\(configuration.terminals.count)",
            ])
        notifier.ready("\(configuration.terminals.count) terminals")
        try await group(parts).run()
        if let cause = parts.guardian.cause {
            // What SQLite would still move into a damaged file is read where it lies.
            await journal.close(untouched: cause.kind == .damaged)
            return cause
        }
        try await note([.bridge(.stop, detail: nil)], in: journal, boot: boot)
        try await journal.checkpoint()
        await journal.close()
        return nil
    }

    private func surroundings() throws -> Journal.Surroundings {
        try state.prepare()
        return try state.surroundings(at: host.now())
    }

    private struct Parts {
        let guardian: JournalGuard
        let sending: SendingTask
        let control: ControlServer
        let systemd: SystemdTask
        let retention: RetentionTask
        let office: OfficeTask
        let sticks: StickTask?
        let ports: [ListenTask]
        let lines: [LineTask]
        let push: PushReceiver?
        /// Nil where no line has a cable to plug in.
        let plugs: PlugTask?
    }

    private func parts(_ journal: Journal, _ key: SigningKey, boot: Int64, crashes: [String]) throws
        -> Parts
    {
        let links = Links()
        let board = StatusBoard(
            configuration.terminals, push: configuration.push, now: host.now
        ) { links.statusChanged() }
        var place = CollectingPlace(
            zone: configuration.zone, journal: journal, host: host, boot: boot, board: board,
            state: state, pace: .real, logger: logger, written: { links.written() })
        let ports = ListenTask.all(of: configuration, at: &place)
        let imports = ImportDesk(
            StickImporter(
                state: state, terminals: configuration.terminals, roll: place.roll,
                journal: journal, moment: place.moment, written: place.written))
        let overview = Overview(
            office: configuration.office, zone: configuration.zone, bridge: key.verifying,
            state: state, journal: journal,
            board: board, host: host, boot: boot, startedAt: host.now(),
            crashes: crashes,
            roll: PresenceRoll(journal, zone: configuration.zone),
            sticks: { await imports.report() }, sync: { await links.syncStatus() })
        let liveness = place.liveness
        let sending = SendingTask(
            state: state, logger: logger, liveness: liveness,
            retryBase: configuration.server.retryBase,
            enrol: { [self] in try await enrol($0, key, journal) }
        ) { [self] enrolment, expect in
            Uplink(
                journal: journal, key: key, enrolment: enrolment, settings: configuration.server,
                host: host, boot: boot, logger: logger, keep: { try $0.save(to: state) },
                expect: expect,
                report: { await overview.bridgeStatus() })
        }
        links.connect(sending)
        let desk = ControlDesk(
            overview: overview, journal: journal, imports: imports,
            courier: CourierDesk(
                state: state, journal: journal, key: key, host: host, boot: boot,
                report: { await overview.bridgeStatus() }),
            written: place.written, syncNow: { sending.callNow() },
            reloadEnrolment: { sending.reload() })
        return Parts(
            guardian: JournalGuard(journal, logger: logger), sending: sending,
            control: try ControlServer(socket: controlSocket) { await desk.answer($0) },
            systemd: SystemdTask(
                notifier: notifier, liveness: liveness, pace: .real, logger: logger
            ) { await overview.line() },
            retention: RetentionTask(
                journal: journal, now: host.now, pace: .real, logger: logger),
            office: officeTask(overview, bell: links.page),
            sticks: configuration.stick.isOn
                ? StickTask(configuration.stick, desk: imports, logger: logger) : nil,
            ports: ports, lines: LineTask.all(of: configuration, at: place),
            push: configuration.push.map { PushReceiver($0, at: place) },
            plugs: PlugTask(for: configuration, ringing: place.plugs))
    }

    private func officeTask(_ overview: Overview, bell: Bell) -> OfficeTask {
        OfficeTask(
            page: configuration.page, metricsFile: configuration.metricsFile,
            office: configuration.office.description, zone: configuration.zone,
            overview: overview, bell: bell, now: host.now, pace: .real, logger: logger)
    }

    /// Exchanges a code that waited for the first contact.
    private func enrol(
        _ pending: PendingEnrolment, _ key: SigningKey, _ journal: Journal
    ) async throws -> Enrolment {
        let enroller = try Enroller(
            url: pending.url, code: pending.code, office: configuration.office)
        let https = try HTTPS(
            origin: enroller.url, pins: enroller.code.pins, through: configuration.server.proxy)
        return try await enroller.enrol(
            key: key, journal: journal.id, hostname: host.hostname, now: host.now()
        ) { path, body in
            try await https.post(path, body: body, contentType: "application/json")
        }
    }

    private func group(_ parts: Parts) -> ServiceGroup {
        let others: [any Service] =
            [parts.sending, parts.control, parts.systemd, parts.retention, parts.office]
            + (parts.sticks.map { [$0] } ?? []) + (parts.plugs.map { [$0] } ?? [])
            + parts.ports.map { $0 as any Service } + parts.lines.map { $0 as any Service }
            + [parts.push].compactMap { $0 }
        var quiet = logger
        quiet.logLevel = .warning  // its own story of every signal is no news to anybody
        let guardian = ServiceGroupConfiguration.ServiceConfiguration(
            service: parts.guardian, successTerminationBehavior: .gracefullyShutdownGroup)
        var group = ServiceGroupConfiguration(
            services: [guardian] + others.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        group.maximumGracefulShutdownDuration = .seconds(8)
        return ServiceGroup(configuration: group)
    }

    private func startNotes() -> (last: StartNotes?, now: StartNotes) {
        let last = StartNotes(at: state.startedFile)
        var now = StartNotes(configuration)
        now.begin(after: last, bootID: host.bootID, at: host.now())
        return (last, now)
    }

    /// A disk that takes no notes is no reason to collect nothing, or to end badly.
    private func keep(_ notes: StartNotes) {
        do {
            try notes.save(to: state.startedFile)
        } catch {
            let problem = Problem(explaining: error).line(.english)
            logger.warning("start not noted", metadata: ["problem": "\(problem)"])
        }
    }

    private func note(_ events: [EntryBody], in journal: Journal, boot: Int64) async throws {
        let moment = Moment(at: host.now(), boot: boot, up: host.uptime())
        try await journal.record(events, at: moment)
    }
}

/// Why the daemon does not start.
public enum DaemonError: Explained, Hashable {
    /// Another `titiand`, or a `titian` command, holds this journal.
    case alreadyRunning(folder: String)

    public var problem: Problem {
        switch self {
        case .alreadyRunning(let folder):
            Problem(
                code: "daemon.already-running",
                summary: Text(
                    id: "Jurnal di \(folder) sedang dipakai: titiand sudah berjalan.",
                    en: "The journal in \(folder) is in use: titiand is running already."),
                remedy: Text(
                    id: "Lihat 'titian status', atau pilih folder lain dengan --state.",
                    en: "See 'titian status', or choose another folder with --state."))
        }
    }
}
