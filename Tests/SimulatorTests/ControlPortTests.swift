import Attendance
import Foundation
import Testing

@testable import Simulator

@Suite struct `The control port` {
    private let port = ControlPort(terminal: terminal("zkteco"))

    private func ask(_ request: String) throws -> [String: Any] {
        let answer = port.answer(Array(request.utf8))
        #expect(!answer.contains(0x0A))
        return try #require(JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any])
    }

    @Test func `answers with the state and the counts of an untouched terminal`() throws {
        let stats = try ask(#"{"op":"stats"}"#)
        #expect(stats["records"] as? Int == 20)
        #expect(stats["users"] as? Int == 5)
        #expect(stats["clock"] as? String == "2026-11-20T17:45:00")
        for count in ["connections", "disabled", "cleared", "clock_set", "template_requests"] {
            #expect(stats[count] as? Int == 0, "\(count)")
        }
        #expect((stats["commands"] as? [String: Int])?.isEmpty == true)
    }

    @Test func `adds punches, and gives the log in its order`() throws {
        let stats = try ask(#"{"op":"add","n":3,"pin":"17","time":"2026-11-20T18:00:00"}"#)
        #expect(stats["records"] as? Int == 23)
        let log = try #require(try ask(#"{"op":"log"}"#)["log"] as? [[String: Any]])
        #expect(log.count == 23)
        let added = log.suffix(3)
        #expect(added.map { $0["pin"] as? String } == ["17", "17", "17"])
        #expect(
            added.map { $0["time"] as? String } == [
                "2026-11-20T18:00:00", "2026-11-20T18:00:01", "2026-11-20T18:00:02",
            ])
    }

    @Test func `adds a thousand at once, nobody twice in a second`() throws {
        #expect(try ask(#"{"op":"add","n":1000}"#)["records"] as? Int == 1_020)
        let log = try #require(try ask(#"{"op":"log"}"#)["log"] as? [[String: Any]])
        let seconds = Set(log.map { "\($0["pin"] ?? "") \($0["time"] ?? "")" })
        #expect(seconds.count == 1_020)
    }

    @Test func `moves the clock by seconds, or to a time`() throws {
        #expect(
            try ask(#"{"op":"clock","offset_s":-65}"#)["clock"] as? String == "2026-11-20T17:43:55")
        let set = try ask(#"{"op":"clock","set":"2005-01-01T00:00:00"}"#)
        #expect(set["clock"] as? String == "2005-01-01T00:00:00")
        // A person at the keys, not a command over the line.
        #expect(set["clock_set"] as? Int == 0)
    }

    @Test func `sets the rate of live punches and erases the log`() throws {
        #expect(try ask(#"{"op":"live","rate":0.5}"#)["live"] as? Double == 0.5)
        let cleared = try ask(#"{"op":"clear"}"#)
        #expect(cleared["records"] as? Int == 0)
        #expect(cleared["cleared"] as? Int == 0)
    }

    @Test func `turns faults on and off`() throws {
        let on = try ask(#"{"op":"fault","name":"lose-datagram","every":7,"count":2}"#)
        let faults = try #require(on["faults"] as? [[String: Any]])
        #expect(faults.map { $0["name"] as? String } == ["lose-datagram"])
        #expect(faults.first?["every"] as? Int == 7)
        #expect((try ask(#"{"op":"fault","name":"none"}"#)["faults"] as? [Any])?.isEmpty == true)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"op":"dance"}"#, #"{"op":"fault"}"#, #"{"op":"fault","name":"rain"}"#,
        #"{"op":"add","pin":"x7"}"#, #"{"op":"add","time":"yesterday"}"#, #"{"op":"add","n":-1}"#,
    ])
    func `says what it cannot do, and does nothing`(request: String) throws {
        #expect(try ask(request)["error"] is String)
        #expect(try ask(#"{"op":"stats"}"#)["records"] as? Int == 20)
    }
}

@Suite struct `A place to listen` {
    @Test func `is a scheme, a host and a port, or a path`() throws {
        #expect(try ListenAddress("tcp:127.0.0.1:4370") == .tcp(host: "127.0.0.1", port: 4_370))
        #expect(try ListenAddress("udp:0.0.0.0:0") == .udp(host: "0.0.0.0", port: 0))
        #expect(try ListenAddress("pty:/tmp/ttyANVIZ") == .pty(path: "/tmp/ttyANVIZ"))
    }

    @Test(arguments: [
        "", "tcp", "tcp:", "tcp:1.2.3.4", "tcp:1.2.3.4:x", "tcp:1.2.3.4:99999", "file:/x",
    ])
    func `is nothing else`(text: String) {
        #expect(throws: InvalidValue.self) { try ListenAddress(text) }
    }
}
