//! What captures of networks say: flows, and what protocols said in them.

mod capture;
mod dns;
mod event;
mod file;
mod flow;
mod ftp;
mod http;
mod imap;
mod irc;
mod login;
mod mysql;
mod pop3;
mod redis;
mod sip;
mod smtp;
mod socks;
mod ssh;
mod tls;

pub use capture::{CaptureFacts, OtherFrames, ServiceTraffic, Talker};
pub use dns::{Dns, DnsAnswer, DnsClass, DnsReply, DnsType};
pub use event::{Event, Exchange};
pub use file::{CarriedFile, FileId};
pub use flow::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};
pub use ftp::{Ftp, FtpData, FtpReply};
pub use http::{Http, HttpReply};
pub use imap::Imap;
pub use irc::{Irc, IrcFile};
pub use login::{Hashcat, Login, LoginMethod};
pub use mysql::Mysql;
pub use pop3::Pop3;
pub use redis::{Redis, RedisReply};
pub use sip::{Sip, SipReply};
pub use smtp::{Smtp, SmtpHead};
pub use socks::Socks;
pub use ssh::{Ssh, SshEnd, SshProtection};
pub use tls::{Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};
