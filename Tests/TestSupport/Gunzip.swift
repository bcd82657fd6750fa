import CZlib

/// The other half of compression, for tests alone: the office side never inflates.
public enum Gunzip {
    public static func inflate(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard
            inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { return nil }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: 16 << 20)
        var result = Z_OK
        let count = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                result = CZlib.inflate(&stream, Z_FINISH)
                return target.count - Int(stream.avail_out)
            }
        }
        return result == Z_STREAM_END ? Array(output.prefix(count)) : nil
    }
}
