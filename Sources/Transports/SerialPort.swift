import CTermios
import Glibc
import TerminalKit

/// Opens a serial port so that every byte value passes and nobody else talks in between.
///
/// Source of every setting: docs/reference/protocols/serial-lines.md.
enum SerialPort {
    static func open(_ path: String, _ settings: SerialSettings) throws(LinkError) -> OpenFile {
        let flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
        let number = Glibc.open(path, flags)
        guard number >= 0 else { throw refusal(path, errno) }
        let file = OpenFile(number)
        // First the lock, then the settings: the loser must not change a speed that is in use.
        try lock(number, path)
        try configure(number, path, settings)
        flush(number, path)
        return file
    }

    private static func refusal(_ path: String, _ code: Int32) -> LinkError {
        switch code {
        case ENOENT, ENXIO, ENODEV, ENOTDIR: .missing(path: path)
        case EBUSY: .busy(path: path)
        case EACCES, EPERM: .forbidden(path: path)
        default: .unreachable(address: path, reason: reasonOfNow(code))
        }
    }

    /// Two locks, because each has a hole: `flock` stops programs that ask for it, `TIOCEXCL`
    /// those that are not root.
    private static func lock(_ file: Int32, _ path: String) throws(LinkError) {
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK
                ? .busy(path: path) : .unreachable(address: path, reason: reasonOfNow())
        }
        _ = ioctl(file, UInt(TIOCEXCL), 0 as CInt)
    }

    private static func configure(
        _ file: Int32, _ path: String, _ settings: SerialSettings
    ) throws(LinkError) {
        var wanted = termios()
        guard tcgetattr(file, &wanted) == 0 else {
            throw .unsettable(path: path, setting: "tty")
        }
        wanted.c_iflag = 0
        wanted.c_oflag = 0
        wanted.c_lflag = 0
        wanted.c_cflag &= ~shapeMask
        wanted.c_cflag |= shape(of: settings.format) | tcflag_t(CREAD | CLOCAL)
        // VMIN 0 would make "no data" look like "unplugged".
        setMinimum(of: &wanted, to: 1)
        let isUsualSpeed = cfsetspeed(&wanted, speed_t(settings.baud)) == 0
        tcsetattr(file, TCSANOW, &wanted)
        if !isUsualSpeed { titian_set_speed(file, settings.baud) }
        try readBack(file, path, wanted, settings)
    }

    /// The kernel reports success if any part was applied, so all of it is compared.
    private static func readBack(
        _ file: Int32, _ path: String, _ wanted: termios, _ settings: SerialSettings
    ) throws(LinkError) {
        var found = termios()
        guard tcgetattr(file, &found) == 0 else {
            throw .unsettable(path: path, setting: "tty")
        }
        guard found.c_iflag & inputMask == 0, found.c_oflag & tcflag_t(OPOST) == 0,
            found.c_lflag & localMask == 0
        else { throw .unsettable(path: path, setting: "raw") }
        guard found.c_cflag & shapeMask == wanted.c_cflag & shapeMask else {
            throw .unsettable(path: path, setting: "format=\(settings.format)")
        }
        // Adapters divide a clock of their own and may report what they really reach; up to two
        // in a hundred a receiver does not notice.
        var baud: UInt32 = 0
        let tolerance = settings.baud / 50
        guard titian_get_speed(file, &baud) == 0,
            (settings.baud - tolerance...settings.baud + tolerance).contains(baud)
        else {
            throw .unsettable(path: path, setting: "baud=\(settings.baud)")
        }
    }

    private static let shapeMask = tcflag_t(CSIZE | PARENB | PARODD | CSTOPB) | crtscts
    /// Glibc's CRTSCTS does not fit the type Swift gives it.
    private static let crtscts: tcflag_t = 0o20000000000
    private static let inputMask = tcflag_t(
        IXON | IXOFF | IXANY | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT | PARMRK | INPCK)
    private static let localMask = tcflag_t(ICANON | ECHO | ISIG | IEXTEN)

    private static func shape(of format: SerialSettings.Format) -> tcflag_t {
        var flags = tcflag_t(format.dataBits == 7 ? CS7 : CS8)
        switch format.parity {
        case .none: break
        case .even: flags |= tcflag_t(PARENB)
        case .odd: flags |= tcflag_t(PARENB | PARODD)
        }
        return format.stopBits == 2 ? flags | tcflag_t(CSTOPB) : flags
    }

    private static func setMinimum(of settings: inout termios, to bytes: UInt8) {
        withUnsafeMutableBytes(of: &settings.c_cc) {
            $0[Int(VMIN)] = bytes
            $0[Int(VTIME)] = 0
        }
    }

    /// Adapters keep old bytes in a buffer of their own for a moment; a pty has none.
    private static func flush(_ file: Int32, _ path: String) {
        tcflush(file, TCIOFLUSH)
        guard !isPseudo(file) else { return }
        usleep(200_000)
        tcflush(file, TCIOFLUSH)
    }

    private static func isPseudo(_ file: Int32) -> Bool {
        guard let name = ttyname(file) else { return false }
        return String(cString: name).hasPrefix("/dev/pts/")
    }
}
