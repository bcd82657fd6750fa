import Attendance
import Bridge
import Foundation
import Glibc
import ServiceLifecycle
import Speech
import Synchronization

@testable import titian

/// One run of the program with everything it said.
struct CapturedRun {
    let exitCode: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// - Parameter width: Columns of the window; without it nobody looks.
    init(_ arguments: [String], language: Language = .english, width: Int? = nil) async {
        let said = Mutex<(output: [UInt8], errors: [UInt8])>(([], []))
        exitCode = await Output.$standard.withValue({ bytes, file in
            said.withLock { said in
                if file == STDOUT_FILENO {
                    said.output += bytes
                } else {
                    said.errors += bytes
                }
            }
        }) {
            await Output.$wrapping.withValue({ _ in width.map(Wrapping.init) }) {
                await Speech.$language.withValue(language) { await Titian.run(arguments) }
            }
        }
        output = said.withLock { String(decoding: $0.output, as: UTF8.self) }
        errors = said.withLock { String(decoding: $0.errors, as: UTF8.self) }
    }
}

/// A control socket that answers like a daemon, in a folder of its own.
func withDaemon<Result: Sendable>(
    answering answers: [String: String],
    _ body: @Sendable @escaping (_ socket: String) async throws -> Result
) async throws -> Result {
    // Short, because a socket's name has 107 bytes at most.
    let socket = "/tmp/titian-\(UInt32.random(in: 0...UInt32.max)).sock"
    let server = try ControlServer(socket: socket) { line in
        let question = String(decoding: line, as: UTF8.self)
        let answer = answers.first { question.contains("\"op\":\"\($0.key)\"") }
        return Array((answer?.value ?? #"{"error":{"code":"x","id":"x","en":"x"}}"#).utf8)
    }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            await server.run()
            return nil
        }
        group.addTask { try await body(socket) }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw CancellationError()
    }
}

/// A clock that a test turns.
final class Ticking: Sendable {
    private let time: Mutex<ContinuousClock.Instant>

    init(_ start: ContinuousClock.Instant) { time = Mutex(start) }

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func set(_ instant: ContinuousClock.Instant) { time.withLock { $0 = instant } }
}

/// What was written.
final class Said: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    func add(_ more: [UInt8]) { bytes.withLock { $0 += more } }
}
