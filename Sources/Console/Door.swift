import Central
import Synchronization

/// Where the calls of bridges come in: as many as the store can take soon, the others get an
/// appointment. The rules are ``Admission``'s.
final class Door: Sendable {
    private let admission = Mutex(Admission())

    /// Bridges that are enrolled: they alone get appointments.
    func know(_ callers: [String]) {
        admission.withLock { $0.know(callers) }
    }

    func arrived(_ caller: String?) -> Admission.Verdict {
        admission.withLock { $0.arrived(caller, at: .now) }
    }

    func hasBody(_ ticket: Admission.Ticket) {
        admission.withLock { $0.hasBody(ticket, at: .now) }
    }

    func left(_ ticket: Admission.Ticket, stored: Bool) {
        admission.withLock { $0.left(ticket, stored: stored, at: .now) }
    }

    /// Seconds after which a caller may come again whose call the store could not take.
    func failed(_ caller: String?) -> Int {
        admission.withLock { $0.failed(caller, at: .now) }
    }
}
