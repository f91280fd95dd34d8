-- Cases: a report and what people did about it.
--
-- The audit log names a case by its identifier alone, and what was done by a hash that is salted: names, notes and
-- addresses stand in these tables and nowhere else, so that they can be erased while the log stays whole.

CREATE TABLE case_file (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT,
    verdict TEXT NOT NULL,
    score INTEGER NOT NULL,
    tlp TEXT,
    assignee TEXT,
    occurred INTEGER,
    detected INTEGER NOT NULL,
    acknowledged INTEGER,
    contained INTEGER,
    resolved INTEGER,
    resolution TEXT,
    why TEXT NOT NULL,
    -- The case that it became part of, and the one that it was taken out of, by their identifiers.
    merged_into BLOB,
    split_from BLOB
) STRICT;

CREATE TABLE case_tag (
    case_number INTEGER NOT NULL REFERENCES case_file (number) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (case_number, tag)
) STRICT, WITHOUT ROWID;

-- What was triaged: known by its SHA-256, and where it was not hashed by its path.
CREATE TABLE case_artifact (
    id INTEGER PRIMARY KEY,
    case_number INTEGER NOT NULL REFERENCES case_file (number) ON DELETE CASCADE,
    identity TEXT NOT NULL,
    sha256 BLOB CHECK (length(sha256) = 32),
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    depth INTEGER NOT NULL,
    UNIQUE (case_number, identity)
) STRICT;

-- Bytes that somebody asked to keep: an encrypted archive each.
CREATE TABLE case_kept (
    artifact INTEGER PRIMARY KEY REFERENCES case_artifact (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE case_observable (
    artifact INTEGER NOT NULL REFERENCES case_artifact (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    folded TEXT NOT NULL,
    value TEXT NOT NULL,
    -- Whether it says something that two cases share it.
    telling INTEGER NOT NULL,
    PRIMARY KEY (artifact, kind, folded)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_observable_by_value ON case_observable (kind, folded) WHERE telling = 1;

CREATE TABLE case_report (
    id INTEGER PRIMARY KEY,
    case_number INTEGER NOT NULL REFERENCES case_file (number) ON DELETE CASCADE,
    -- Over what it says, whenever it was made.
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    made INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    score INTEGER NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (case_number, digest)
) STRICT;

CREATE TABLE case_task (
    case_number INTEGER NOT NULL REFERENCES case_file (number) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    done INTEGER,
    PRIMARY KEY (case_number, number)
) STRICT, WITHOUT ROWID;

-- What people did. Each is hashed together with the one before. Erased ones have lost their text and their salt; what
-- they were hashed to stays.
CREATE TABLE case_event (
    case_number INTEGER NOT NULL REFERENCES case_file (number) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    text TEXT NOT NULL,
    salt BLOB CHECK (length(salt) = 16),
    sealed BLOB NOT NULL CHECK (length(sealed) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (case_number, number)
) STRICT, WITHOUT ROWID;
