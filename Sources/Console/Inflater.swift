import CZlib

/// Inflates a gzip body as it arrives, and stops at the first byte too many.
///
/// A few kilobytes can inflate to gigabytes. What comes out is therefore never larger than
/// `limit`, and never more than `ratio` times what came in once it is past a megabyte: entry
/// lines shrink to a tenth, a bomb to a thousandth.
///
/// Contract: ``feed(_:)`` with whatever arrived, in order, then ``finish()``.
struct Inflater: ~Copyable {
    enum Failure: Error, Equatable {
        case notGzip
        case tooLarge
    }

    private let limit: Int
    private let ratio: Int
    private let stream: UnsafeMutablePointer<z_stream>
    private var output: [UInt8] = []
    private var taken = 0
    private var isComplete = false

    private static let window: Int32 = 15 + 16  // 16: a gzip header is expected, and only that
    private static let alwaysAllowed = 1 << 20

    init(limit: Int, ratio: Int = 100) throws {
        self.limit = limit
        self.ratio = ratio
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, Self.window, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            throw Failure.notGzip
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Takes in compressed bytes.
    mutating func feed(_ bytes: [UInt8]) throws(Failure) {
        guard !bytes.isEmpty else { return }
        guard !isComplete else { throw .notGzip }  // something follows the end
        taken += bytes.count
        var input = bytes
        let result = input.withUnsafeMutableBufferPointer { buffer -> Result<Void, Failure> in
            stream.pointee.next_in = buffer.baseAddress
            stream.pointee.avail_in = UInt32(truncatingIfNeeded: buffer.count)
            return Result { () throws(Failure) in try inflateAll() }
        }
        stream.pointee.next_in = nil
        try result.get()
    }

    /// All that came out; the body must have had an end.
    consuming func finish() throws(Failure) -> [UInt8] {
        guard isComplete else { throw .notGzip }
        return output
    }

    private mutating func inflateAll() throws(Failure) {
        repeat {
            let code = inflateOnce(min(65_536, allowed - output.count))
            guard output.count < allowed else { throw .tooLarge }
            if code == Z_STREAM_END {
                isComplete = true
                guard stream.pointee.avail_in == 0 else { throw .notGzip }
                return
            }
            // Z_BUF_ERROR: nothing more can be done with what has come so far.
            guard code == Z_OK || code == Z_BUF_ERROR else { throw .notGzip }
        } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
    }

    private mutating func inflateOnce(_ room: Int) -> Int32 {
        let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(truncatingIfNeeded: room)
            count = 0
            lastCode = inflate(stream, Z_NO_FLUSH)
            count = room - Int(stream.pointee.avail_out)
        }
        output += piece
        return lastCode
    }

    private var lastCode: Int32 = Z_OK

    /// One byte more than may come out: reaching it is how a body is found to be too large.
    private var allowed: Int {
        min(limit, max(Self.alwaysAllowed, taken * ratio)) + 1
    }
}
