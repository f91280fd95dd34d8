-- Feeds, cached answers, quotas, decisions, and the audit log.

-- One row: what keys are hashed with before they identify a quota.
CREATE TABLE secret (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    salt BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;
INSERT INTO secret (id, salt) VALUES (1, randomblob(32));

CREATE TABLE feed (
    name TEXT PRIMARY KEY,
    url TEXT,
    format TEXT NOT NULL,
    options TEXT NOT NULL,
    grade TEXT NOT NULL,
    family TEXT NOT NULL,
    towards TEXT NOT NULL,
    refresh INTEGER,
    lifetime INTEGER,
    licence TEXT NOT NULL,
    added INTEGER NOT NULL,
    checked INTEGER,
    problem TEXT,
    current INTEGER REFERENCES feed_version (id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Numbers are never given twice, so that a version that is gone is never taken for a new one.
CREATE TABLE feed_version (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed TEXT NOT NULL REFERENCES feed (name) ON DELETE CASCADE,
    fetched INTEGER NOT NULL,
    file TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    indicators INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    etag TEXT,
    last_modified TEXT,
    origin TEXT NOT NULL,
    withdrawn INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX feed_version_by_feed ON feed_version (feed, id);
CREATE INDEX feed_version_by_file ON feed_version (file);

CREATE TABLE answer (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    step INTEGER NOT NULL,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    asked INTEGER NOT NULL,
    good_until INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (provider, kind, value)
) STRICT;
CREATE INDEX answer_by_age ON answer (asked, id);

-- The size of all answers, so that it need not be counted at every write.
CREATE TABLE answer_total (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    answers INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO answer_total (id, answers, bytes) VALUES (1, 0, 0);
CREATE TRIGGER answer_added AFTER INSERT ON answer BEGIN
    UPDATE answer_total SET answers = answers + 1, bytes = bytes + length(new.body);
END;
CREATE TRIGGER answer_changed AFTER UPDATE ON answer BEGIN
    UPDATE answer_total SET bytes = bytes + length(new.body) - length(old.body);
END;
CREATE TRIGGER answer_removed AFTER DELETE ON answer BEGIN
    UPDATE answer_total SET answers = answers - 1, bytes = bytes - length(old.body);
END;

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 16),
    UNIQUE (provider, key)
) STRICT;

-- Calls counted by time, for each length of window apart: the longer it is, the coarser its slots.
CREATE TABLE spent (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    seconds INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (account, seconds, slot)
) STRICT, WITHOUT ROWID;

-- What providers said: so many calls until then.
CREATE TABLE told (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    until INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (account, until)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    folded TEXT NOT NULL,
    value TEXT NOT NULL,
    mark TEXT NOT NULL,
    why TEXT NOT NULL,
    who TEXT NOT NULL,
    made INTEGER NOT NULL,
    expires INTEGER,
    ended INTEGER
) STRICT;
CREATE UNIQUE INDEX decision_in_force ON decision (kind, folded) WHERE ended IS NULL;
CREATE INDEX decision_by_value ON decision (kind, folded, id);

CREATE TABLE audit (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
