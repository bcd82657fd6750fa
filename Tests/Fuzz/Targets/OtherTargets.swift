import Attendance
import Soyal
import StickFiles
import TerminalKit

@testable import Anviz
@testable import ZKTeco

extension FuzzTarget {
    static let sticks: [FuzzTarget] = [
        FuzzTarget(
            "stick-files", decode: Sticks.decode, check: Sticks.check,
            seeds: { Seeds.sticks })
    ]

    /// Recordings: what `titian decode` makes of a talk of any make.
    static let recordings: [FuzzTarget] = [
        recording("zk-recording", ZKTecoDriver(), Seeds.zkteco),
        recording("anviz-recording", AnvizDriver(), Seeds.anviz),
        recording("soyal-recording", SoyalDriver(), Seeds.soyal),
    ]

    static let talks: [FuzzTarget] = [
        FuzzTarget(
            "talk", decode: Talks.decode, check: Talks.check,
            seeds: { Seeds.talks })
    ]

    private static func recording(
        _ name: String, _ driver: any TerminalDriver, _ seeds: ProtocolSeeds
    ) -> FuzzTarget {
        FuzzTarget(
            name,
            // What comes from outside is the text of a talk.
            prepare: { Talks.text($0) },
            decode: { text in
                if let talk = try? Talk(parsing: text) { driver.decode(talk) { use($0) } }
                return text.count
            },
            check: { bytes in
                let talk = Talks.talk(bytes)
                let items = driver.decode(talk)
                try hold(items.count <= bytes.count + 8, "more items than bytes")
                try hold(
                    Kept.output(items) <= 4 * bytes.count + 4_096, "a recording grows too large")
                try hold(items.isEmpty == talk.steps.allSatisfy(Talks.isSilent), "nothing is said")
            },
            seeds: { seeds.recordings })
    }
}

enum Talks {
    /// A talk from bytes: for each step a byte whose two highest bits say who speaks, and whose
    /// others say how long; 63 stands for a length of two bytes.
    static func talk(_ bytes: [UInt8]) -> Talk {
        var reader = ByteReader(bytes)
        var steps: [Talk.Step] = []
        while let head = reader.u8() {
            var count = Int(head & 0x3F)
            if count == 63 { count = Int(reader.u16LE() ?? 0) }
            let stretch = Array(reader.take(min(count, reader.remaining)) ?? [])
            if head >> 6 == 3 { steps.append(.silence) }
            guard !stretch.isEmpty else { continue }
            steps.append(head >> 6 == 0 ? .toTerminal(stretch) : .fromTerminal(stretch))
        }
        return Talk(steps: steps)
    }

    /// The same talk as a file has it.
    static func text(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for step in talk(bytes).steps {
            switch step {
            case .toTerminal(let bytes): text += Array("> \(bytes.hex)\n".utf8)
            case .fromTerminal(let bytes): text += Array("< \(bytes.hex)\n".utf8)
            case .silence: text += [UInt8(ascii: "~"), 0x0A]
            }
        }
        return text
    }

    static func isSilent(_ step: Talk.Step) -> Bool {
        if case .silence = step { true } else { false }
    }

    static func decode(_ bytes: [UInt8]) -> Int {
        use(try? Talk(parsing: bytes))
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let talk = try? Talk(parsing: bytes) else { return }
        let again = talk.steps.map { step in
            switch step {
            case .toTerminal(let bytes): "> \(bytes.hex)"
            case .fromTerminal(let bytes): "< \(bytes.hex)"
            case .silence: "~"
            }
        }
        let second = try? Talk(parsing: again.joined(separator: "\n"))
        try hold(second == talk, "a talk does not come back from its text")
    }
}

enum Sticks {
    private static let names = ["1_attlog.dat", "BAK.KQ", "AGL_001.TXT", "GLG_001.TXT", "", "x.kq"]

    private static func file(_ bytes: [UInt8]) -> StickFile? {
        guard let choice = bytes.first else { return nil }
        let name = names[Int(choice) % names.count]
        return StickFile.decode(Array(bytes.dropFirst()), name: name)
    }

    /// As an import does it: twice through the file, piece by piece.
    static func decode(_ bytes: [UInt8]) -> Int {
        guard let choice = bytes.first else { return 0 }
        var survey = StickSurvey(name: names[Int(choice) % names.count])
        for piece in pieces(of: bytes) { survey.take(piece) }
        guard let outline = survey.conclude() else { return bytes.count }
        var rows = StickRows(outline)
        for piece in pieces(of: bytes) {
            rows.feed(piece)
            while let row = rows.next() { use(row) }
        }
        rows.finish()
        while let row = rows.next() { use(row) }
        return bytes.count
    }

    private static func pieces(of bytes: [UInt8]) -> some Sequence<ArraySlice<UInt8>> {
        stride(from: 1, to: bytes.count, by: 1_024).lazy.map {
            bytes[$0..<min(bytes.count, $0 + 1_024)]
        }
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let file = file(bytes) else { return }
        try hold(file.rows.count < bytes.count, "more rows than bytes")
        let kept = file.rows.reduce(0) { $0 + Kept.bytes(of: $1.record) }
        try hold(kept <= 4 * bytes.count, "a file grows too large")
        if file.format == .anvizBackup {
            let rows = (bytes.count - 4 + 13) / 14
            try hold(file.rows.count == rows, "rows of the file are gone")
        }
        for (before, after) in zip(file.rows, file.rows.dropFirst()) {
            try hold(before.number < after.number, "rows out of order")
        }
    }
}
