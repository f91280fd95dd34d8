//! How questions leave: [`Http`] carries them, [`Offline`] refuses them, [`Replay`] answers from a list.

mod datagram;
mod http;
mod line;
mod offline;
mod place;
mod replay;

pub use http::{Arriving, Http, HttpOptions, Proxies};
pub use offline::Offline;
pub use place::{host, is_same_origin, joined, with_parameters};
pub use replay::Replay;
