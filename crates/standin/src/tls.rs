//! TLS by a certificate that nobody trusts but tests; `tls/README.md` says how it was made.

use crate::http;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// The authority that signed the certificate of the stand-in, in PEM.
pub const AUTHORITY: &str = include_str!("../tls/authority.pem");
/// An authority that did not, in PEM.
pub const STRANGER: &str = include_str!("../tls/stranger.pem");

const CERTIFICATE: &[u8] = include_bytes!("../tls/server.der");
const KEY: &[u8] = include_bytes!("../tls/server.key.der");

pub(crate) fn configuration() -> io::Result<Arc<ServerConfig>> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY));
    let certificate = CertificateDer::from(CERTIFICATE);
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let configuration = ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate], key));
    configuration.map(Arc::new).map_err(io::Error::other)
}

pub(crate) fn serve(stream: TcpStream, configuration: Arc<ServerConfig>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let connection = ServerConnection::new(configuration).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    http::converse(&mut stream)?;
    stream.conn.send_close_notify();
    stream.conn.complete_io(&mut stream.sock).map(drop)
}
