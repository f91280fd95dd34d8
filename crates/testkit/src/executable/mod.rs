//! Executables of all formats, as small as they go, of parts that a test chooses. None of them does anything.

mod elf;
mod installer;
mod other;
mod pe;
mod signed;
mod version;

pub use elf::Elf;
pub use installer::Installer;
pub use other::{cabinet, dex, fat, java_class, mach_o, python, wasm};
pub use pe::{Pe, Section};
pub use signed::{Signing, catalog, root_certificate, sign, signature};
pub use version::version;
