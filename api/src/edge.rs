//! The edge of TLS: whom a certificate shows, and what is told to those whose it does not.
//!
//! The handshake ends for everybody who can prove that the certificate shown is his, also where
//! that is expired, of another authority, or none at all. Such a connection is told once, as a
//! problem document in the caller's language, why it may not come in, and is closed; a TLS alert
//! would leave its engineer guessing. No route and no organiser's right is reached by it.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    ServerConnection, SignatureScheme,
};
use terms::Hash;

use crate::authority::Identity;
use crate::callers::fingerprint;
use crate::problem::Trouble;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Whoever has the key of the certificate with this fingerprint, which the authority has
    /// signed and which is in its time. Whom it speaks for is looked up for each request, so that
    /// a certificate that is revoked is refused at once.
    Shown(Hash),
    /// Somebody who may not come in, and why.
    Stranger(Trouble),
}

/// TLS 1.3 with client certificates of one authority, and nothing else.
#[derive(Clone, Debug)]
pub struct Edge {
    pub(crate) config: Arc<ServerConfig>,
    verifier: Arc<dyn ClientCertVerifier>,
}

/// The edge of a server that believes certificates of this authority.
pub fn mutual_tls(root: CertificateDer<'static>, server: Identity) -> Result<Edge, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(root)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let verifier = verifier.build().map_err(|error| Error::General(error.to_string()))?;
    let (chain, key) = server;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(Later(verifier.clone())))
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Edge { config: Arc::new(config), verifier })
}

impl Edge {
    /// Who is at the other end of a connection whose handshake is done. Asked for each connection,
    /// resumed ones too, so that none outlives its certificate by being resumed.
    pub(crate) fn peer(&self, connection: &ServerConnection) -> Peer {
        let shown = connection.peer_certificates().and_then(<[_]>::split_first);
        let Some((own, others)) = shown else {
            return Peer::Stranger(Trouble::CertificateMissing);
        };
        match self.verifier.verify_client_cert(own, others, UnixTime::now()) {
            Ok(_) => Peer::Shown(fingerprint(own)),
            Err(Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            )) => Peer::Stranger(Trouble::CertificateExpired),
            Err(_) => Peer::Stranger(Trouble::CertificateForeign),
        }
    }
}

/// Believes any certificate during the handshake, but no signature that its key has not made: what
/// it is worth is judged by [`Edge::peer`].
#[derive(Debug)]
struct Later(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for Later {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
