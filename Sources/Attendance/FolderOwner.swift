internal import Glibc

/// Whose new files are.
///
/// People run commands as root, and services run as users of their own: what root makes in a folder
/// of somebody else is given to that folder's owner, or the service could neither read nor replace
/// it. Nothing is done for anybody but root, and on a medium without owners, such as a stick.
public enum FolderOwner {
    /// Gives a file that was just made, and that nobody else has seen, to its folder's owner.
    public static func adopt(_ descriptor: Int32, at path: String) {
        guard let owner = owner(of: folder(of: path)) else { return }
        fchown(descriptor, owner.user, owner.group)
    }

    /// Gives a folder, or a closed file, that was just made to the owner of the folder around it.
    public static func adopt(_ path: String) {
        guard let owner = owner(of: folder(of: path)) else { return }
        lchown(path, owner.user, owner.group)
    }

    /// Makes an empty file in somebody else's folder, before something opens it that would make it
    /// root's. SQLite gives the files beside a database to the database's owner.
    public static func prepare(_ path: String) {
        guard owner(of: folder(of: path)) != nil else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { return }
        defer { close(file) }
        adopt(file, at: path)
    }

    /// - Returns: nil where nothing has to be given to anybody.
    private static func owner(of folder: String) -> (user: uid_t, group: gid_t)? {
        guard geteuid() == 0 else { return nil }
        var about = stat()
        guard stat(folder, &about) == 0, about.st_uid != 0 else { return nil }
        return (about.st_uid, about.st_gid)
    }

    /// The part before the last slash; `.` if there is none.
    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
