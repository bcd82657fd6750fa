public import Attendance

/// A line to a terminal: bytes out, bytes in, and nothing else.
///
/// Deadlines belong to the link, so a test can have silence without waiting for it. One task
/// owns a link; it is never shared.
public protocol Link: Sendable {
    /// Whether every `send` and `receive` is one whole datagram (UDP) instead of a stretch of a
    /// stream whose cuts mean nothing.
    var isDatagram: Bool { get }

    /// Writes all of `bytes` (one datagram, where the line has datagrams).
    func send(_ bytes: [UInt8]) async throws(LinkError)

    /// Waits for the next bytes, however few.
    ///
    /// - Parameter limit: How long to wait before ``LinkError/silent(after:)``.
    /// - Returns: At least one byte; on a datagram line exactly one datagram.
    func receive(within limit: Duration) async throws(LinkError) -> [UInt8]

    /// Closes the line. Closing twice does nothing.
    func close() async
}

/// What can go wrong with a line, whatever terminal is at its end.
public enum LinkError: Explained, Hashable {
    /// Nothing came within this time.
    case silent(after: Duration)
    /// The line was open and is gone: unplugged, hung up, reset.
    case closed(reason: String)
    /// The line could not be opened: no route, refused, name not found.
    case unreachable(address: String, reason: String)
    /// The device file is not there: the adapter is unplugged or has another name.
    case missing(path: String)
    /// Another program holds the port.
    case busy(path: String)
    /// This user may not open the port.
    case forbidden(path: String)
    /// The port did not take the settings it was asked for.
    case unsettable(path: String, setting: String)
    /// A port of this box where terminals would dial in cannot be had.
    case cannotListen(address: String, reason: String)
    /// No terminal has dialled in there yet, or again.
    case notCalled(address: String)
    /// The task was told to stop.
    case cancelled

    public var problem: Problem {
        if let usbProblem { return usbProblem }
        switch self {
        case .silent(let wait):
            let seconds = max(1, wait.components.seconds)
            return Problem(
                code: "line.silent",
                summary: Text(
                    id: "Mesin tidak menjawab selama \(seconds) detik.",
                    en: "The terminal sent nothing for \(seconds) s."),
                remedy: Text(
                    id: "Periksa daya dan kabelnya, lalu jalankan 'titian probe'.",
                    en: "Check its power and cable, then run 'titian probe'."))
        case .closed(let reason):
            return Problem(
                code: "line.closed",
                summary: Text(
                    id: "Sambungan ke mesin terputus (\(reason)).",
                    en: "The line to the terminal was closed (\(reason))."),
                remedy: Text(
                    id:
                        "Periksa kabel. Titian menyambung lagi sendiri; tidak ada rekaman yang hilang.",
                    en: "Check the cable. Titian reconnects by itself; no punch is lost."))
        case .unreachable(let address, let reason):
            return Problem(
                code: "line.unreachable",
                summary: Text(
                    id: "Mesin di \(address) tidak terjangkau (\(reason)).",
                    en: "The terminal at \(address) cannot be reached (\(reason))."),
                remedy: Text(
                    id: "Periksa daya, kabel jaringan dan alamat IP mesin.",
                    en: "Check the terminal's power, network cable and IP address."))
        case .missing(let path):
            return Problem(
                code: "line.missing",
                summary: Text(id: "Port \(path) tidak ada.", en: "There is no port \(path)."),
                remedy: Text(
                    id: "Pasang adaptor USB-serial, lalu lihat nama di /dev/serial/by-id.",
                    en: "Plug in the USB-serial adapter, then look at /dev/serial/by-id."))
        case .busy(let path):
            return Problem(
                code: "line.busy",
                summary: Text(
                    id: "Port \(path) sedang dipakai program lain.",
                    en: "The port \(path) is used by another program."),
                remedy: Text(
                    id: "Tutup program itu (ModemManager, gpsd, minicom), lalu coba lagi.",
                    en: "Stop that program (ModemManager, gpsd, minicom), then try again."))
        case .forbidden(let path):
            return Problem(
                code: "line.forbidden",
                summary: Text(
                    id: "Tidak ada izin untuk membuka \(path).",
                    en: "There is no permission to open \(path)."),
                remedy: Text(
                    id: "Masukkan pengguna ke grup 'dialout', lalu masuk lagi.",
                    en: "Add the user to the group 'dialout', then log in again."))
        case .unsettable(let path, let setting):
            return Problem(
                code: "line.unsettable",
                summary: Text(
                    id: "Port \(path) menolak setelan \(setting).",
                    en: "The port \(path) did not take the setting \(setting)."),
                remedy: Text(
                    id: "Ganti kecepatan atau adaptor pada alamat 'link'.",
                    en: "Change the speed in the 'link' address, or the adapter."))
        case .cannotListen(let address, let reason):
            return Problem(
                code: "line.cannot-listen",
                summary: Text(
                    id: "Titian tidak bisa menunggu mesin di \(address) (\(reason)).",
                    en: "Titian cannot wait for terminals at \(address) (\(reason))."),
                remedy: Text(
                    id: "Hentikan program yang memakai port itu, atau pilih alamat dan port lain.",
                    en: "Stop the program that uses this port, or choose another address and port.")
            )
        case .notCalled(let address):
            return Problem(
                code: "line.not-called",
                summary: Text(
                    id: "Mesin belum menyambung ke \(address).",
                    en: "The terminal has not dialled in to \(address)."),
                remedy: Text(
                    id:
                        "Di menu jaringan mesin: mode klien, alamat server = alamat kotak ini, port yang sama.",
                    en:
                        "In the terminal's network menu: client mode, server = this box's address, the same port."
                ))
        case .cancelled:
            return Problem(
                code: "line.cancelled",
                summary: Text(id: "Pembacaan dihentikan.", en: "The reading was stopped."),
                remedy: Text(
                    id: "Tidak ada yang dihapus; jalankan lagi bila perlu.",
                    en: "Nothing was deleted; run it again if needed."))
        }
    }
}
