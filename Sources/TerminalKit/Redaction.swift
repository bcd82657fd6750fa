/// What is taken out of a recorded talk before anybody else sees it.
///
/// Keys, passwords, names and card numbers always go. The cleaned talk has the same lengths and
/// right checksums, so a driver still reads it.
public struct Redaction: Hashable, Sendable {
    /// The communication key that stands in a cleaned talk where another one stood.
    public static let key: UInt32 = 1

    /// People's numbers become invented ones, each the same one everywhere.
    public var inventsPins = false
    /// The terminal's serial number and network addresses become invented ones.
    public var inventsSerials = false

    public init() {}

    /// Hexadecimal digits of a hardware address, replaced by a fixed row.
    public static func inventedAddress(_ text: some Sequence<UInt8>) -> [UInt8] {
        let digits = Array("731502".utf8)
        var place = 0
        return text.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x46, 0x61...0x66:
                defer { place += 1 }
                return digits[place % digits.count]
            default: return byte
            }
        }
    }

    /// Letters and digits of a serial number, replaced by a fixed row; what stands between stays.
    public static func inventedSerial(_ text: some Sequence<UInt8>) -> [UInt8] {
        let digits = Array("73150264".utf8)
        let letters = Array("TITIAN".utf8)
        var places = (digit: 0, letter: 0)
        return text.map { byte in
            switch byte {
            case 0x30...0x39:
                defer { places.digit += 1 }
                return digits[places.digit % digits.count]
            case 0x41...0x5A, 0x61...0x7A:
                defer { places.letter += 1 }
                return letters[places.letter % letters.count]
            default: return byte
            }
        }
    }
}

/// Invented numbers for people: as long as the real ones, and the same for the same person.
///
/// All real numbers are noted first, so that none of them is given to somebody else while others
/// are free.
public struct InventedPins: Sendable {
    private var real: [String] = []
    private var known: Set<String> = []
    private var invented: [String: String] = [:]
    private var next: [Int: Int] = [:]

    public init() {}

    /// Notes a real number: digits, or any short text.
    public mutating func note(_ pin: String) {
        let core = Self.core(pin)
        if known.insert(core).inserted { real.append(core) }
    }

    /// The invented number for a real one, of the same length; one that was never noted, too.
    public mutating func invent(_ pin: String) -> String {
        if known.isEmpty || !known.contains(Self.core(pin)) { note(pin) }
        let core = Self.core(pin)
        let other = invented[core] ?? free(core)
        invented[core] = other
        let missing = pin.count - other.count
        return missing > 0 ? String(repeating: "0", count: missing) + other : other
    }

    /// Zeros in front mean nothing, as in a PIN's identity.
    private static func core(_ pin: String) -> String {
        let rest = pin.drop { $0 == "0" }
        return String(rest.isEmpty ? pin.prefix(1) : rest)
    }

    private mutating func free(_ core: String) -> String {
        let length = min(core.utf8.count, 17)
        var first = 1
        for _ in 1..<max(length, 1) { first *= 10 }
        let span = first == 1 ? 9 : first * 9
        var fallback = String(first)
        for _ in 0..<span {
            let number = first + next[length, default: 0] % span
            next[length, default: 0] += 1
            let text = padded(String(number), like: core)
            let isGiven = invented.values.contains(text)
            if !isGiven, !known.contains(text) { return text }
            if !isGiven { fallback = text }
            // Where nearly all numbers of a length are taken, looking on costs more than it gives.
            if next[length, default: 0] > span { return fallback }
        }
        return fallback
    }

    /// A number with letters in it stays as long as it was.
    private func padded(_ digits: String, like core: String) -> String {
        digits + String(repeating: "0", count: max(0, core.utf8.count - digits.utf8.count))
    }
}

/// The bytes of a talk, each direction in one stretch, to be changed in place and cut again where
/// they were cut.
public struct TalkBytes: Sendable {
    public var toTerminal: [UInt8] = []
    public var fromTerminal: [UInt8] = []
    private let steps: Talk.Steps

    public init(_ talk: Talk) {
        steps = talk.steps
        for step in steps {
            switch step {
            case .toTerminal(let bytes): toTerminal += bytes
            case .fromTerminal(let bytes): fromTerminal += bytes
            case .silence: break
            }
        }
    }

    /// Writes over what stands from `start` on; what would go beyond the end is dropped.
    public mutating func write(_ bytes: [UInt8], at start: Int, toTerminal isOurs: Bool) {
        let end = isOurs ? toTerminal.count : fromTerminal.count
        guard start >= 0, start + bytes.count <= end else { return }
        if isOurs {
            toTerminal.replaceSubrange(start..<(start + bytes.count), with: bytes)
        } else {
            fromTerminal.replaceSubrange(start..<(start + bytes.count), with: bytes)
        }
    }

    /// The talk with the changed bytes, cut as it was.
    public var talk: Talk {
        var ours = toTerminal[...]
        var theirs = fromTerminal[...]
        return Talk(
            steps: steps.map { step in
                switch step {
                case .toTerminal(let bytes): .toTerminal(Self.take(bytes.count, &ours))
                case .fromTerminal(let bytes): .fromTerminal(Self.take(bytes.count, &theirs))
                case .silence: .silence
                }
            })
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
