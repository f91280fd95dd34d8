-- Sightings, assets, and bundles.

CREATE TABLE sighting (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    folded TEXT NOT NULL,
    feed TEXT NOT NULL,
    source TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    times INTEGER NOT NULL,
    UNIQUE (kind, folded, feed, source)
) STRICT;
CREATE INDEX sighting_by_age ON sighting (last, id);
CREATE TABLE sighting_total (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sightings INTEGER NOT NULL
) STRICT;
INSERT INTO sighting_total (id, sightings) VALUES (1, 0);
CREATE TRIGGER sighting_added AFTER INSERT ON sighting BEGIN
    UPDATE sighting_total SET sightings = sightings + 1;
END;
CREATE TRIGGER sighting_removed AFTER DELETE ON sighting BEGIN
    UPDATE sighting_total SET sightings = sightings - 1;
END;

CREATE TABLE inventory (
    name TEXT PRIMARY KEY,
    imported INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE asset (
    id INTEGER PRIMARY KEY,
    inventory TEXT NOT NULL REFERENCES inventory (name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    seen INTEGER
) STRICT;
CREATE INDEX asset_by_inventory ON asset (inventory);

CREATE TABLE asset_note (
    asset INTEGER NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (asset, position)
) STRICT, WITHOUT ROWID;

-- Ranges, cut into blocks with a common prefix: four bytes for IPv4, sixteen for IPv6. `size` is that of the whole range
-- less one, so that the smallest range around an address is found.
CREATE TABLE asset_block (
    network BLOB NOT NULL CHECK (length(network) IN (4, 16)),
    prefix INTEGER NOT NULL,
    size BLOB NOT NULL CHECK (length(size) = 16),
    asset INTEGER NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    PRIMARY KEY (network, prefix, asset)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_block_by_asset ON asset_block (asset);

CREATE TABLE asset_mac (
    mac BLOB NOT NULL CHECK (length(mac) = 6),
    asset INTEGER NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    PRIMARY KEY (mac, asset)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_mac_by_asset ON asset_mac (asset);

CREATE TABLE asset_host (
    host TEXT NOT NULL,
    asset INTEGER NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    PRIMARY KEY (host, asset)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_host_by_asset ON asset_host (asset);

CREATE TABLE bundle (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    signer TEXT NOT NULL,
    imported INTEGER NOT NULL,
    who TEXT NOT NULL,
    withdrawn INTEGER
) STRICT;

CREATE TABLE bundle_feed (
    bundle INTEGER NOT NULL REFERENCES bundle (id) ON DELETE CASCADE,
    feed TEXT NOT NULL,
    version INTEGER NOT NULL,
    replaced INTEGER,
    PRIMARY KEY (bundle, feed)
) STRICT, WITHOUT ROWID;

-- Knowledge and rules: of one kind and name, the one of the newest bundle that is not withdrawn is in use.
CREATE TABLE bundle_part (
    bundle INTEGER NOT NULL REFERENCES bundle (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (bundle, kind, name)
) STRICT, WITHOUT ROWID;
