/// One decoder of bytes from outside, and what must hold whatever the bytes are.
public struct FuzzTarget: Sendable {
    /// The name of the target and of its folder in `Tests/Fixtures/corpus`.
    public let name: String
    /// The longest input worth trying; longer ones only make each try slower.
    public let longest: Int
    /// Makes of an input what the decoder is given; not measured.
    public let prepare: @Sendable ([UInt8]) -> [UInt8]
    /// Does what the program does with these bytes, and nothing else: its memory is measured.
    ///
    /// Returns the bytes that the decoder was given, which for a talk are more than the input.
    public let decode: @Sendable ([UInt8]) -> Int
    /// Looks whether what must hold holds.
    ///
    /// Throws ``Broken``.
    public let check: @Sendable ([UInt8]) throws -> Void
    /// Inputs that get far, to begin with.
    public let seeds: @Sendable () -> [[UInt8]]
    /// Large inputs that get far, whose memory is measured as they are.
    public let large: @Sendable () -> [[UInt8]]

    /// The most memory a decoder may hold for each byte it was given.
    public static let memoryFactor = 4
    /// Memory that is not counted: what a decoder may take for any input, however short.
    public static let allowance = 64 * 1024

    init(
        _ name: String, longest: Int = 4_096,
        prepare: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 },
        decode: @escaping @Sendable ([UInt8]) -> Int,
        check: @escaping @Sendable ([UInt8]) throws -> Void = { _ in },
        seeds: @escaping @Sendable () -> [[UInt8]] = { [] },
        large: @escaping @Sendable () -> [[UInt8]] = { [] }
    ) {
        self.name = name
        self.longest = longest
        self.prepare = prepare
        self.decode = decode
        self.check = check
        self.seeds = seeds
        self.large = large
    }

    /// Every decoder there is.
    public static let all: [FuzzTarget] =
        zkteco + anviz + soyal + sticks + pushes + soap + recordings + talks + centre

    /// A decoder with a mistake put in on purpose: fuzzing that does not find it finds nothing.
    static let control = FuzzTarget(
        "control",
        decode: { bytes in
            if bytes.starts(with: [0x50, 0x50, 0x82, 0x7D]), bytes.count > 8, bytes[6] == 0xA5 {
                use(bytes[bytes.count + Int(bytes[7])])
            }
            return bytes.count
        })

    /// - Parameter name: Of one of ``all``, or `control`.
    public static func named(_ name: String) -> FuzzTarget? {
        (all + [control]).first { $0.name == name }
    }
}

/// Something that must hold does not.
public struct Broken: Error, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// - Throws: ``Broken`` with `description` unless `condition` holds.
func hold(_ condition: Bool, _ description: @autoclosure () -> String) throws(Broken) {
    guard condition else { throw Broken(description()) }
}

/// Keeps the optimiser from dropping a decoder whose result nobody wants.
@inline(never)
func use<Value>(_ value: Value) {}
