import Glibc

/// Bytes of a file; nil if it is not there.
func fileSize(_ path: String) -> Int64? {
    var information = stat()
    return stat(path, &information) == 0 ? Int64(information.st_size) : nil
}
