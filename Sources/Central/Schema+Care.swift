extension Schema {
    /// Backups, lines that are forgotten, and keys that are announced.
    static let care = """
        ALTER TABLE journal ADD COLUMN safe_seq INTEGER NOT NULL DEFAULT 0; -- a backup has it so far
        CREATE TABLE backup (
            id      INTEGER PRIMARY KEY,
            made_at INTEGER NOT NULL,
            path    TEXT    NOT NULL,
            bytes   INTEGER NOT NULL,
            sha256  TEXT    NOT NULL
        ) STRICT;
        -- Entries whose lines are not here, and why. A line that is gone and stands nowhere here
        -- was taken away behind our back.
        CREATE TABLE forgotten (
            journal    INTEGER NOT NULL REFERENCES journal,
            first_seq  INTEGER NOT NULL,
            last_seq   INTEGER NOT NULL,
            why        TEXT    NOT NULL,                -- Forgotten.Reason
            at         INTEGER NOT NULL,
            from_at    INTEGER,                         -- a hole: when its neighbours were written
            through_at INTEGER,
            PRIMARY KEY (journal, first_seq, last_seq, why)
        ) STRICT, WITHOUT ROWID;
        -- Whose punches through a wall time are not taken in again.
        CREATE TABLE erased (
            terminal INTEGER NOT NULL REFERENCES terminal,
            pin      TEXT    NOT NULL,                  -- canonical
            through  INTEGER NOT NULL,
            at       INTEGER NOT NULL,
            PRIMARY KEY (terminal, pin)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE announced (
            one  INTEGER PRIMARY KEY CHECK (one = 1),
            pins TEXT NOT NULL,                         -- of the TLS keys, current and spare
            changed_at INTEGER                          -- they are not those of the beginning
        ) STRICT;
        """

    /// What dates entries that a box wrote while its clock was wrong.
    static let boots = """
        CREATE TABLE boot (
            journal    INTEGER NOT NULL,
            number     INTEGER NOT NULL,                -- the box's own count of its starts
            started_at INTEGER NOT NULL,                -- by the centre's clock
            PRIMARY KEY (journal, number)
        ) STRICT, WITHOUT ROWID;
        """

    /// What is shown at a moment that is not certain, until a call tells it.
    static let certainty = """
        ALTER TABLE event ADD COLUMN certainty INTEGER NOT NULL DEFAULT 0;  -- Certainty
        CREATE TABLE undated (
            journal  INTEGER NOT NULL,
            boot     INTEGER NOT NULL,
            seq      INTEGER NOT NULL,
            event    INTEGER,                           -- the event that it has become
            terminal INTEGER,                           -- whose clock it tells of
            clock_at INTEGER,                           -- where that reading stands; NULL: nowhere
            PRIMARY KEY (journal, boot, seq)
        ) STRICT, WITHOUT ROWID;
        """

    /// What the newest clock entry of a terminal was measured against; its offset stands with the terminal.
    static let measured = """
        CREATE TABLE measured (
            terminal INTEGER PRIMARY KEY REFERENCES terminal,
            journal  INTEGER NOT NULL,
            boot     INTEGER,
            up       INTEGER,
            at       INTEGER NOT NULL,                  -- by the box's own clock, right or not
            device   INTEGER                            -- seconds of the terminal's wall clock
        ) STRICT;
        """

    /// Which keys have signed receipts, one after the other.
    static let keys = """
        CREATE TABLE succession (
            id        INTEGER PRIMARY KEY,
            at        INTEGER NOT NULL,
            text      TEXT    NOT NULL,                 -- KeySuccession, as it was signed
            key       TEXT    NOT NULL,                 -- the id of the key before, which signed it
            signature TEXT    NOT NULL,
            former    BLOB    NOT NULL,                 -- the key before
            next      BLOB    NOT NULL                  -- the key that follows
        ) STRICT;
        """
}
