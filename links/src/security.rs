//! The signature of a message's body on the e-government gateway (WS-Security).
//!
//! One profile and no other: `wsse:Security` with `mustUnderstand`, one `ds:Signature` in it, one
//! reference to the `Body` by its id, exclusive canonical XML without comments, SHA-256, the
//! certificate in a `KeyIdentifier`.
//!
//! Contract of [`open`]: the node that it returns is the `Body` whose digest was signed, found by
//! its place in the envelope and compared by identity with what the reference names. A message
//! with two headers, two bodies, two ids alike, a second `Security`, a further reference, or any
//! transform but the one is refused before a key is looked at: each of these is a way to have one
//! body signed and another one read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use sha2::{Digest as _, Sha256};
use terms::{Hash, Instant};

use crate::canonical::canonical;
use crate::error::Error;
use crate::limits::CERTIFICATE_BYTES_MAX;
use crate::signature::{Certificate, SignatureError, Signer, Verifier, address_of, algorithm_of};
use crate::xml::{Message, own_text};

/// SOAP 1.1.
pub(crate) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/\
                      oasis-200401-wss-soap-message-security-1.0#Base64Binary";
const X509: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";

/// Whom to believe, and how.
pub struct Trust {
    /// SHA-256 of the certificates that the other side signs with; two while it changes keys.
    pub pins: Vec<Hash>,
    /// Some clients call the id of the body `Id` instead of `wsu:Id`.
    pub plain_id: bool,
    /// Who checks signatures.
    pub verifier: Box<dyn Verifier>,
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Trust({} pins)", self.pins.len())
    }
}

/// An envelope with this content in its body, signed. `name` makes the id of the body.
pub fn seal(content: &str, name: &str, key: &dyn Signer) -> Result<String, SignatureError> {
    let id = format!("id-{name}");
    let body = format!(
        "<soapenv:Body xmlns:soapenv=\"{SOAP}\" xmlns:wsu=\"{WSU}\" wsu:Id=\"{id}\">{content}\
         </soapenv:Body>"
    );
    let own = |_| SignatureError::Arrangement("our own message");
    let digest = STANDARD.encode(Sha256::digest(apex(&body).map_err(own)?));
    let method = address_of(key.algorithm())?;
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"{DS}\">\
         <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
         <ds:SignatureMethod Algorithm=\"{method}\"/>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{EXCLUSIVE}\"/>\
         </ds:Transforms><ds:DigestMethod Algorithm=\"{SHA256}\"/>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    );
    let signature = STANDARD.encode(key.sign(&apex(&info).map_err(own)?)?);
    let certificate = STANDARD.encode(key.certificate());
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Header>\
         <wsse:Security xmlns:wsse=\"{WSSE}\" soapenv:mustUnderstand=\"1\">\
         <ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{signature}</ds:SignatureValue>\
         <ds:KeyInfo><wsse:SecurityTokenReference><wsse:KeyIdentifier EncodingType=\"{BASE64}\" \
         ValueType=\"{X509}\">{certificate}</wsse:KeyIdentifier></wsse:SecurityTokenReference>\
         </ds:KeyInfo></ds:Signature></wsse:Security></soapenv:Header>{body}</soapenv:Envelope>"
    ))
}

fn apex(text: &str) -> Result<Vec<u8>, Error> {
    Ok(canonical(Message::parse(text)?.root()))
}

/// Opens a signed envelope and reads its body: for whoever takes in what [`seal`] has made.
pub fn read<T>(
    text: &str,
    trust: &Trust,
    at: Instant,
    take: impl FnOnce(Node<'_, '_>) -> Result<T, Error>,
) -> Result<T, Error> {
    take(open(&Message::parse(text)?, trust, at)?)
}

/// The body of an envelope, whatever is signed or not.
pub(crate) fn body<'a, 'i>(message: &'a Message<'i>) -> Result<Node<'a, 'i>, Error> {
    let (_, body) = parts(message.root()).map_err(Error::Malformed)?;
    Ok(body)
}

/// The body of a signed envelope, which is the very node that was signed.
pub(crate) fn open<'a, 'i>(
    message: &'a Message<'i>,
    trust: &Trust,
    at: Instant,
) -> Result<Node<'a, 'i>, Error> {
    signed_body(message, trust, at).map_err(Error::BadSignature)
}

fn signed_body<'a, 'i>(
    message: &'a Message<'i>,
    trust: &Trust,
    at: Instant,
) -> Result<Node<'a, 'i>, SignatureError> {
    let (header, body) = parts(message.root()).map_err(SignatureError::Arrangement)?;
    let signature = only_signature(message, header)?;
    let id = body_id(message, body, trust.plain_id)?;
    let info = only(signature, DS, "SignedInfo")?;
    let (method, digest) = read_info(info, id)?;
    if digest[..] != Sha256::digest(canonical(body))[..] {
        return Err(SignatureError::Mismatch);
    }
    let certificate = certificate(only(signature, DS, "KeyInfo")?)?;
    certificate.believe(&trust.pins, at)?;
    let value = decode(only(signature, DS, "SignatureValue")?)?;
    let content = canonical(info);
    trust.verifier.verify(algorithm_of(method)?, certificate.key_info(), &content, &value)?;
    Ok(body)
}

/// Header, if there is one, and body: the only element children of the envelope.
fn parts<'a, 'i>(root: Node<'a, 'i>) -> Result<(Option<Node<'a, 'i>>, Node<'a, 'i>), &'static str> {
    if !root.has_tag_name((SOAP, "Envelope")) {
        return Err("no envelope of SOAP 1.1");
    }
    let children: Vec<_> = root.children().filter(Node::is_element).collect();
    match children[..] {
        [body] if body.has_tag_name((SOAP, "Body")) => Ok((None, body)),
        [header, body]
            if header.has_tag_name((SOAP, "Header")) && body.has_tag_name((SOAP, "Body")) =>
        {
            Ok((Some(header), body))
        }
        _ => Err("an envelope has one header and one body"),
    }
}

/// The one signature in the one `Security` of the header; none anywhere else in the header.
fn only_signature<'a, 'i>(
    message: &'a Message<'i>,
    header: Option<Node<'a, 'i>>,
) -> Result<Node<'a, 'i>, SignatureError> {
    let everywhere = message.document().descendants();
    let mut all = everywhere.filter(|node| node.has_tag_name((WSSE, "Security")));
    let security = all.next().ok_or(SignatureError::Absent)?;
    if all.next().is_some() || security.parent() != header {
        return Err(SignatureError::Arrangement("one Security, in the header"));
    }
    let header = header.ok_or(SignatureError::Absent)?;
    let within = header.descendants().filter(|node| node.has_tag_name((DS, "Signature"))).count();
    let signature = only(security, DS, "Signature")?;
    if within != 1 {
        return Err(SignatureError::Arrangement("one signature in the header"));
    }
    Ok(signature)
}

/// The id of the body; no id may occur twice in the message, under whatever name ids go.
fn body_id<'a>(
    message: &'a Message<'_>,
    body: Node<'a, '_>,
    plain_id: bool,
) -> Result<&'a str, SignatureError> {
    let mut ids = Vec::new();
    for node in message.document().descendants().filter(Node::is_element) {
        for attribute in node.attributes() {
            if attribute.name().eq_ignore_ascii_case("id") {
                ids.push(attribute.value());
            }
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != count {
        return Err(SignatureError::Arrangement("the same id twice"));
    }
    let plain = plain_id.then(|| body.attribute("Id")).flatten();
    body.attribute((WSU, "Id")).or(plain).ok_or(SignatureError::Arrangement("a body with an id"))
}

/// The address of the method and the digest, if what is signed is arranged as it must be.
fn read_info<'a>(info: Node<'a, '_>, id: &str) -> Result<(&'a str, Vec<u8>), SignatureError> {
    let arrangement = SignatureError::Arrangement;
    let names: Vec<_> = elements(info).map(|node| node.tag_name().name()).collect();
    if names != ["CanonicalizationMethod", "SignatureMethod", "Reference"] {
        return Err(arrangement("one method of each kind and one reference"));
    }
    plain(only(info, DS, "CanonicalizationMethod")?, EXCLUSIVE)?;
    let method = only(info, DS, "SignatureMethod")?;
    let reference = only(info, DS, "Reference")?;
    let target = reference.attribute("URI").and_then(|address| address.strip_prefix('#'));
    if target != Some(id) {
        return Err(arrangement("a reference to the body"));
    }
    let transforms = only(reference, DS, "Transforms")?;
    if elements(transforms).count() != 1 {
        return Err(arrangement("one transform"));
    }
    plain(only(transforms, DS, "Transform")?, EXCLUSIVE)?;
    plain(only(reference, DS, "DigestMethod")?, SHA256)?;
    let digest = decode(only(reference, DS, "DigestValue")?)?;
    let method = method.attribute("Algorithm").ok_or(arrangement("a method of signature"))?;
    Ok((method, digest))
}

/// An element that names this algorithm and has no parameters.
fn plain(node: Node<'_, '_>, address: &str) -> Result<(), SignatureError> {
    if elements(node).next().is_some() {
        return Err(SignatureError::Arrangement("a method without parameters"));
    }
    match node.attribute("Algorithm") {
        Some(named) if named == address => Ok(()),
        Some(_) => Err(SignatureError::Arrangement("a method that is not agreed on")),
        None => Err(SignatureError::Arrangement("a method with a name")),
    }
}

fn certificate(info: Node<'_, '_>) -> Result<Certificate, SignatureError> {
    let reference = only(info, WSSE, "SecurityTokenReference")?;
    let identifier = only(reference, WSSE, "KeyIdentifier")?;
    let named = (identifier.attribute("EncodingType"), identifier.attribute("ValueType"));
    if named != (Some(BASE64), Some(X509)) {
        return Err(SignatureError::Arrangement("a certificate in base64"));
    }
    Certificate::parse(&decode(identifier)?)
}

/// Base64 with whatever white space is between.
fn decode(node: Node<'_, '_>) -> Result<Vec<u8>, SignatureError> {
    let text: String = own_text(node).split_ascii_whitespace().collect();
    if CERTIFICATE_BYTES_MAX * 2 < text.len() {
        return Err(SignatureError::Key);
    }
    STANDARD.decode(text).map_err(|_| SignatureError::Arrangement("base64"))
}

fn elements<'a, 'i: 'a>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

fn only<'a, 'i>(
    node: Node<'a, 'i>,
    space: &'static str,
    name: &'static str,
) -> Result<Node<'a, 'i>, SignatureError> {
    let mut found = elements(node).filter(|child| child.has_tag_name((space, name)));
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        (None, _) => Err(SignatureError::Arrangement(name)),
        (Some(_), Some(_)) => Err(SignatureError::Arrangement("the same element twice")),
    }
}
