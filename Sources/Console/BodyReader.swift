internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Takes a request's body in, never more of it than allowed, inflated on the way if it is gzip.
struct BodyReader {
    enum Failure: Error, Equatable {
        case tooLarge
        /// An encoding we do not speak, or gzip that is none.
        case unreadable
        /// The other end went away, or we are ending.
        case interrupted
    }

    /// Bytes after inflating.
    let limit: Int

    /// 16 MiB: a bridge sends a few thousand entries of some 200 bytes at a time.
    static let batch = BodyReader(limit: 16 << 20)
    /// What people and enrolment requests send is small.
    static let form = BodyReader(limit: 16 << 10)

    func read(_ request: Request) async throws(Failure) -> [UInt8] {
        do {
            switch request.headers[.contentEncoding]?.lowercased() {
            case nil, "identity": return try await plain(request.body)
            case "gzip", "x-gzip": return try await inflated(request.body)
            default: throw Failure.unreadable
            }
        } catch let failure as Failure {
            throw failure
        } catch let failure as Inflater.Failure {
            throw failure == .tooLarge ? .tooLarge : .unreadable
        } catch {
            throw .interrupted
        }
    }

    private func plain(_ body: RequestBody) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in body {
            guard bytes.count + part.readableBytes <= limit else { throw Failure.tooLarge }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    private func inflated(_ body: RequestBody) async throws -> [UInt8] {
        var inflater = try Inflater(limit: limit)
        for try await part in body { try inflater.feed(Array(part.readableBytesView)) }
        return try inflater.finish()
    }
}
