/// The lines of a body that are not empty, one after the other, without their ends.
///
/// A list of them would take more than twenty times the memory of a body of very short lines.
struct BodyLines: Sequence, IteratorProtocol, Sendable {
    private var rest: ArraySlice<UInt8>

    init(_ body: [UInt8]) {
        rest = body[...]
    }

    mutating func next() -> ArraySlice<UInt8>? {
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            let line = rest[..<end]
            rest = rest[Swift.min(end + 1, rest.endIndex)...]
            let content = line.last == 0x0D ? line.dropLast() : line
            if !content.isEmpty { return content }
        }
        return nil
    }
}
