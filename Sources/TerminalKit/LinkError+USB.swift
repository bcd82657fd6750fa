import Attendance

extension LinkError {
    /// How a line on a USB cable is named.
    private static let scheme = "usb://"

    /// The words for a terminal on a USB cable, where they differ from those for a port; nil for
    /// every other line.
    var usbProblem: Problem? {
        switch self {
        case .missing(let path) where path.hasPrefix(Self.scheme):
            Problem(
                code: "line.no-usb-device",
                summary: Text(
                    id: "Perangkat \(path) tidak terpasang.",
                    en: "There is no device \(path)."),
                remedy: Text(
                    id: "Pasang kabel USB mesin, lalu lihat nomornya dengan 'lsusb'.",
                    en: "Plug in the terminal's USB cable, then look at its numbers with 'lsusb'."))
        case .busy(let path) where path.hasPrefix(Self.scheme):
            Problem(
                code: "line.usb-busy",
                summary: Text(
                    id: "Perangkat \(path) sedang dipakai program lain.",
                    en: "The device \(path) is used by another program."),
                remedy: Text(
                    id: "Tutup program itu (titiand lain, mesin virtual), lalu coba lagi.",
                    en: "Stop that program (another titiand, a virtual machine), then try again."))
        case .unsettable(let path, let setting) where path.hasPrefix(Self.scheme):
            Problem(
                code: "line.usb-unsuitable",
                summary: Text(
                    id: "Perangkat \(path) tidak cocok dengan setelan \(setting).",
                    en: "The device \(path) does not fit the setting \(setting)."),
                remedy: Text(
                    id: "Lihat 'lsusb -v', lalu perbaiki interface, in dan out pada 'link'.",
                    en: "Look at 'lsusb -v', then mend interface, in and out in 'link'."))
        case .unreachable(let address, let reason) where address.hasPrefix(Self.scheme):
            Problem(
                code: "line.usb-unusable",
                summary: Text(
                    id: "USB kotak ini tidak dapat dipakai untuk \(address) (\(reason)).",
                    en: "The USB of this box cannot be used for \(address) (\(reason))."),
                remedy: Text(
                    id:
                        "Periksa 'lsusb' dan 'dmesg'; layanan systemd harus mengizinkan AF_NETLINK dan char-usb_device.",
                    en:
                        "Look at 'lsusb' and 'dmesg'; a systemd unit must allow AF_NETLINK and char-usb_device."
                ))
        case .forbidden(let path) where path.hasPrefix(Self.scheme):
            Self.forbidden(path, rule: Self.rule(for: path))
        default:
            nil
        }
    }

    private static let rulesFile = "/etc/udev/rules.d/61-titian-local.rules"

    private static func forbidden(_ path: String, rule: String) -> Problem {
        Problem(
            code: "line.usb-forbidden",
            summary: Text(
                id: "Tidak ada izin untuk membuka \(path).",
                en: "There is no permission to open \(path)."),
            remedy: Text(
                id:
                    "Tulis di \(rulesFile): \(rule) lalu jalankan 'udevadm control --reload' dan pasang ulang kabelnya; pengguna harus anggota grup 'dialout'.",
                en:
                    "Write into \(rulesFile): \(rule) then run 'udevadm control --reload' and plug the cable in again; the user must be in the group 'dialout'."
            ))
    }

    /// The udev rule that opens a device to the group that may open serial ports.
    private static func rule(for path: String) -> String {
        let numbers = path.dropFirst(scheme.count).prefix { $0 != "?" }.split(separator: ":")
        let match = zip(["idVendor", "idProduct"], numbers).map { "ATTR{\($0)}==\"\($1)\", " }
        return "SUBSYSTEM==\"usb\", \(match.joined())MODE=\"0660\", GROUP=\"dialout\""
    }
}
