//! TLS from files (the fence for rustls): certificates and keys in PEM, the `ring` provider, TLS 1.2 and 1.3.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned};

/// A blocking TLS stream of a client.
pub type ClientStream = StreamOwned<ClientConnection, std::net::TcpStream>;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{path}: no {what} in PEM can be read from it: check the path, its rights and its format", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// Certificate and key do not make a TLS identity.
    #[error("{path}: certificate and key cannot be used together ({reason}): check that they belong together", path = path.display())]
    Identity {
        /// The certificate.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The name is none.
    #[error("\"{0}\" is no host name for TLS")]
    Name(String),
}

/// An identity of our own: certificate chain and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// PEM with the chain, leaf first.
    pub certificate: PathBuf,
    /// PEM with the key.
    pub key: PathBuf,
}

/// The certificates of a PEM file.
///
/// # Errors
/// When there is none.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = || TlsError::File { path: path.to_owned(), what: "certificate" };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|_| wrong())?.collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(wrong)
}

/// The private key of a PEM file.
///
/// # Errors
/// When there is none.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path)
        .map_err(|_| TlsError::File { path: path.to_owned(), what: "private key" })
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        store
            .add(certificate)
            .map_err(|_| TlsError::File { path: path.to_owned(), what: "usable CA certificate" })?;
    }
    Ok(store)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The crypto provider for the HTTP client.
pub(crate) fn crypto() -> Arc<rustls::crypto::CryptoProvider> {
    provider()
}

/// A server: its identity and, for mutual TLS, whose client certificates it takes.
///
/// # Errors
/// When a file cannot be used.
pub fn server(identity: &Identity, clients: Option<&Path>) -> Result<Arc<ServerConfig>, TlsError> {
    let wrong = |reason: String| TlsError::Identity { path: identity.certificate.clone(), reason };
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?;
    let builder = match clients {
        Some(path) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots(path)?), provider()).build();
            builder.with_client_cert_verifier(verifier.map_err(|error| wrong(error.to_string()))?)
        }
        None => builder.with_no_client_auth(),
    };
    let config = builder.with_single_cert(certificates(&identity.certificate)?, private_key(&identity.key)?);
    config.map(Arc::new).map_err(|error| wrong(error.to_string()))
}

/// A client: whose server certificates it takes and, for mutual TLS, its identity.
///
/// # Errors
/// When a file cannot be used.
pub fn client(servers: &Path, identity: Option<&Identity>) -> Result<Arc<ClientConfig>, TlsError> {
    let wrong = |reason: String| TlsError::Identity { path: servers.to_owned(), reason };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_root_certificates(roots(servers)?);
    let config = match identity {
        Some(identity) => builder
            .with_client_auth_cert(certificates(&identity.certificate)?, private_key(&identity.key)?)
            .map_err(|error| wrong(error.to_string()))?,
        None => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

/// TLS over a connected socket.
///
/// # Errors
/// When the name is none.
pub fn connect(
    config: &Arc<ClientConfig>,
    name: &str,
    socket: std::net::TcpStream,
) -> Result<ClientStream, TlsError> {
    let server = ServerName::try_from(name.to_owned()).map_err(|_| TlsError::Name(name.to_owned()))?;
    let connection =
        ClientConnection::new(Arc::clone(config), server).map_err(|_| TlsError::Name(name.to_owned()))?;
    Ok(StreamOwned::new(connection, socket))
}
