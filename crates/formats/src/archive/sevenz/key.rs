//! Keys of encrypted 7z files: SHA-256 over salt, password and a counter, as many times as the file says.

use crate::archive::aes::Key;
use sha2::{Digest, Sha256};
use std::rc::Rc;
use watchfire_model::{Budget, Halt, Problem};

/// Files may ask for up to 2^62 rounds. 7-Zip writes 2^19; this much takes a second or two.
const MAX_ROUNDS_LOG: u8 = 24;

/// "No rounds at all": the password itself is the key.
const NO_ROUNDS: u8 = 0x3f;

/// Keys kept: deriving one is slow, and folders of one archive usually share theirs. As many as passwords are tried.
const KEPT: usize = 32;

/// What a coder says of its encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cipher {
    rounds_log: u8,
    salt: Vec<u8>,
    /// The block before the first.
    pub(super) start: [u8; 16],
}

impl Cipher {
    /// Reads a coder's properties.
    pub(super) fn read(properties: &[u8]) -> Result<Self, Problem> {
        let damaged = || Problem::warning("7z-damaged", "the description of its encryption is damaged");
        let (&first, rest) = properties.split_first().ok_or_else(damaged)?;
        let rounds_log = first & 0x3f;
        if rounds_log > MAX_ROUNDS_LOG && rounds_log != NO_ROUNDS {
            let message =
                format!("its key takes 2^{rounds_log} rounds to derive, more than the 2^{MAX_ROUNDS_LOG} allowed");
            return Err(Problem::warning("7z-key-derivation", message));
        }
        let mut cipher = Self {
            rounds_log,
            salt: Vec::new(),
            start: [0; 16],
        };
        if first & 0xc0 == 0 {
            return Ok(cipher);
        }
        let (&lengths, rest) = rest.split_first().ok_or_else(damaged)?;
        let salt_len = usize::from(first >> 7 & 1) + usize::from(lengths >> 4);
        let start_len = usize::from(first >> 6 & 1) + usize::from(lengths & 0xf);
        let (salt, rest) = rest.split_at_checked(salt_len).ok_or_else(damaged)?;
        let start = rest.get(..start_len).ok_or_else(damaged)?;
        cipher.salt = salt.to_vec();
        cipher.start.iter_mut().zip(start).for_each(|(to, from)| *to = *from);
        Ok(cipher)
    }

    /// Hash computations that one password costs.
    pub(super) fn cost(&self) -> u64 {
        if self.rounds_log == NO_ROUNDS {
            1
        } else {
            1 << self.rounds_log
        }
    }

    fn derive(&self, password: &[u8], budget: &Budget) -> Result<[u8; 32], Halt> {
        let wide: Vec<u8> = String::from_utf8_lossy(password)
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        if self.rounds_log == NO_ROUNDS {
            let mut key = [0; 32];
            key.iter_mut()
                .zip(self.salt.iter().chain(&wide))
                .for_each(|(to, from)| *to = *from);
            return Ok(key);
        }
        let mut hash = Sha256::new();
        let mut round = [self.salt.as_slice(), &wide, &[0; 8]].concat();
        let counter = round.len() - 8;
        for count in 0..1u64 << self.rounds_log {
            if count & 0xffff == 0 {
                budget.check()?;
            }
            if let Some(place) = round.get_mut(counter..) {
                place.copy_from_slice(&count.to_le_bytes());
            }
            hash.update(&round);
        }
        Ok(hash.finalize().into())
    }
}

/// Keys derived so far.
#[derive(Default)]
pub(super) struct Keys {
    known: Vec<Known>,
}

struct Known {
    rounds_log: u8,
    salt: Vec<u8>,
    password: Vec<u8>,
    key: Rc<Key>,
}

impl Keys {
    pub(super) fn get(&mut self, cipher: &Cipher, password: &[u8], budget: &Budget) -> Result<Rc<Key>, Halt> {
        let known = self.known.iter().find(|known| {
            known.rounds_log == cipher.rounds_log && known.salt == cipher.salt && known.password == password
        });
        if let Some(known) = known {
            return Ok(Rc::clone(&known.key));
        }
        let key = Rc::new(Key::long(&cipher.derive(password, budget)?));
        self.known.truncate(KEPT - 1);
        let new = Known {
            rounds_log: cipher.rounds_log,
            salt: cipher.salt.clone(),
            password: password.to_vec(),
            key: Rc::clone(&key),
        };
        self.known.insert(0, new);
        Ok(key)
    }
}
