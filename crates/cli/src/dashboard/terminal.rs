//! The terminal of the process, while a dashboard has it: keys come at once, the screen is another one, and everything is
//! as it was before when this is dropped, which a panic does, too.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use rustix::time::Timespec;
use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

/// To the other screen, without a cursor.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[2J";
/// Plain letters, the cursor, and back.
const LEAVE: &[u8] = b"\x1b[0m\x1b[?25h\x1b[?1049l";

/// The terminal.
#[derive(Debug)]
pub(super) struct Tty {
    file: File,
    before: Termios,
}

impl Tty {
    /// Takes it, wherever standard output goes.
    pub(super) fn open() -> io::Result<Self> {
        Self::take(File::options().read(true).write(true).open("/dev/tty")?)
    }

    fn take(file: File) -> io::Result<Self> {
        let before = tcgetattr(&file)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&file, OptionalActions::Now, &raw)?;
        // From here on it is given back, whatever happens.
        let mut tty = Self { file, before };
        tty.write(ENTER)?;
        Ok(tty)
    }

    /// Columns and rows. Terminals that do not say have 80 and 24.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = tcgetwinsize(&self.file)?;
        Ok(match (size.ws_col, size.ws_row) {
            (0, _) | (_, 0) => (80, 24),
            size => size,
        })
    }

    /// Waits for keys, and gives their bytes; none where there were none.
    pub(super) fn wait(&mut self, longest: Duration) -> io::Result<Vec<u8>> {
        let longest = Timespec::try_from(longest).map_err(io::Error::other)?;
        let mut files = [PollFd::new(&self.file, PollFlags::IN)];
        match poll(&mut files, Some(&longest)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            ready => ready?,
        };
        let mut bytes = [0; 256];
        match self.file.read(&mut bytes) {
            // It was closed.
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => Ok(bytes.get(..read).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // Nobody is left to be told where this fails.
        let _ = self.file.write_all(LEAVE);
        let _ = tcsetattr(&self.file, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::panic::catch_unwind;

    #[test]
    fn a_panic_leaves_the_terminal_as_it_was() {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("it is ours");
        unlockpt(&master).expect("it is ours");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let open = || {
            File::options()
                .read(true)
                .write(true)
                .open(name.to_str().expect("a path"))
                .expect("it is there")
        };
        let terminal = open();
        let modes = || tcgetattr(&terminal).expect("a terminal").local_modes;
        let before = modes();
        let outcome = catch_unwind(|| {
            let _taken = Tty::take(open()).expect("a terminal");
            assert_ne!(modes(), before);
            std::panic::resume_unwind(Box::new("a fault"));
        });
        assert!(outcome.is_err());
        assert_eq!(modes(), before);
        let mut shown = [0; 256];
        let length = rustix::io::read(&master, &mut shown).expect("what was shown");
        assert!(shown[..length].ends_with(LEAVE), "{shown:?}");
    }
}
