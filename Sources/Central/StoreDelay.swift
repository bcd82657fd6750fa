import Glibc

/// Makes the store of a debug build slow, so that a test knows how many calls a second it can take:
/// `TITIAN_STORE_DELAY_MS=10` leaves at most a hundred. Release builds hold no trace of it.
enum StoreDelay {
    static func pass() {
        #if DEBUG
            if microseconds > 0 { usleep(microseconds) }
        #endif
    }

    #if DEBUG
        private static let microseconds: UInt32 = {
            guard let text = getenv("TITIAN_STORE_DELAY_MS") else { return 0 }
            return (UInt32(String(cString: text)) ?? 0) * 1_000
        }()
    #endif
}
