import Attendance
import Synchronization
import TerminalKit

/// Hands terminals that dial in at one port to the lines that wait for them.
///
/// A terminal is known by who it says it is and never by its network address: by its serial number
/// or its number on the line, as far as the configuration names them. Where it names neither there
/// is only one terminal on the port, and the first that dials in is it, until its line is gone.
final class Reception: Sendable {
    private struct Seat {
        let terminal: Configuration.Terminal
        /// The line that was handed over last, and to whom it leads.
        var link: CallerLink?
        var id: TerminalID?
        /// It has not been taken yet.
        var isWaiting = false
        let bell = Bell()

        func isMeant(by caller: TerminalIdentity) -> Bool {
            if let serial = terminal.serialNumber, serial != caller.serial { return false }
            if let station = terminal.station, station != caller.station { return false }
            guard let link, !link.isOver, id != caller.id else { return true }
            // Somebody else sits here.
            return false
        }
    }

    let address: String
    /// In the order of the configuration.
    private let seats: Mutex<[Seat]>

    /// - Parameters:
    ///   - address: The port, as `listen://0.0.0.0:5010`.
    ///   - terminals: All that are expected there.
    init(at address: String, for terminals: [Configuration.Terminal]) {
        self.address = address
        seats = Mutex(terminals.map { Seat(terminal: $0) })
    }

    /// Gives a line to the terminal's task. An older line of the same terminal ends.
    ///
    /// - Returns: The name in the configuration; nil if nobody expects this terminal.
    func seat(_ caller: TerminalIdentity, on link: CallerLink) -> String? {
        let seat = seats.withLock { seats -> Seat? in
            guard let index = seats.firstIndex(where: { $0.isMeant(by: caller) }) else {
                return nil
            }
            seats[index].link?.replace()
            seats[index].link = link
            seats[index].id = caller.id
            seats[index].isWaiting = true
            return seats[index]
        }
        seat?.bell.ring(.now)
        return seat?.terminal.name
    }

    /// Waits for the line of the terminal with this name.
    ///
    /// - Throws: `LinkError.notCalled` if it does not dial in within `limit`, `cancelled`.
    func line(
        for name: String, within limit: Duration, at pace: Pace
    ) async throws(LinkError) -> any Link {
        if let link = take(name) { return link }
        let bell = seats.withLock { seats in seats.first { $0.terminal.name == name }?.bell }
        await bell?.wait(atMost: limit, at: pace)
        guard !Task.isCancelled else { throw .cancelled }
        guard let link = take(name) else { throw .notCalled(address: address) }
        return link
    }

    private func take(_ name: String) -> CallerLink? {
        seats.withLock { seats in
            let index = seats.firstIndex { $0.terminal.name == name && $0.isWaiting }
            guard let index else { return nil }
            seats[index].isWaiting = false
            return seats[index].link
        }
    }
}

/// Why a terminal that has dialled in is not read.
enum CallerTrouble: Explained, Hashable {
    /// Nothing in the configuration expects it.
    case unknown(TerminalID, station: UInt32?)
    /// It never said who it is.
    case nameless(because: Problem)

    var problem: Problem {
        switch self {
        case .unknown(let id, let station):
            let number = station.map { ", station \($0)" } ?? ""
            return Problem(
                code: "terminal.unknown-caller",
                summary: Text(
                    id: "\(id)\(number) menyambung, padahal tidak ada pada konfigurasi.",
                    en: "\(id)\(number) dials in, but is not in the configuration."),
                remedy: Text(
                    id:
                        "Tambahkan [[terminal]] dengan serial_number = \"\(id.serial)\", atau arahkan mesin itu ke tempat lain.",
                    en:
                        "Add a [[terminal]] with serial_number = \"\(id.serial)\", or point that terminal elsewhere."
                ))
        case .nameless(let reason):
            return reason
        }
    }
}
