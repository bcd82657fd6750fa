import CZlib
import Testing

@testable import Console

@Suite struct `An inflater` {
    @Test(arguments: [1, 7, 1_000, 1_000_000])
    func `gives the same however the body is cut`(piece: Int) throws {
        let text = (0..<5_000).flatMap { Array("line \($0) \($0 &* 7919)\n".utf8) }
        let packed = try gzip(text)
        var inflater = try Inflater(limit: 1 << 20)
        for start in stride(from: 0, to: packed.count, by: piece) {
            try inflater.feed(Array(packed[start..<min(start + piece, packed.count)]))
        }
        #expect(try inflater.finish() == text)
    }

    @Test func `stops a bomb at its first byte too many`() throws {
        let bomb = try gzip([UInt8](repeating: 0, count: 20_000_000))
        #expect(throws: Inflater.Failure.tooLarge) { try inflated(bomb, limit: 16 << 20) }
        #expect(throws: Inflater.Failure.tooLarge) { try inflated(bomb, limit: 1 << 30) }
    }

    @Test func `takes exactly as much as is allowed`() throws {
        let text = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try inflated(gzip(text), limit: 1_000) == text)
        #expect(throws: Inflater.Failure.tooLarge) { try inflated(gzip(text), limit: 999) }
    }

    @Test func `refuses what is cut, followed by something, or no gzip`() throws {
        let packed = try gzip(Array("hello".utf8))
        for length in 0..<packed.count {
            #expect(throws: Inflater.Failure.notGzip) {
                try inflated(Array(packed.prefix(length)), limit: 1_000)
            }
        }
        #expect(throws: Inflater.Failure.notGzip) { try inflated(packed + [0], limit: 1_000) }
        #expect(throws: Inflater.Failure.notGzip) {
            try inflated(Array("hello\n".utf8), limit: 1_000)
        }
    }

    private func inflated(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
        var inflater = try Inflater(limit: limit)
        try inflater.feed(bytes)
        return try inflater.finish()
    }
}

/// Packs bytes as a bridge does.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
        &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    let room = Int(deflateBound(&stream, UInt(bytes.count))) + 64
    return [UInt8](unsafeUninitializedCapacity: room) { output, count in
        input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(room)
            deflate(&stream, Z_FINISH)
            count = room - Int(stream.avail_out)
        }
    }
}
