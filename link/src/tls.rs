//! TLS 1.3 with certificates of the inner authority on both sides, and nothing else.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// The name of the protocol, so that no other service is taken for a door.
const PROTOCOL: &[u8] = b"bej-link/1";

/// A certificate.
pub type Certificate = CertificateDer<'static>;

/// How a door is opened.
pub type DoorTls = Arc<ServerConfig>;

/// How a door is gone to.
pub type WayTls = Arc<ClientConfig>;

/// A chain and its key.
pub type Identity = (Vec<Certificate>, PrivateKeyDer<'static>);

/// Why there is no TLS with these certificates.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The authority's certificate cannot be used to judge others.
    #[error("the certificate of the inner authority cannot be used")]
    Authority(#[from] VerifierBuilderError),
    /// The node's own certificate or key.
    #[error("the certificate or key of this node cannot be used")]
    Own(#[from] rustls::Error),
}

/// How a door is opened: to whoever the inner authority knows.
pub fn door(root: Certificate, own: Identity) -> Result<DoorTls, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(root)?, provider.clone());
    let (chain, key) = own;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier.build()?)
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(Arc::new(config))
}

/// How a door is gone to: only where the inner authority knows who stands behind it.
pub fn way(root: Certificate, own: Identity) -> Result<WayTls, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots(root)?, provider.clone());
    let (chain, key) = own;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_webpki_verifier(verifier.build()?)
        .with_client_auth_cert(chain, key)?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(Arc::new(config))
}

fn roots(root: Certificate) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(root)?;
    Ok(Arc::new(roots))
}
