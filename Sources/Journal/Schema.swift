/// The journal's tables. A step that has shipped is never edited.
enum Schema {
    /// `Titj`: tells a journal from any other SQLite file.
    static let applicationID: Int32 = 0x5469_746A

    static let steps = [
        """
        PRAGMA application_id = \(applicationID);

        CREATE TABLE identity_card (
            one        INTEGER PRIMARY KEY CHECK (one = 1),
            journal    TEXT NOT NULL,
            public_key BLOB NOT NULL
        ) STRICT;

        CREATE TABLE entry (
            seq    INTEGER PRIMARY KEY,
            line   BLOB,              -- NULL once purged
            digest BLOB NOT NULL,     -- SHA-256 of the line
            hash   BLOB NOT NULL,     -- the chain after it
            at     INTEGER NOT NULL,  -- milliseconds since 1970 UTC by the host's clock
            counts INTEGER NOT NULL   -- 1 for the first sighting of a punch, else 0
        ) STRICT;

        -- Outlives the lines: an old log read again adds nothing. The time stands first so that
        -- a page of a log touches neighbouring rows; hashes alone would touch the whole table.
        CREATE TABLE known (
            time       INTEGER NOT NULL,  -- of the punch, by the terminal's clock; 0 for oddities
            identity   BLOB NOT NULL,
            seq        INTEGER NOT NULL,  -- the first sighting
            source     INTEGER NOT NULL,  -- rank of the best one so far
            attributes INTEGER NOT NULL,  -- what that one said
            PRIMARY KEY (time, identity)
        ) STRICT, WITHOUT ROWID;

        -- What other sightings of the same punch said, each once.
        CREATE TABLE sighting (
            time       INTEGER NOT NULL,
            identity   BLOB NOT NULL,
            attributes INTEGER NOT NULL,
            PRIMARY KEY (time, identity, attributes)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE terminal (
            id       TEXT PRIMARY KEY,
            position TEXT,     -- how far its log has been read
            clock    INTEGER,  -- seq of its newest clock entry
            coverage INTEGER   -- seq of its newest coverage entry
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE tally (
            one               INTEGER PRIMARY KEY CHECK (one = 1),
            head              INTEGER NOT NULL,  -- the last entry: shows that none went missing
            acked             INTEGER NOT NULL,
            safe              INTEGER NOT NULL,
            punches           INTEGER NOT NULL,
            receipted_punches INTEGER NOT NULL,
            oddities          INTEGER NOT NULL
        ) STRICT;
        INSERT INTO tally VALUES (1, 0, 0, 0, 0, 0, 0);

        CREATE TABLE receipt (
            acked     INTEGER PRIMARY KEY,
            text      TEXT NOT NULL,  -- verbatim, as signed by the centre
            key       TEXT NOT NULL,
            signature TEXT NOT NULL
        ) STRICT;

        CREATE TABLE boot (
            number  INTEGER PRIMARY KEY,
            boot_id TEXT NOT NULL UNIQUE
        ) STRICT;
        """,
        // Every commit writes this row, so the write-ahead log always says whose it is.
        """
        ALTER TABLE tally ADD COLUMN journal TEXT;
        UPDATE tally SET journal = (SELECT journal FROM identity_card);
        """,
        // From here on rows are leaner, see ``EntryRow`` and ``KnownKey``; those that are there stay.
        // An older program would take the lean ones for damage.
        """
        ALTER TABLE tally ADD COLUMN hash BLOB;  -- the chain after the last entry
        """,
    ]
}
