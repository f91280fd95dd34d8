//! Containers of files: zip, 7z, tar and single compressed streams.
