-- The series that a bundle belongs to, and where it was fetched.
ALTER TABLE bundle ADD COLUMN counter INTEGER;
ALTER TABLE bundle ADD COLUMN url TEXT;
ALTER TABLE bundle ADD COLUMN etag TEXT;
ALTER TABLE bundle ADD COLUMN last_modified TEXT;
