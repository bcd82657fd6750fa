import Attendance
import Exchange
import Foundation
import Journal
import Logging
import TestSupport
import Testing

@testable import Bridge

private func desk(
    _ office: FakeOffice, in folder: URL, key: SigningKey, nudged: @escaping @Sendable () -> Void
) -> ControlDesk {
    let imports = ImportDesk(
        state: StateFolder(path: folder.path), terminals: [], journal: office.journal,
        moment: office.place.moment)
    let overview = Overview(
        office: .contoh, zone: .wita, bridge: key.verifying, state: StateFolder(path: folder.path),
        journal: office.journal, board: office.board, host: office.host.host, boot: 1,
        startedAt: office.host.now, roll: PresenceRoll(office.journal, zone: .wita),
        sticks: { await imports.report() },
        sync: { SyncStatus(state: .notEnrolled) })
    return ControlDesk(
        overview: overview, journal: office.journal, imports: imports,
        courier: CourierDesk(
            state: StateFolder(path: folder.path), journal: office.journal, key: key,
            host: office.host.host, boot: 1, report: { await overview.bridgeStatus() }),
        written: {},
        syncNow: nudged,
        reloadEnrolment: nudged)
}

extension OfficeID {
    fileprivate static var contoh: OfficeID {
        guard let id = try? OfficeID("upt-contoh-utara") else { preconditionFailure("a good id") }
        return id
    }
}

@Suite struct `An answer of the daemon` {
    private func answer(_ question: String, nudged: @escaping @Sendable () -> Void = {})
        async throws
        -> [String: Any]
    {
        try await withTemporaryFolder { folder in
            let key = SigningKey()
            let configured = try FakeOffice.configured()
            let office = try FakeOffice(in: folder, [configured], key: key) { _ in nil }
            let id = try TerminalID("zkteco:BWXP20126001")
            let time = try #require(WallTime("2026-11-21T08:00:00"))
            try await office.journal.record(
                (0..<5).map { .punch(id, FakeTerminal.punch($0, time), via: .log) },
                at: office.place.moment())
            let desk = desk(office, in: folder, key: key, nudged: nudged)
            let bytes = await desk.answer(Array(question.utf8))
            #expect(!bytes.contains(UInt8(ascii: "\n")))
            let object = try JSONSerialization.jsonObject(with: Data(bytes))
            return try #require(object as? [String: Any])
        }
    }

    @Test func `to status has everything that scripts rely on`() async throws {
        let status = try await answer(#"{"op":"status"}"#)
        #expect(
            Set(status.keys) == [
                "office", "timezone", "version", "bridge", "hostname", "started_at", "terminals",
                "journal", "sync", "sticks", "host",
            ])
        let journal = try #require(status["journal"] as? [String: Any])
        #expect(journal["punches"] as? Int == 5)
        #expect(journal["receipted_punches"] as? Int == 0)
        #expect(journal["queue"] as? Int == 5)
        let sync = try #require(status["sync"] as? [String: Any])
        #expect(sync["state"] as? String == "not-enrolled")
        let terminals = try #require(status["terminals"] as? [[String: Any]])
        #expect(terminals.first?["state"] as? String == "starting")
        let host = try #require(status["host"] as? [String: Any])
        #expect(host["synced"] as? Bool == true)
    }

    @Test(
        arguments: [
            (#"{"op":"punches","limit":2}"#, [4, 5], 5),
            (#"{"op":"punches","limit":2,"after":4}"#, [5], 5),
            (#"{"op":"tail","after":3}"#, [4, 5], 5),
            (#"{"op":"tail","limit":1}"#, [5], 5),
            (#"{"op":"tail","after":5}"#, [], 5),
            (#"{"op":"tail","after":99}"#, [], 5),
            (#"{"op":"tail","after":0,"limit":2}"#, [1, 2], 2),
        ] as [(String, [Int], Int)])
    func `to punches and tail has the lines and where to go on`(
        question: String, seqs: [Int], last: Int
    ) async throws {
        let tail = try await answer(question)
        let lines = try #require(tail["lines"] as? [[String: Any]])
        #expect(lines.compactMap { $0["seq"] as? Int } == seqs)
        #expect(tail["last"] as? Int == last)
    }

    @Test func `to a list of files that wait is empty on most days`() async throws {
        let list = try await answer(#"{"op":"import-list"}"#)
        #expect((list["held"] as? [Any])?.isEmpty == true)
    }

    @Test func `to a check says that all is whole`() async throws {
        let verified = try await answer(#"{"op":"journal-verify"}"#)
        #expect(verified["whole"] as? Bool == true)
        #expect(verified["entries"] as? Int == 5)
        #expect(try await answer(#"{"op":"journal-check"}"#)["whole"] as? Bool == true)
        #expect(try await answer(#"{"op":"journal-status"}"#)["head_seq"] as? Int == 5)
    }

    @Test(arguments: ["sync-now", "reload-enrolment"])
    func `to an order comes after it was passed on`(op: String) async throws {
        let (calls, signal) = AsyncStream<Void>.makeStream()
        let status = try await answer(#"{"op":"\#(op)"}"#) { signal.yield() }
        signal.finish()
        #expect(await calls.reduce(0) { count, _ in count + 1 } == 1)
        #expect(status["state"] as? String == "not-enrolled")
    }

    @Test(arguments: [
        (#"{"op":"format-disk"}"#, "control.unknown-operation"), ("hello", "control.bad-request"),
        ("{}", "control.bad-request"), ("", "control.bad-request"),
        (#"{"op":"import-begin"}"#, "control.bad-request"),
        (#"{"op":"import-begin","file":"a/user.dat"}"#, "import.people-file"),
        (#"{"op":"import-bytes","ticket":"1","data":"*"}"#, "control.bad-request"),
        (#"{"op":"import-bytes","ticket":"1","data":"AAAA"}"#, "import.lost-pieces"),
        (#"{"op":"import-end","ticket":"1"}"#, "import.lost-pieces"),
        (#"{"op":"import-end","ticket":"1","order":"ymd"}"#, "control.bad-request"),
        (#"{"op":"import-held","ticket":"../../x"}"#, "import.not-held"),
        (#"{"op":"tail","after":"x"}"#, "control.bad-request"),
    ])
    func `to nonsense explains itself in both languages`(question: String, code: String)
        async throws
    {
        let error = try #require(try await answer(question)["error"] as? [String: String])
        #expect(error["code"] == code)
        #expect(error["id"] != error["en"])
    }
}

@Suite struct `A second daemon` {
    @Test func `on the same state folder says that one is running`() async throws {
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.path)
            var random = SystemRandomNumberGenerator()
            let journal = try Journal(
                folder: folder.path, publicKey: state.signingKey().verifying, using: &random)
            let socket = folder.appendingPathComponent("c.sock").path
            let first = try ControlServer(socket: socket) { $0 }
            let running = Task { await first.run() }
            let second = Daemon(
                Configuration(office: .contoh, zone: .wita), state: state, controlSocket: socket,
                notifier: SystemdNotifier(socketName: nil), logger: LogBook().logger)
            let error = await #expect(throws: DaemonError.self) { try await second.run() }
            #expect(error?.problem.line(.english).contains("running already") == true)
            running.cancel()
            await running.value
            await journal.close()
        }
    }
}

@Suite struct `Sending` {
    @Test func `begins when an enrolment comes while the daemon runs`() async throws {
        try await withTemporaryFolder { folder in
            let key = SigningKey()
            let office = try FakeOffice(in: folder, [], key: key) { _ in nil }
            let state = StateFolder(path: folder.path)
            let (made, signal) = AsyncStream<String>.makeStream()
            let sending = SendingTask(
                state: state, logger: office.log.logger, liveness: office.place.liveness,
                retryBase: .seconds(30), enrol: { _ in throw SyncError.notACode }
            ) { enrolment, _ in
                signal.yield(enrolment.url)
                return Uplink(
                    journal: office.journal, key: key, enrolment: enrolment,
                    settings: Configuration.Server(), host: office.host.host, boot: 1,
                    logger: office.log.logger, keep: { _ in },
                    connect: { _ in { _, _ in throw SyncError.timeout("https://bkd") } },
                    report: { BridgeStatus(version: "", office: "", hostname: "", startedAt: "") })
            }
            #expect(await sending.status().state == .notEnrolled)
            let running = Task { await sending.run() }
            for url in ["https://bkd.example.go.id", "https://baru.example.go.id"] {
                try Enrolment(
                    url: url, pins: ["sha256//AAAA"], centreKey: key.verifying.bytes.base64,
                    office: "upt-contoh-utara", zone: "Asia/Makassar", bridge: key.verifying.id,
                    enrolledAt: "2026-11-21T00:00:00.000Z"
                ).save(to: state)
                sending.reload()
                #expect(await made.first { _ in true } == url)
            }
            running.cancel()
            await running.value
        }
    }

    @Test func `says why an enrolment cannot be read, and collecting goes on`() async throws {
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.path)
            try Data("{}".utf8).write(to: URL(fileURLWithPath: state.centreFile))
            let log = LogBook()
            let sending = SendingTask(
                state: state, logger: log.logger, liveness: Liveness(now: { .zero }),
                retryBase: .seconds(30), enrol: { _ in throw SyncError.notACode }
            ) { _, _ in
                preconditionFailure("there is no enrolment")
            }
            let running = Task { await sending.run() }
            while await sending.status().lastProblem == nil { await Task.yield() }
            #expect(await sending.status().lastProblem?.code == "state.unusable")
            #expect(log.lines == ["the enrolment cannot be read"])
            running.cancel()
            await running.value
        }
    }
}

@Suite struct `A start` {
    @Test func `tells the journal what changed since the last one`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("started.json").path
            var configuration = Configuration(office: .contoh, zone: .wita)
            let first = StartNotes(version: "1.0.0", configuration)
            #expect(StartNotes(at: path) == nil)
            #expect(first.events(after: nil).count == 1)
            try first.save(to: path)
            #expect(StartNotes(at: path) == first)
            #expect(first.events(after: StartNotes(at: path)).count == 1)
            configuration.server.heartbeat = .seconds(60)
            let second = StartNotes(version: "1.1.0", configuration)
            #expect(
                second.events(after: first) == [
                    .bridge(.start, detail: "titiand 1.1.0"),
                    .bridge(.version, detail: "1.0.0 → 1.1.0"),
                    .bridge(.configuration, detail: "changed"),
                ])
        }
    }
}

@Suite struct `A log line` {
    @Test func `carries its facts, and its priority for systemd`() {
        let log = StandardErrorLog(underSystemd: true)
        #expect(
            log.line("terminal lost", at: .warning, ["terminal": "lobi", "problem": "it is gone"])
                == "<4>terminal lost problem=\"it is gone\" terminal=lobi\n")
        let byHand = StandardErrorLog(underSystemd: false)
        #expect(byHand.line("ready", at: .notice, ["a": "x\ny"]) == "notice: ready a=\"x y\"\n")
    }
}
