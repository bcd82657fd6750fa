import FoundationEssentials
import Glibc

/// Files that a command run as root makes for the service.
public enum Ownership {
    /// The user of `titiand.service`.
    static let user = "titian"

    /// Gives the state folder and what older versions left in it as root's to the service's user; a
    /// new file is given to the folder's owner where it is made (`FolderOwner`). Without root, or
    /// without that user, nothing is done.
    public static func giveToService(_ state: StateFolder) {
        guard geteuid() == 0, let user = getpwnam(user) else { return }
        let (owner, group) = (user.pointee.pw_uid, user.pointee.pw_gid)
        let aside = "\(state.path)/aside"
        let kept = ((try? FileManager.default.subpathsOfDirectory(atPath: aside)) ?? []).map {
            "\(aside)/\($0)"
        }
        for path in [state.path, aside] + state.files + kept {
            lchown(path, owner, group)
        }
    }
}
