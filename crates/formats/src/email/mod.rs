//! Mail (RFC 5322, MIME): its header as it stands, the way that it came, and the parts that it carries.
//!
//! Read as an attacker would have it read: every entry of an address field, both names of a file, what is damaged as far
//! as it goes. Bounded and linear, whatever is nested in what. A mail inside of a mail is not opened here: it is an
//! artifact of its own, as everything is that a mail carries.

pub mod address;
pub mod authentication;
pub mod date;
pub mod field;
pub mod forwarded;
pub mod mbox;
pub mod message;
pub mod mime;
pub mod outlook;
pub mod parameter;
pub mod received;
pub mod results;
pub mod smime;
pub mod tnef;
pub mod transfer;
pub mod uuencoded;
pub mod word;
mod written;

pub use message::Message;
