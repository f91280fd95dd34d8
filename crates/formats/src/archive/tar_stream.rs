//! tar as it comes: one member behind the other, of which none has to be in memory.
//!
//! What is said of the format in [`super::tar`] holds here too; sparse files are read without their holes.

use super::tar::{BLOCK, Extended, MAX_EXTENDED, is_header, number, stored_name, text};
use std::io::{self, Read};
use watchfire_model::{Problem, Untrusted};

/// A tar file that is read from its beginning to its end.
#[derive(Debug)]
pub struct TarStream<R> {
    inner: R,
    global: Extended,
    /// Bytes of the member that were not read yet.
    left: u64,
    /// Bytes behind it up to the next header.
    padding: u64,
    problem: Option<Problem>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TarMember {
    /// Its name as stored.
    pub name: Untrusted,
    /// Whether it is a file: neither a folder, nor a link, nor a device.
    pub is_file: bool,
}

impl<R: Read> TarStream<R> {
    /// Reads `inner`.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            global: Extended::default(),
            left: 0,
            padding: 0,
            problem: None,
        }
    }

    /// What is wrong with the file, once there is no further member.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The next member, whose content is read from `self`; what was not read of the one before is passed over.
    ///
    /// # Errors
    /// Those of reading.
    pub fn next_member(&mut self) -> io::Result<Option<TarMember>> {
        self.pass()?;
        let mut extended = Extended::default();
        loop {
            let Some(header) = self.header()? else { return Ok(None) };
            let kind = header.get(156).copied().unwrap_or_default();
            let declared = header.get(124..136).and_then(number).unwrap_or_default();
            match kind {
                b'L' => extended.name = Some(text(&self.extended(declared)?).to_vec()),
                b'K' => _ = self.extended(declared)?,
                b'x' | b'X' => extended.read_pax(&self.extended(declared)?),
                b'g' => {
                    let records = self.extended(declared)?;
                    self.global.read_pax(&records);
                }
                _ => return self.member(&header, kind, declared, extended).map(Some),
            }
        }
    }

    fn member(&mut self, header: &[u8], kind: u8, declared: u64, extended: Extended) -> io::Result<TarMember> {
        let name = extended.name.or_else(|| self.global.name.take());
        let name = name.unwrap_or_else(|| stored_name(header));
        let size = extended.size.unwrap_or(declared);
        // Links have a size in some archives, and no data.
        let has_data = !matches!(kind, b'1'..=b'6');
        if has_data {
            if kind == b'S' {
                self.pass_sparse_map(header)?;
            }
            self.expect(size);
        }
        Ok(TarMember {
            name: Untrusted::from_bytes(&name),
            is_file: has_data && !(size == 0 && name.ends_with(b"/")),
        })
    }

    /// So many bytes come next, and what fills their last block.
    fn expect(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    /// The next header. Zeros end the archive; anything else that is no header is passed over.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        loop {
            let mut have = 0;
            while let Some(rest) = block.get_mut(have..).filter(|rest| !rest.is_empty()) {
                match self.inner.read(rest) {
                    Ok(0) => break,
                    Ok(count) => have += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            let read = block.get(..have).unwrap_or_default();
            if have < BLOCK {
                if read.iter().any(|byte| *byte != 0) {
                    self.damaged("the tar file ends in the middle of a header");
                }
                return Ok(None);
            }
            if read.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            if is_header(read) {
                return Ok(Some(block));
            }
            self.damaged("something that is no header stands where the next member should be");
        }
    }

    fn extended(&mut self, declared: u64) -> io::Result<Vec<u8>> {
        self.expect(declared);
        let mut bytes = Vec::new();
        let most = declared.min(MAX_EXTENDED as u64);
        (&mut *self).take(most).read_to_end(&mut bytes)?;
        self.pass()?;
        Ok(bytes)
    }

    fn pass_sparse_map(&mut self, header: &[u8]) -> io::Result<()> {
        let mut continues = header.get(482).is_some_and(|&byte| byte != 0);
        while continues {
            self.expect(BLOCK as u64);
            let mut block = Vec::new();
            self.read_to_end(&mut block)?;
            continues = block.get(504).is_some_and(|&byte| byte != 0);
        }
        Ok(())
    }

    /// Passes over what was not read of a member.
    fn pass(&mut self) -> io::Result<()> {
        let rest = self.left.saturating_add(self.padding);
        let passed = io::copy(&mut (&mut self.inner).take(rest), &mut io::sink())?;
        if passed < self.left {
            self.damaged("the tar file ends before its data");
        }
        (self.left, self.padding) = (0, 0);
        Ok(())
    }

    fn damaged(&mut self, why: &str) {
        let problem = Problem::warning("tar-damaged", why);
        self.problem.get_or_insert(problem);
    }
}

/// The content of the member.
impl<R: Read> Read for TarStream<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let Some(into) = into.get_mut(..most).filter(|into| !into.is_empty()) else {
            return Ok(0);
        };
        let count = self.inner.read(into)?;
        self.left = self.left.saturating_sub(count as u64);
        if count == 0 {
            (self.left, self.padding) = (0, 0);
            self.damaged("the tar file ends before its data");
        }
        Ok(count)
    }
}
