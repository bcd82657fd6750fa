/// The centre's tables, one step a version. A step that has shipped is never edited.
///
/// Moments are UTC in milliseconds, a punch's `time` is the terminal's wall clock in seconds.
/// What is computed from entries can always be made again from them; `verify` checks that.
enum Schema {
    static let steps = [
        places + entries + projections + status + people, couriers, care, boots,
        keys, certainty, measured,
    ]

    private static let couriers = """
        -- Courier files that were taken in, the newest ones.
        CREATE TABLE courier (
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            at       INTEGER NOT NULL,
            who      TEXT    NOT NULL,
            file     TEXT    NOT NULL,
            outcome  TEXT    NOT NULL,                  -- the console's own JSON
            receipts BLOB
        ) STRICT;
        ALTER TABLE bridge ADD COLUMN revoked_by TEXT;
        ALTER TABLE bridge ADD COLUMN revoked_why TEXT;
        """

    private static let places = """
        CREATE TABLE office (
            id            INTEGER PRIMARY KEY,
            name          TEXT    NOT NULL UNIQUE,
            title         TEXT    NOT NULL,
            zone          TEXT    NOT NULL,
            stage         TEXT    NOT NULL,
            contact       TEXT,
            added_at      INTEGER NOT NULL,
            punches       INTEGER NOT NULL DEFAULT 0,   -- counted ones
            flagged_since INTEGER,                      -- the first of the last run of flags
            flagged_last  INTEGER
        ) STRICT;
        CREATE TABLE code (
            secret     BLOB    PRIMARY KEY,             -- SHA-256 of it, never the secret
            office     INTEGER NOT NULL REFERENCES office,
            made_at    INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            used_at    INTEGER,
            used_by    BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE bridge (
            id             INTEGER PRIMARY KEY,
            name           TEXT    NOT NULL UNIQUE,     -- the key's id
            key            BLOB    NOT NULL,
            office         INTEGER NOT NULL REFERENCES office,
            hostname       TEXT    NOT NULL,
            enrolled_at    INTEGER NOT NULL,
            revoked_at     INTEGER
        ) STRICT;
        CREATE INDEX bridge_office ON bridge (office);
        CREATE TABLE terminal (
            id              INTEGER PRIMARY KEY,
            name            TEXT    NOT NULL UNIQUE,    -- make:serial
            clock_at        INTEGER,                    -- the newest reading
            clock_off_since INTEGER,
            offset_ms       INTEGER,                    -- of the newest clock entry
            error_ms        INTEGER
        ) STRICT;
        CREATE TABLE placement (
            terminal  INTEGER NOT NULL REFERENCES terminal,
            from_time INTEGER NOT NULL,                 -- wall time of punches
            office    INTEGER NOT NULL REFERENCES office,
            made_at   INTEGER NOT NULL,
            made_by   TEXT    NOT NULL,
            PRIMARY KEY (terminal, from_time)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX placement_office ON placement (office, terminal);
        -- Offices whose bridges may speak of a terminal: it stands, or once stood, there.
        CREATE TABLE reader (
            terminal INTEGER NOT NULL REFERENCES terminal,
            office   INTEGER NOT NULL REFERENCES office,
            PRIMARY KEY (terminal, office)
        ) STRICT, WITHOUT ROWID;

        """

    private static let entries = """
        CREATE TABLE journal (
            id         INTEGER PRIMARY KEY,
            name       TEXT    NOT NULL UNIQUE,
            bridge     INTEGER NOT NULL REFERENCES bridge,
            head_seq   INTEGER NOT NULL,
            head       BLOB    NOT NULL,
            started_at INTEGER NOT NULL,
            last_at    INTEGER
        ) STRICT;
        CREATE INDEX journal_bridge ON journal (bridge);
        -- Under which office the entries from first_seq on were written: a box may move.
        CREATE TABLE journal_office (
            journal   INTEGER NOT NULL REFERENCES journal,
            first_seq INTEGER NOT NULL,
            office    INTEGER NOT NULL REFERENCES office,
            PRIMARY KEY (journal, first_seq)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE entry (
            journal INTEGER NOT NULL REFERENCES journal,
            seq     INTEGER NOT NULL,
            line    BLOB,                               -- verbatim; NULL once purged
            digest  BLOB    NOT NULL,                   -- SHA-256 of the line
            chain   BLOB    NOT NULL,                   -- the hash after it
            PRIMARY KEY (journal, seq)
        ) STRICT, WITHOUT ROWID;

        """

    private static let projections = """
        CREATE TABLE punch (
            office    INTEGER NOT NULL,
            terminal  INTEGER NOT NULL,
            time      INTEGER NOT NULL,
            pin       TEXT    NOT NULL,                 -- canonical
            pin_text  TEXT,                             -- as recorded, where that differs
            verify    TEXT    NOT NULL,
            state     TEXT    NOT NULL,
            work      INTEGER NOT NULL,
            via       INTEGER NOT NULL,                 -- the source's rank
            journal   INTEGER NOT NULL,                 -- the best sighting
            seq       INTEGER NOT NULL,
            sightings INTEGER NOT NULL,
            PRIMARY KEY (office, terminal, time, pin)
        ) STRICT, WITHOUT ROWID;
        -- Sightings beside the best one.
        CREATE TABLE sighting (
            terminal INTEGER NOT NULL,
            time     INTEGER NOT NULL,
            pin      TEXT    NOT NULL,
            journal  INTEGER NOT NULL,
            seq      INTEGER NOT NULL,
            PRIMARY KEY (terminal, time, pin, journal, seq)
        ) STRICT, WITHOUT ROWID;
        -- Entries about a terminal of another office: kept, not counted.
        CREATE TABLE waiting (
            terminal INTEGER NOT NULL,
            journal  INTEGER NOT NULL,
            seq      INTEGER NOT NULL,
            office   INTEGER NOT NULL,                  -- from where it was seen
            at       INTEGER NOT NULL,
            PRIMARY KEY (terminal, journal, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX waiting_office ON waiting (office, at);
        CREATE TABLE clock (
            terminal    INTEGER NOT NULL,
            at          INTEGER NOT NULL,
            offset_ms   INTEGER NOT NULL,
            error_ms    INTEGER NOT NULL,
            host_synced INTEGER NOT NULL,
            PRIMARY KEY (terminal, at)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE coverage (
            terminal   INTEGER NOT NULL,
            from_at    INTEGER NOT NULL,
            through_at INTEGER NOT NULL,
            PRIMARY KEY (terminal, from_at)
        ) STRICT, WITHOUT ROWID;
        -- Coverage from a status, to be believed once the journal is here through seq.
        CREATE TABLE pending_coverage (
            journal    INTEGER NOT NULL,
            seq        INTEGER NOT NULL,
            terminal   INTEGER NOT NULL,
            from_at    INTEGER NOT NULL,
            through_at INTEGER NOT NULL,
            PRIMARY KEY (journal, seq, terminal, from_at)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE flagged (
            office   INTEGER NOT NULL,
            at       INTEGER NOT NULL,
            journal  INTEGER NOT NULL,
            seq      INTEGER NOT NULL,
            reason   TEXT    NOT NULL,
            terminal TEXT,
            detail   TEXT,
            PRIMARY KEY (office, at, journal, seq, reason)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            id          INTEGER PRIMARY KEY,
            office      INTEGER NOT NULL,
            at          INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            code        TEXT    NOT NULL,
            terminal    TEXT,
            detail      TEXT
        ) STRICT;
        CREATE INDEX event_office ON event (office, id);

        """

    private static let status = """
        CREATE TABLE bridge_status (
            bridge         INTEGER PRIMARY KEY REFERENCES bridge,
            journal        INTEGER NOT NULL,            -- the newest call
            boot           INTEGER NOT NULL,
            n              INTEGER NOT NULL,
            late_journal   INTEGER,                     -- the newest of those that came behind it
            late_boot      INTEGER,
            late_n         INTEGER,
            was_late       INTEGER NOT NULL,
            turns          INTEGER NOT NULL,
            clone_since    INTEGER,
            clone_last     INTEGER,
            forked_at      INTEGER,
            heard_at       INTEGER,
            text           TEXT    NOT NULL,            -- the status itself, as JSON
            version        TEXT    NOT NULL,
            started_at     INTEGER,
            queue          INTEGER NOT NULL,
            oldest_unsent  INTEGER,
            journal_bytes  INTEGER NOT NULL,
            disk_free      INTEGER NOT NULL,
            disk_total     INTEGER NOT NULL,
            host_synced    INTEGER NOT NULL,
            unsynced_since INTEGER,
            host_offset_ms INTEGER
        ) STRICT;
        CREATE TABLE late_status (
            bridge      INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            boot        INTEGER NOT NULL,
            n           INTEGER NOT NULL,
            text        TEXT    NOT NULL,
            PRIMARY KEY (bridge, received_at, boot, n)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE terminal_status (
            bridge          INTEGER NOT NULL,
            place           INTEGER NOT NULL,           -- in the order of the configuration
            name            TEXT    NOT NULL,
            driver          TEXT    NOT NULL,
            link            TEXT    NOT NULL,
            terminal        INTEGER,
            model           TEXT,
            firmware        TEXT,
            state           TEXT    NOT NULL,
            since           INTEGER,
            problem_code    TEXT,
            problem_id      TEXT,
            problem_en      TEXT,
            last_contact    INTEGER,
            last_read       INTEGER,
            records         INTEGER,
            record_capacity INTEGER,
            users           INTEGER,
            offset_ms       INTEGER,
            error_ms        INTEGER,
            clock_at        INTEGER,
            PRIMARY KEY (bridge, place)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE provisional (
            bridge   INTEGER NOT NULL,
            office   INTEGER NOT NULL,
            terminal INTEGER NOT NULL,
            time     INTEGER NOT NULL,
            pin      TEXT    NOT NULL,
            pin_text TEXT    NOT NULL,
            verify   TEXT    NOT NULL,
            state    TEXT    NOT NULL,
            PRIMARY KEY (bridge, terminal, time, pin)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX provisional_office ON provisional (office, time);

        """

    private static let people = """
        CREATE TABLE user (
            name          TEXT    PRIMARY KEY,
            role          TEXT    NOT NULL,
            password_hash TEXT    NOT NULL,
            disabled      INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE session (
            token      BLOB    PRIMARY KEY,             -- SHA-256 of it, never the token
            user       TEXT    NOT NULL REFERENCES user,
            opened_at  INTEGER NOT NULL,
            seen_at    INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            idle_ms    INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE audit (
            seq     INTEGER PRIMARY KEY,
            at      INTEGER NOT NULL,
            who     TEXT    NOT NULL,
            action  TEXT    NOT NULL,
            object  TEXT,
            address TEXT    NOT NULL,
            chain   BLOB    NOT NULL
        ) STRICT;
        CREATE TABLE audit_head (
            id    INTEGER PRIMARY KEY CHECK (id = 1),
            seq   INTEGER NOT NULL,
            chain BLOB    NOT NULL
        ) STRICT;
        CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
        CREATE TRIGGER audit_remains BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is never cut'); END;
        """
}
