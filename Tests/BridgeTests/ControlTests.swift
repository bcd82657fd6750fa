import Attendance
import Exchange
import Foundation
import Glibc
import ServiceLifecycle
import TestSupport
import Testing

@testable import Bridge

/// Runs a control server for as long as `body` takes.
private func withServer(
    at path: String, _ handler: @escaping ControlServer.Handler,
    _ body: @escaping @Sendable () async throws -> Void
) async throws {
    let server = try ControlServer(socket: path, handler: handler)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await server.run() }
        try await body()
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// Asks from a thread of its own, as another program would.
private func ask(_ path: String, _ text: String) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        Thread {
            continuation.resume(
                with: Result {
                    let answer = try ControlClient.ask(
                        socket: path, json: Array(text.utf8), within: .seconds(240))
                    return String(decoding: answer, as: UTF8.self)
                })
        }.start()
    }
}

@Suite struct `The control socket` {
    @Test func `gives each question its answer`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("c.sock").path
            try await withServer(at: path) { line in
                [UInt8(ascii: "<")] + line
            } _: {
                let answers = try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<8 { group.addTask { try await ask(path, "q\(number)") } }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(answers == Set((0..<8).map { "<q\($0)" }))
            }
        }
    }

    @Test func `carries an answer that is larger than the socket's buffer`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("c.sock").path
            try await withServer(at: path) { _ in
                [UInt8](repeating: UInt8(ascii: "x"), count: 3_000_000)
            } _: {
                let answer = try await ask(path, "much")
                #expect(answer.utf8.count == 3_000_000)
            }
        }
    }

    @Test func `is for the owner and the group, and is gone afterwards`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("c.sock").path
            try await withServer(at: path) {
                $0
            } _: {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o660)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `takes the place of one that a killed daemon left`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("c.sock").path
            let address = try #require(UnixAddress(path))
            let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            #expect(address.with { bind(dead, $0, $1) } == 0)
            close(dead)
            try await withServer(at: path) {
                $0
            } _: {
                let answer = try await ask(path, "there?")
                #expect(answer == "there?")
            }
        }
    }

    @Test func `is not taken from a daemon that lives`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("c.sock").path
            try await withServer(at: path) {
                $0
            } _: {
                #expect(throws: ControlError.self) {
                    try ControlServer(socket: path) { $0 }
                }
                let answer = try await ask(path, "still there?")
                #expect(answer == "still there?")
            }
        }
    }

    @Test func `that nobody listens at is told in words`() {
        let error = #expect(throws: ControlError.self) {
            try ControlClient.ask(socket: "/nowhere/c.sock", json: [])
        }
        #expect(error == .notRunning(socket: "/nowhere/c.sock"))
        #expect(error?.problem.line(.indonesian).contains("tidak berjalan") == true)
    }
}

@Suite struct `Messages to systemd` {
    /// A datagram socket and what came to it.
    private func messages(to name: String, _ send: () -> Void) throws -> [String] {
        let address = try #require(UnixAddress(name))
        let file = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(file) }
        #expect(address.with { bind(file, $0, $1) } == 0)
        send()
        var messages: [String] = []
        var page = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(file, &page, page.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return messages }
            messages.append(String(decoding: page.prefix(count), as: UTF8.self))
        }
    }

    @Test func `reach a socket in a folder and an abstract one`() async throws {
        try await withTemporaryFolder { folder in
            let names = [
                folder.appendingPathComponent("notify").path, "@titian-test-\(UUID().uuidString)",
            ]
            for name in names {
                let notifier = SystemdNotifier(socketName: name)
                let seen = try messages(to: name) {
                    notifier.ready("4 terminals")
                    notifier.alive()
                    notifier.stopping()
                }
                #expect(seen == ["READY=1\nSTATUS=4 terminals", "WATCHDOG=1", "STOPPING=1"])
            }
        }
    }

    @Test func `are not sent where nobody asked`() {
        SystemdNotifier(socketName: nil).ready("")
        #expect(SystemdNotifier(socketName: nil, watchdogMicroseconds: "0").watchdog == nil)
        #expect(
            SystemdNotifier(socketName: nil, watchdogMicroseconds: "30000000").watchdog
                == .seconds(15))
    }
}

@Suite struct `The state folder` {
    @Test func `makes one key, for its owner only, and keeps it`() async throws {
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.appendingPathComponent("state").path)
            try state.prepare()
            let key = try state.signingKey()
            #expect(try state.signingKey().seed == key.seed)
            let attributes = try FileManager.default.attributesOfItem(atPath: state.keyFile)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: state.path) == ["bridge.key"])
        }
    }

    @Test func `never replaces a key that it cannot read`() async throws {
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.path)
            try Data("damaged\n".utf8).write(to: URL(fileURLWithPath: state.keyFile))
            let error = #expect(throws: StateError.self) { try state.signingKey() }
            #expect(error == .keyDamaged(path: state.keyFile))
            #expect(try String(contentsOfFile: state.keyFile, encoding: .utf8) == "damaged\n")
        }
    }
}
