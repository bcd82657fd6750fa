public import Attendance

/// Speed and shape of the characters on a serial line. Flow control is always off.
public struct SerialSettings: Hashable, Sendable {
    /// Data bits, parity and stop bits, written `8N1`, `7E1`.
    public struct Format: Hashable, Sendable, CustomStringConvertible {
        public enum Parity: Character, Hashable, Sendable {
            case none = "N"
            case even = "E"
            case odd = "O"
        }

        /// 7 or 8.
        public let dataBits: Int
        public let parity: Parity
        /// 1 or 2.
        public let stopBits: Int

        public static let eightNone1 = Format(dataBits: 8, parity: .none, stopBits: 1)

        private init(dataBits: Int, parity: Parity, stopBits: Int) {
            self.dataBits = dataBits
            self.parity = parity
            self.stopBits = stopBits
        }

        /// Reads `8N1`; small letters are taken too.
        public init(_ text: String) throws(InvalidValue) {
            let letters = Array(text.uppercased())
            guard letters.count == 3, let data = letters[0].wholeNumberValue,
                (7...8).contains(data), let parity = Parity(rawValue: letters[1]),
                let stop = letters[2].wholeNumberValue, (1...2).contains(stop)
            else {
                throw InvalidValue(
                    text, rule: "a format is 7 or 8, then N, E or O, then 1 or 2: 8N1")
            }
            self.init(dataBits: data, parity: parity, stopBits: stop)
        }

        public var description: String { "\(dataBits)\(parity.rawValue)\(stopBits)" }
    }

    /// Bits a second.
    public var baud: UInt32 = 9_600
    public var format = Format.eightNone1

    public init() {}
}

extension SerialSettings: CustomStringConvertible {
    /// As it stands in a link: `baud=9600&format=8N1`.
    public var description: String { "baud=\(baud)&format=\(format)" }
}
