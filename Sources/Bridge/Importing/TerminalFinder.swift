import Attendance
import StickFiles

/// Decides which terminal wrote a file, or that this is not clear.
///
/// A wrong answer would count every punch twice, a missing one costs a question: so only clear
/// signs count. The number of a folder, of a file's name or of a row is none: every terminal of an
/// office may be number 1.
struct TerminalFinder {
    /// How a terminal was found, as `found_by` in the report.
    enum Sign: String, Hashable, Sendable {
        case option, serial, overlap
    }

    enum Finding: Hashable, Sendable {
        case found(TerminalID, by: Sign)
        case unclear(HeldFile.Reason)
    }

    let file: String
    let outline: StickOutline
    let overlap: Overlap
    let known: [TerminalID]

    /// - Parameter chosen: What a person said, if one said anything.
    /// - Throws: ``ImportError/otherMake(file:terminal:)`` or
    ///   ``ImportError/ofOther(file:chosen:found:)``: then the person is mistaken.
    func finding(chosen: TerminalID?) throws(ImportError) -> Finding {
        let clear = overlap.clear?.terminal
        if let chosen {
            guard Self.fits(chosen, outline.format) else {
                throw .otherMake(file: file, terminal: chosen)
            }
            if let clear, clear != chosen {
                throw .ofOther(file: file, chosen: chosen, found: clear)
            }
            return .found(chosen, by: .option)
        }
        if let named = named(unless: clear) {
            guard clear == nil || clear == named else { return .unclear(.contradiction) }
            return .found(named, by: .serial)
        }
        return clear.map { .found($0, by: .overlap) } ?? .unclear(.unknownTerminal)
    }

    /// The serial number in the file, else in its name.
    var serial: String? { outline.serial ?? StickName.serial(in: file) }

    /// The terminal with the file's serial number. One that nobody has met is believed only where
    /// the terminal itself wrote the number: names are given by people too.
    private func named(unless clear: TerminalID?) -> TerminalID? {
        guard outline.format == .attLog, let serial, !TerminalID.isDummy(serial) else {
            return nil
        }
        let same = known.filter {
            Self.fits($0, outline.format)
                && ($0.serial == serial || $0.serial.hasPrefix("\(serial)+"))
        }
        if same.count == 1 { return same.first }
        guard same.isEmpty, clear == nil, outline.serial != nil else { return nil }
        return try? TerminalID(make: "zkteco", serial: serial)
    }

    /// Whether terminals of this make can write this kind of file. Makes without a driver of ours
    /// may write anything.
    static func fits(_ terminal: TerminalID, _ format: StickFile.Format) -> Bool {
        guard KnownDrivers.names.contains(terminal.make) else { return true }
        return switch format {
        case .attLog: terminal.make == "zkteco"
        case .anvizBackup: terminal.make == "anviz"
        case .glogText: false
        }
    }
}
