import Attendance
import TerminalKit

@testable import ZKTeco

extension FuzzTarget {
    static let pushes: [FuzzTarget] = [
        FuzzTarget(
            "push-requests", decode: Pushes.decode, check: Pushes.check,
            seeds: { Seeds.pushes }),
        FuzzTarget(
            "push-rows", decode: Pushes.decodeRows, check: Pushes.checkRows,
            seeds: { Seeds.pushRows }),
        FuzzTarget(
            "push-recording", decode: Pushes.decodeRecording,
            check: Pushes.checkRecording, seeds: { Seeds.pushes }),
    ]
}

/// What terminals that push send, as the daemon takes it and as `titian decode` shows it.
enum Pushes {
    private static func requests(
        _ pieces: some Sequence<ArraySlice<UInt8>>
    ) -> [PushRequestReader.Event] {
        var reader = PushRequestReader { PushQuestion($0) == .punches }
        var events: [PushRequestReader.Event] = []
        for piece in pieces {
            reader.feed(Array(piece))
            while let event = reader.next() { events.append(event) }
        }
        return events + (reader.finish().map { [$0] } ?? [])
    }

    /// As the receiver does it: what arrives, then the rows of each request.
    static func decode(_ bytes: [UInt8]) -> Int {
        var reader = PushRequestReader { PushQuestion($0) == .punches }
        for start in stride(from: 0, to: bytes.count, by: 4_096) {
            reader.feed(Array(bytes[start..<min(bytes.count, start + 4_096)]))
            while let event = reader.next() {
                if case .request(let request) = event { _ = decodeRows(request.body) }
            }
        }
        use(reader.finish())
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        let whole = requests([bytes[...]])
        try hold(requests(Cuts.random(bytes)) == whole, "requests depend on how they are cut")
        var held = 0
        for event in whole {
            guard case .request(let request) = event else { continue }
            held += request.body.count
            try checkRows(request.body)
            let answer = PushAnswer.options(for: request.head, settingClockTo: nil)
            try hold(!answer.text.contains("C:"), "a command for a terminal")
            try hold(answer.text.utf8.count <= 1_024 + bytes.count, "an answer grows too large")
        }
        try hold(held < max(1, bytes.count), "bodies longer than what came")
    }

    static func decodeRows(_ bytes: [UInt8]) -> Int {
        for record in PushRecords(bytes) { use(record) }
        return bytes.count
    }

    static func checkRows(_ bytes: [UInt8]) throws {
        let records = Array(PushRecords(bytes))
        let lines = bytes.split(separator: 0x0A).count
        try hold(records.count <= lines, "more records than lines")
        let kept = records.reduce(0) { $0 + Kept.bytes(of: $1) }
        try hold(kept <= bytes.count + 1, "rows grow")
        try hold(
            PushRows.punches(in: bytes).reduce(0) { count, _ in count + 1 } <= lines,
            "more punches than lines")
    }

    static func decodeRecording(_ bytes: [UInt8]) -> Int {
        _ = ZKTecoDriver().decode(http: bytes) { use($0) }
        return bytes.count
    }

    static func checkRecording(_ bytes: [UInt8]) throws {
        var items: [DecodedItem] = []
        guard ZKTecoDriver().decode(http: bytes, { items.append($0) }) else { return }
        try hold(Kept.output(items) <= 4 * bytes.count + 256, "a push grows too large")
    }
}

extension Seeds {
    static let pushRows: [[UInt8]] = [
        "17\t2026-11-20 07:31:02\t0\t1\t0\t0\t0\r\n18\t2026-11-20 07:31:09\t0\t15\t-53\n",
        "17 2026-11-20 07:31:02 0 1 0\nPIN=17\tDateTime=2026-11-20 07:31:02\tStatus=1\tVerify=1\n",
        "FP PIN=17\tFID=0\tTMP=AAAA\nx\n\n0017\t2026-02-30 07:31:02\t0\t1\n",
    ].map { Array($0.utf8) }
}
