import Attendance
import Foundation
import Simulator
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge

@Suite struct `A recorded talk` {
    private static let key: UInt32 = 87_654_321

    /// A simulated terminal's talk: recorded, cleaned and written down.
    private func record(
        _ make: String, on listen: String, readsLog: Bool = true, live: Duration = .zero,
        fault: Fault? = nil, redaction: Redaction = Redaction()
    ) async throws -> (file: TalkFile, recording: TraceRecorder.Recording) {
        var settings = SimulatorSettings(
            serialNumber: make == "zkteco" ? "BWXP20126001" : "3005000012345678")
        settings.records = 40
        settings.commKey = make == "zkteco" ? Self.key : 0
        settings.live = live > .zero ? 20 : 0
        settings.faults = fault.map { [$0] } ?? []
        let simulation = try Simulation(
            make: make, settings: settings, listen: [ListenAddress(listen)], control: nil)
        defer { simulation.end() }
        var options = DriverOptions()
        options.commKey = settings.commKey
        let driver = try #require(KnownDrivers.driver(named: make, options: options))
        let address = try Address(try Self.link(simulation))
        let link = try await address.open(within: .seconds(5))
        let recording = await TraceRecorder(readsLog: readsLog, live: live)
            .record(driver, over: link)
        await link.close()
        let talk = try #require(driver.clean(recording.talk, redaction))
        let header = TraceHeader(
            recording, make: make, line: listen.hasPrefix("udp") ? "udp" : "tcp", options: options,
            redaction: redaction, version: "0", time: UTCTime(milliseconds: 0))
        return (try TalkFile(parsing: header.file(talk).text), recording)
    }

    private static func link(_ simulation: Simulation) throws -> String {
        struct Ready: Decodable { var listen: [String] }
        let json = simulation.readyLine.dropFirst("ready ".count)
        return try JSONDecoder().decode(Ready.self, from: Data(json.utf8)).listen[0]
    }

    @Test(arguments: [
        ("zkteco", "tcp:127.0.0.1:0"), ("zkteco", "udp:127.0.0.1:0"),
        ("anviz", "tcp:127.0.0.1:0"),
    ])
    func `is read by the driver as the terminal was`(make: String, listen: String) async throws {
        let (file, recording) = try await record(make, on: listen)
        #expect(recording.problem == nil)
        #expect(recording.punches == 40)
        let replay = try #require(TraceReplay(file, driver: nil))
        let result = await replay.run()
        #expect(result.problem == nil)
        #expect(result.divergence == nil)
        #expect(result.isWhole)
        #expect(result.records.count == 40)
        #expect(result.read?.isComplete == true)
        #expect(result.identity == recording.identity)
    }

    @Test func `holds live punches too`() async throws {
        let (file, recording) = try await record(
            "zkteco", on: "tcp:127.0.0.1:0", readsLog: false, live: .milliseconds(600))
        #expect(recording.punches > 0)
        let result = try #require(TraceReplay(file, driver: nil))
        let replayed = await result.run()
        #expect(replayed.live.count == recording.punches)
        #expect(replayed.isWhole)
    }

    @Test func `that failed is there all the same, and fails again`() async throws {
        var fault = Fault(.dropInRead)
        fault.after = 700
        let (file, recording) = try await record("zkteco", on: "tcp:127.0.0.1:0", fault: fault)
        let code = try #require(recording.problem?.code)
        #expect(file["Ended"] == code)
        let replay = try #require(TraceReplay(file, driver: nil))
        let result = await replay.run()
        #expect(result.problem?.code == code)
        #expect(result.divergence == nil)
    }

    @Test func `holds no key, and with the right wish no number of anybody`() async throws {
        var redaction = Redaction()
        redaction.inventsPins = true
        redaction.inventsSerials = true
        let (clear, _) = try await record("zkteco", on: "tcp:127.0.0.1:0")
        let (file, recording) = try await record(
            "zkteco", on: "tcp:127.0.0.1:0", redaction: redaction)
        let whole = try #require(TraceReplay(clear, driver: nil))
        let real = await whole.run().records.compactMap(\.pin)
        let replay = try #require(TraceReplay(file, driver: nil))
        let other = await replay.run().records.compactMap(\.pin)
        #expect(real.count == 40 && other.count == 40)
        #expect(Set(real).isDisjoint(with: other))
        #expect(!file.text.contains("\(Self.key)"))
        #expect(!file.text.contains("BWXP20126001"))
        let hex = recording.talk.steps.compactMap { step -> [UInt8]? in
            guard case .toTerminal(let bytes) = step, bytes.dropFirst(8).prefix(2) == [0x4E, 4]
            else { return nil }
            return Array(bytes.suffix(4))
        }
        let scrambled = try #require(hex.first)
        #expect(!TalkBytes(file.talk).toTerminal.contains(scrambled))
        let serial = Array("BWXP20126001".utf8)
        #expect(TalkBytes(recording.talk).fromTerminal.contains(serial))
        #expect(!TalkBytes(file.talk).fromTerminal.contains(serial))
    }

    @Test func `of an unknown make has no driver`() {
        #expect(TraceReplay(TalkFile(header: [], talk: Talk(steps: [])), driver: nil) == nil)
        #expect(TraceReplay(TalkFile(header: [], talk: Talk(steps: [])), driver: "x") == nil)
    }
}

extension LogRecord {
    fileprivate var pin: String? {
        if case .punch(let punch) = self { punch.pin.text } else { nil }
    }
}

extension [UInt8] {
    fileprivate func contains(_ bytes: [UInt8]) -> Bool { firstRange(of: bytes) != nil }
}
