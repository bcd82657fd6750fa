import Attendance
import Exchange
import Speech
import TerminalKit

/// One record of a terminal as one line, for scripts and for people.
enum RecordLine {
    /// `{"pin","time","verify","verify_no","state","state_no","work","raw"}`, or
    /// `{"oddity","raw"}` for a record that is none. `raw` is null where the fields say it all.
    static func json(_ record: LogRecord) -> [UInt8] {
        var line = JSONLine()
        add(record, to: &line)
        return line.finished
    }

    static func add(_ record: LogRecord, to line: inout JSONLine) {
        switch record {
        case .punch(let punch):
            line.add("pin", punch.pin.text)
            line.add("time", punch.time.description)
            line.add("verify", punch.verify.rawValue)
            line.add("verify_no", punch.verifyNumber)
            line.add("state", punch.state.rawValue)
            line.add("state_no", punch.stateNumber)
            line.add("work", punch.workCode)
            if let raw = punch.raw {
                line.add("raw", raw.hex)
            } else {
                line.add("raw", json: "null".utf8)
            }
        case .oddity(let oddity):
            line.add("oddity", oddity.reason)
            line.add("raw", oddity.raw.hex)
        }
    }

    /// Columns of even width: time, PIN, verify, state.
    static func text(_ record: LogRecord) -> String {
        switch record {
        case .punch(let punch):
            let time = punch.time.description.replacing("T", with: " ")
            let work = punch.workCode == 0 ? "" : "  work \(punch.workCode)"
            return "\(time)  \(punch.pin.text.padded(to: 10))"
                + "  \(Words.verify(punch.verify).padded(to: 11))  \(Words.state(punch.state))"
                + work
        case .oddity(let oddity):
            let bytes = oddity.raw.prefix(24)
            let more = oddity.raw.count > bytes.count ? "…" : ""
            return "\(say(id: "JANGGAL", en: "ODD"))  \(oddity.reason)  \(Array(bytes).hex)\(more)"
        }
    }
}

extension String {
    /// The text with blanks behind it; a longer one stays whole.
    func padded(to width: Int) -> String {
        let missing = width - count
        return missing > 0 ? self + String(repeating: " ", count: missing) : self
    }
}
