import Dispatch
import Glibc
import Synchronization

/// Looks up the names of hosts, as the box itself does: `/etc/hosts`, DNS, mDNS.
public enum HostNames {
    /// - Parameters:
    ///   - limit: A resolver whose servers are gone takes half a minute; nobody waits that long.
    ///   - name: A name, or an address, which is its own answer.
    /// - Returns: Numeric addresses, none if the name is not known or nobody answers in time.
    public static func addresses(
        of name: String, within limit: Duration = .seconds(3)
    ) async -> [String] {
        await withCheckedContinuation { continuation in
            let answer = Answer(to: continuation)
            DispatchQueue.global().async { answer.give(lookedUp(name)) }
            let milliseconds = Int(limit / .milliseconds(1))
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
                answer.give([])
            }
        }
    }

    private static func lookedUp(_ name: String) -> [String] {
        let addresses = (try? Socket.addresses(of: name, 0, SOCK_STREAM, name)) ?? []
        return addresses.compactMap(\.host)
    }

    /// Resumes whoever waits with the first answer, and only with that.
    private final class Answer: Sendable {
        private let waiting: Mutex<CheckedContinuation<[String], Never>?>

        init(to continuation: CheckedContinuation<[String], Never>) {
            waiting = Mutex(continuation)
        }

        func give(_ addresses: [String]) {
            let continuation = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            continuation?.resume(returning: addresses)
        }
    }
}
