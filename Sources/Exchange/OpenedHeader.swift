import Attendance

extension Envelope {
    /// The header of a call that came, as far as it concerns everybody.
    ///
    /// How the bridge is stays undecoded: that is only worth the memory once the call's signature is
    /// known to be right.
    public struct OpenedHeader: Sendable {
        public private(set) var titian = 0
        public private(set) var journal = ""
        public private(set) var key = ""
        public private(set) var first: Int64 = 0
        public private(set) var count = -1
        public private(set) var prev = ""
        public private(set) var boot: Int64 = 0
        public private(set) var n: Int64 = 0
        /// ``Envelope/mostLive`` of them at most.
        public private(set) var live: [String] = []
        /// So many entries at the beginning are digests; their lines are forgotten.
        public private(set) var forgotten = 0
        /// The receipt on whose strength they were, its signature not yet looked at.
        public private(set) var proof: SignedText?
        /// On a stick: entries through this one follow; 0 if the call does not say.
        public private(set) var through: Int64 = 0
        private var statusBytes: ArraySlice<UInt8> = []
        /// Names that have come with a value of their kind.
        private var known: Set<String> = []

        /// How the bridge is.
        ///
        /// - Throws: ``EnvelopeError`` if it cannot be read.
        public func status() throws(EnvelopeError) -> BridgeStatus {
            guard let status = try? BridgeStatus(fromOutside: statusBytes) else {
                throw .notOurs("the status cannot be read")
            }
            return status
        }

        /// - Throws: ``EnvelopeError`` if this is no header.
        init(_ line: ArraySlice<UInt8>) throws(EnvelopeError) {
            var isGood = true
            let isObject = ShallowJSON.members(of: line) { name, value in
                isGood = take(String(decoding: name.prefix(16), as: UTF8.self), value) && isGood
            }
            guard isObject, isGood, known.isSuperset(of: Self.names) else {
                throw .notOurs("the header cannot be read")
            }
        }

        private static let names = [
            "titian", "journal", "key", "first", "count", "prev", "boot", "n", "status", "live",
        ]

        /// - Returns: Whether the value is of its name's kind; unknown names pass.
        private mutating func take(_ name: String, _ value: ArraySlice<UInt8>) -> Bool {
            switch name {
            case "forgotten": return Self.number(value).map { forgotten = $0 } != nil
            case "through": return Self.number(value).map { through = $0 } != nil
            case "proof":
                proof =
                    value.count <= 4_096
                    ? try? WireJSON.decode(SignedText.self, fromOutside: value) : nil
                return true
            default: break
            }
            guard Self.names.contains(name) else { return true }
            known.insert(name)
            switch name {
            case "titian": return Self.number(value).map { titian = $0 } != nil
            case "first": return Self.number(value).map { first = $0 } != nil
            case "count": return Self.number(value).map { count = $0 } != nil
            case "boot": return Self.number(value).map { boot = $0 } != nil
            case "n": return Self.number(value).map { n = $0 } != nil
            case "journal": return Self.text(value).map { journal = $0 } != nil
            case "key": return Self.text(value).map { key = $0 } != nil
            case "prev": return Self.text(value).map { prev = $0 } != nil
            case "live": return takeLive(value)
            default:
                statusBytes = value
                return value.first == UInt8(ascii: "{")
            }
        }

        private mutating func takeLive(_ value: ArraySlice<UInt8>) -> Bool {
            live = []
            var areTexts = true
            let isArray = ShallowJSON.elements(of: value) { element in
                guard live.count < Envelope.mostLive else { return }
                guard let text = Self.text(element, longest: 2 * Envelope.longestLine) else {
                    areTexts = false
                    return
                }
                live.append(text)
            }
            return isArray && areTexts
        }

        private static func number<Number: FixedWidthInteger>(_ value: ArraySlice<UInt8>) -> Number?
        {
            value.count <= 20 ? Number(String(decoding: value, as: UTF8.self)) : nil
        }

        private static func text(_ value: ArraySlice<UInt8>, longest: Int = 256) -> String? {
            guard value.count <= longest else { return nil }
            let list = [UInt8(ascii: "[")] + value + [UInt8(ascii: "]")]
            return (try? WireJSON.decode([String].self, from: list))?.first
        }
    }
}
