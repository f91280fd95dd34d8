-- Files that a search judged and had nothing to say of: a digest of where they lie, how they were stored and by what they
-- were judged. No name and no content can be told from it.
CREATE TABLE judged_file (
    mark BLOB NOT NULL PRIMARY KEY CHECK (length(mark) = 16),
    at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
