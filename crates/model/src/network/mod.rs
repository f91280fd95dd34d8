//! What captures of networks say: flows, and what protocols said in them.

mod capture;
mod dce_rpc;
mod certificate;
mod dns;
mod event;
mod file;
mod flow;
mod ftp;
mod http;
mod kerberos;
mod ldap;
mod login;
mod records;
mod tls;

pub use capture::{
    CaptureFacts, CaptureFile, Carried, Conversation, CountryTraffic, Gap, OtherFrames, SeenLogin, ServiceTraffic,
    Talker, Timeline,
};
mod ntlm;
mod rdp;
mod rfb;
mod smb;
mod imap;
mod irc;
mod login;
mod mysql;
mod pop3;
mod postgresql;
mod redis;
mod sip;
mod smtp;
mod socks;
mod ssh;
mod tls;

pub use capture::{CaptureFacts, OtherFrames, ServiceTraffic, Talker};
pub use dce_rpc::DceRpc;
mod quic;
mod stun;
mod tls;

pub use capture::{CaptureFacts, OtherFrames, ServiceTraffic, Talker};
pub use certificate::{Certificate, IssuedBy};
pub use dns::{Dns, DnsAnswer, DnsClass, DnsReply, DnsType};
pub use event::{Event, Exchange};
pub use file::{CarriedFile, FileId};
pub use flow::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};
pub use ftp::{Ftp, FtpData, FtpReply};
pub use http::{Http, HttpReply};
pub use kerberos::{Kerberos, KerberosCipher, KerberosError, KerberosRequest};
pub use ldap::{Ldap, LdapAliases, LdapResult, LdapScope, LdapSearch};
pub use login::{Hashcat, Login, LoginMethod};
pub use records::{FileSink, RecordSink};
pub use ntlm::{Ntlm, NtlmAnswer, WindowsVersion};
pub use rdp::{KeyboardLayout, Rdp, RdpBuild, RdpClient, RdpFailure, RdpSecurity, RdpServer};
pub use rfb::Rfb;
pub use smb::{NtStatus, Smb, SmbAction, SmbFile, SmbKind, SmbShare, SmbSigning};
pub use imap::Imap;
pub use irc::{Irc, IrcFile};
pub use login::{Hashcat, Login, LoginMethod};
pub use mysql::Mysql;
pub use pop3::Pop3;
pub use postgresql::Postgresql;
pub use redis::{Redis, RedisReply};
pub use sip::{Sip, SipReply};
pub use smtp::{Smtp, SmtpHead};
pub use socks::Socks;
pub use ssh::{Ssh, SshEnd, SshProtection};
pub use quic::{Quic, QuicVersion};
pub use stun::Stun;
pub use tls::{Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};
