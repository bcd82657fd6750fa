public import Attendance

/// Why terminals of a make cannot be read over a kind of line, before anything is opened.
public enum LinkObstacle: Explained, Hashable {
    /// What these terminals speak there was never published.
    case unpublished(make: String, scheme: String)
    /// The make does not speak over this kind of line.
    case unfit(make: String, scheme: String, fitting: String)
    /// Terminals of the make never dial in, and one that did could not be told from another.
    case neverDials(make: String, port: Int)

    public var problem: Problem {
        switch self {
        case .unpublished(let make, let scheme):
            Problem(
                code: "line.unpublished",
                summary: Text(
                    id:
                        "Mesin \(make) tidak bisa dibaca lewat \(scheme)://: bingkai datanya tidak pernah diterbitkan.",
                    en:
                        "A \(make) terminal cannot be read over \(scheme)://: no usable framing was ever published."
                ),
                remedy: Text(
                    id:
                        "Pakai kabel jaringannya (tcp://), stik USB ('titian import'), atau rekam dengan 'titian trace record'.",
                    en:
                        "Use its network port (tcp://), a USB stick ('titian import'), or record it with 'titian trace record'."
                ))
        case .unfit(let make, let scheme, let fitting):
            Problem(
                code: "line.unfit",
                summary: Text(
                    id: "Mesin \(make) tidak berbicara lewat \(scheme)://.",
                    en: "A \(make) terminal does not speak over \(scheme)://."),
                remedy: Text(id: "Tulis \(fitting).", en: "Write \(fitting)."))
        case .neverDials(let make, let port):
            Problem(
                code: "line.never-dials",
                summary: Text(
                    id: "Mesin \(make) tidak pernah menyambung sendiri ke listen://.",
                    en: "A \(make) terminal never dials in at a listen:// by itself."),
                remedy: make == "zkteco" ? Self.pushing : Self.dialled(port))
        }
    }
}

extension LinkObstacle {
    fileprivate static let pushing = Text(
        id:
            "Tulis alamatnya, tcp://192.168.1.201:4370; yang mengirim sendiri (menu Cloud Server) masuk [push].",
        en:
            "Write its address, tcp://192.168.1.201:4370; one that sends by itself (Cloud Server menu) belongs in [push]."
    )

    fileprivate static func dialled(_ port: Int) -> Text {
        Text(
            id:
                "Setel kotak serial-ke-LAN sebagai TCP server, lalu tulis alamatnya: tcp://192.168.1.30:\(port).",
            en:
                "Set the serial-to-LAN box to TCP server, then write its address: tcp://192.168.1.30:\(port)."
        )
    }
}

extension KnownDrivers {
    /// What stands in the way of reading a make over a link; nil if nothing does.
    ///
    /// - Parameters:
    ///   - make: As the key `driver` names it.
    ///   - link: The address as it was written.
    public static func obstacle(for make: String, over link: String) -> LinkObstacle? {
        guard let end = link.firstRange(of: "://") else { return nil }
        let scheme = link[..<end.lowerBound].lowercased()
        switch (make, scheme) {
        // RS232 and RS485, and the board's USB client (1b55:b400): see docs/reference/protocols/zkteco.md.
        case ("zkteco", "serial"), ("zkteco", "usb"):
            return .unpublished(make: make, scheme: scheme)
        // A caller is asked who it is before it is read, and a second CONNECT on one connection breaks
        // the session of some ZKTeco terminals; a SOYAL controller cannot say who it is at all.
        case ("zkteco", "listen"), ("soyal", "listen"):
            return .neverDials(make: make, port: defaultPort(of: make) ?? 0)
        case ("zkteco", _): return nil
        case (_, "http"):
            return .unfit(make: make, scheme: scheme, fitting: "tcp://… / serial:///dev/…")
        default: return nil
        }
    }
}
