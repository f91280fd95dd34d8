//! How questions leave: [`Http`] carries them, [`Offline`] refuses them, [`Replay`] answers from a list.

mod datagram;
mod http;
mod line;
mod offline;
mod replay;

pub use http::{Http, HttpOptions, Proxies};
pub use offline::Offline;
pub use replay::Replay;
