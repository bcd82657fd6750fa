import Attendance
import Central
internal import Hummingbird
internal import Logging
internal import NIOCore

/// What goes with one request through the routes.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Where the request came from, for the audit log and the limit on sign-ins.
    let address: String
    var language = Language.indonesian
    /// Set where a session was found.
    var visitor: Visitor?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "-"
    }
}

/// Somebody who is signed in.
struct Visitor: Sendable {
    let name: String
    let role: User.Role
    /// What a form must carry so that no other site can send it in the visitor's name.
    let token: String
}
