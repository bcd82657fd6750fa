import FoundationEssentials
import Glibc

/// Files that a command run as root makes for the service.
public enum Ownership {
    /// The user of `titiand.service`.
    static let user = "titian"

    /// Gives what is in the state folder to the service's user; without root, or without that
    /// user, nothing is done.
    public static func giveToService(_ state: StateFolder) {
        guard geteuid() == 0, let user = getpwnam(user) else { return }
        let (owner, group) = (user.pointee.pw_uid, user.pointee.pw_gid)
        let journal = ["", "-wal"].map { state.journalFile + $0 } + [state.path + "/journal.id"]
        let aside = "\(state.path)/aside"
        let kept = ((try? FileManager.default.subpathsOfDirectory(atPath: aside)) ?? []).map {
            "\(aside)/\($0)"
        }
        for path in [state.path, state.keyFile, state.pendingFile, aside] + journal + kept {
            lchown(path, owner, group)
        }
    }
}
