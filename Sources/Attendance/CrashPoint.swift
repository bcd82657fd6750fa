internal import Glibc
internal import Synchronization

/// A step between the first byte of a punch and its receipt on disk, on either end, at which a test
/// may end the process as a power cut would: without a word, with nothing flushed and nothing freed.
///
/// `TITIAN_CRASH_AT=journal.committed:3` ends a debug build when it comes by the third time.
/// Release builds hold no trace of it. `Tests/Rigs/crash_points.py` strikes at every one.
public enum CrashPoint: String, CaseIterable, Sendable {
    // From the terminal to the office's disk.
    case pageReceived = "page.received"
    case liveReceived = "live.received"
    case journalBegun = "journal.begun"
    case identityKept = "journal.identity-kept"
    case entryAppended = "journal.entry-appended"
    case positionKept = "journal.position-kept"
    case journalCommitting = "journal.committing"
    case journalCommitted = "journal.committed"
    case pageKept = "page.kept"
    case confirming = "terminal.confirming"
    case confirmed = "terminal.confirmed"

    // From there to the centre, and back.
    case batchRead = "batch.read"
    case batchSealed = "batch.sealed"
    case batchAnswered = "batch.answered"
    case receiptVerified = "receipt.verified"
    case receiptWriting = "receipt.writing"
    case receiptKept = "receipt.kept"
    case pinsKept = "pins.kept"

    // At the centre.
    case callReceived = "call.received"
    case callOpened = "call.opened"
    case callChecked = "call.checked"
    case storeBegun = "store.begun"
    case statusKept = "store.status-kept"
    case lineKept = "store.line-kept"
    case punchCounted = "store.punch-counted"
    case headMoved = "store.head-moved"
    case storeCommitting = "store.committing"
    case storeCommitted = "store.committed"
    case receiptSigned = "receipt.signed"

    // A repair of the journal.
    case repairBegun = "repair.begun"
    case repairCarried = "repair.carried"
    case repairReady = "repair.ready"
    case repairAside = "repair.aside"
    case repairInstalled = "repair.installed"

    // Keys and enrolments, on both ends.
    case fileDrafted = "file.drafted"
    case fileKept = "file.kept"
    case bridgeKeyPromoted = "bridge-key.promoted"
    case codeUsed = "code.used"
    case bridgeEnrolled = "bridge.enrolled"
    case enrolmentGranted = "enrolment.granted"
    case enrolmentAnswered = "enrolment.answered"
    case centreFileDrafted = "centre-file.drafted"
    case centreFileKept = "centre-file.kept"
    case receiptKeyDrafted = "receipt-key.drafted"
    case keyStated = "receipt-key.stated"
    case keyPromoted = "receipt-key.promoted"

    // Backup and restore.
    case backupCopied = "backup.copied"
    case backupSealed = "backup.sealed"
    case backupNamed = "backup.named"
    case backupRemembered = "backup.remembered"
    case restoreCopied = "restore.copied"
    case restoreUnpacked = "restore.unpacked"
    case restoreMoving = "restore.moving"
    case restoreMoved = "restore.moved"

    /// Says that this step is reached. Does nothing unless a test has armed it.
    public func reached() {
        #if DEBUG
            Self.armed?.strike(self)
        #endif
    }

    #if DEBUG
        private static let armed = Armed(getenv("TITIAN_CRASH_AT").map { String(cString: $0) })

        private final class Armed: Sendable {
            private let point: CrashPoint
            private let left: Mutex<Int>

            init?(_ text: String?) {
                let parts = text?.split(separator: ":") ?? []
                guard let name = parts.first, let point = CrashPoint(rawValue: String(name)) else {
                    return nil
                }
                self.point = point
                left = Mutex(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
            }

            func strike(_ reached: CrashPoint) {
                guard reached == point else { return }
                let isTime = left.withLock { left in
                    left -= 1
                    return left == 0
                }
                guard isTime else { return }
                let word = "crash point \(point.rawValue)\n"
                _ = word.withCString { write(STDERR_FILENO, $0, word.utf8.count) }
                kill(getpid(), SIGKILL)
                while true { pause() }
            }
        }
    #endif
}
