import FoundationEssentials

/// JSON as it crosses the wire.
public enum WireJSON {
    /// Encodes with sorted keys and plain slashes, so that equal values give equal bytes.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Decodes what ``encode(_:)`` or any other JSON writer wrote.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: some Sequence<UInt8>
    ) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// Decodes what somebody else wrote: refused where it holds more values than any document of
    /// ours, because the decoder needs a hundred bytes and more for each, however short it is.
    ///
    /// - Throws: ``TooManyValues``, or the decoder's error.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, fromOutside bytes: some Collection<UInt8>
    ) throws -> Value {
        guard ShallowJSON.places(in: bytes) <= mostPlaces else { throw TooManyValues() }
        return try decode(type, from: bytes)
    }

    /// The longest document of ours, an entry with every field, has sixty.
    private static let mostPlaces = 400

    /// A document of nothing but values.
    public struct TooManyValues: Error {}
}
