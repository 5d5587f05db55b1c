//! Messages that want to be read as something else than what was signed (bad input of issue 5).

use links::Error;
use links::consent::{Consent as _, Said};
use links::debtors::{Debtors as _, Owes, Register, Words};
use links::signature::SignatureError;
use outside::Owner;
use proptest::prelude::*;

use crate::server::{answering, asked, call, person, response, sealed};

/// A good answer: the person is in the register for another matter than money.
fn good() -> String {
    let data = format!(
        "<data><iin>{}</iin><record><category>NON_PROPERTY</category></record></data>",
        person().reveal()
    );
    response(call(1).id, "SCSS001", &data)
}

/// What the attacker wants to be read.
fn evil() -> String {
    good().replace("SCSS001", "SCSE001")
}

fn owes(envelope: String) -> Result<Option<Owes>, Error> {
    let server = answering(envelope);
    let register = Register::new(server.gateway(), Words::proposed());
    register.owes(&call(1), &person()).map(|heard| heard.found)
}

fn arrangement(heard: Result<Option<Owes>, Error>) {
    assert!(matches!(heard, Err(Error::BadSignature(SignatureError::Arrangement(_)))), "{heard:?}");
}

fn part<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).expect(from);
    let end = start + text[start..].find(to).expect(to) + to.len();
    &text[start..end]
}

#[test]
fn a_good_answer_is_read() {
    assert_eq!(owes(sealed(&good(), Owner::Gateway)), Ok(Some(Owes::Other)));
    // Escaped within `data`, as business data that are signed by themselves come.
    let data = part(&good(), "<data>", "</data>").to_owned();
    let escaped = format!("<data>{}</data>", links::escape(&data));
    let good = good().replace(&data, &escaped);
    assert_eq!(owes(sealed(&good, Owner::Gateway)), Ok(Some(Owes::Other)));
}

#[test]
fn a_changed_answer_is_not_believed() {
    let whole = sealed(&good(), Owner::Gateway);
    let mismatch = Err(Error::BadSignature(SignatureError::Mismatch));
    assert_eq!(owes(whole.replace("SCSS001", "SCSE001")), mismatch);
    assert_eq!(owes(whole.replace("<status>", "<status> ")), mismatch);
    let signature = part(&whole, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let evil = sealed(&evil(), Owner::Gateway);
    let other = part(&evil, "<ds:SignatureValue>", "</ds:SignatureValue>");
    assert_eq!(owes(whole.replace(signature, other)), mismatch);
    // White space that canonical XML does not see changes nothing.
    let respaced = whole.replace("<ds:Transforms>", "<ds:Transforms >");
    assert_eq!(owes(respaced), Ok(Some(Owes::Other)));
}

#[test]
fn only_pinned_keys_are_believed() {
    let stranger = owes(sealed(&good(), Owner::Stranger));
    assert_eq!(stranger, Err(Error::BadSignature(SignatureError::Stranger)));
    // A stranger's signature under the gateway's certificate.
    let ours = sealed(&good(), Owner::Gateway);
    let theirs = sealed(&good(), Owner::Stranger);
    let key = part(&ours, "<ds:KeyInfo>", "</ds:KeyInfo>");
    let mixed = theirs.replace(part(&theirs, "<ds:KeyInfo>", "</ds:KeyInfo>"), key);
    assert_eq!(owes(mixed), Err(Error::BadSignature(SignatureError::Mismatch)));
}

#[test]
fn an_unsigned_answer_is_not_believed() {
    let whole = sealed(&good(), Owner::Gateway);
    let header = part(&whole, "<soapenv:Header>", "</soapenv:Header>");
    let absent = Err(Error::BadSignature(SignatureError::Absent));
    assert_eq!(owes(whole.replace(header, "")), absent);
    assert_eq!(owes(whole.replace(header, "<soapenv:Header/>")), absent);
}

#[test]
fn another_body_than_the_signed_one_is_never_read() {
    let whole = sealed(&good(), Owner::Gateway);
    let body = part(&whole, "<soapenv:Body", "</soapenv:Body>").to_owned();
    let evil_body = format!("<soapenv:Body>{}</soapenv:Body>", evil());
    let evil_named = body.replace("SCSS001", "SCSE001");
    let header_end = "</soapenv:Header>";
    // The signed body moved into the header, another in its place: without an id, with another
    // id, and with the same id.
    let moved =
        |into: &str| whole.replace(&body, into).replace(header_end, &format!("{body}{header_end}"));
    arrangement(owes(moved(&evil_body)));
    arrangement(owes(moved(&evil_named.replace("id-answer", "id-other"))));
    arrangement(owes(moved(&evil_named)));
    // Two bodies, in either order.
    arrangement(owes(whole.replace(&body, &format!("{evil_body}{body}"))));
    arrangement(owes(whole.replace(&body, &format!("{body}{evil_body}"))));
    // The signed body within another one.
    arrangement(owes(whole.replace(&body, &format!("<soapenv:Body>{body}</soapenv:Body>"))));
    // The same id elsewhere, under each name that ids go by.
    for id in ["Id", "ID", "id", "xml:id"] {
        let twice = format!("<x {id}=\"id-answer\"/>{header_end}");
        arrangement(owes(whole.replace(header_end, &twice)));
    }
    // The envelope within another one.
    let inner = whole.trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let outer = format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">{inner}\
         {evil_body}</soapenv:Envelope>"
    );
    arrangement(owes(outer));
}

/// An envelope whose body is called by `Id`, made by hand in canonical form.
fn by_plain_id() -> String {
    use base64::Engine as _;
    use links::signature::Signer as _;
    use sha2::{Digest as _, Sha256};
    let base64 = base64::engine::general_purpose::STANDARD;
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let body = format!("<e:Body xmlns:e=\"{soap}\" Id=\"b\"><code>SCSS001</code></e:Body>");
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
         <ds:CanonicalizationMethod Algorithm=\"{exclusive}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\">\
         </ds:SignatureMethod><ds:Reference URI=\"#b\"><ds:Transforms><ds:Transform \
         Algorithm=\"{exclusive}\"></ds:Transform></ds:Transforms><ds:DigestMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        base64.encode(Sha256::digest(&body))
    );
    let signature = crate::server::KEYS.signer(Owner::Gateway).sign(info.as_bytes());
    let whole = sealed(&good(), Owner::Gateway);
    let replaced =
        |text: &str, from: &str, to: &str, with: &str| text.replace(part(text, from, to), with);
    let whole = replaced(&whole, "<ds:SignedInfo", "</ds:SignedInfo>", &info);
    let value = base64.encode(signature.expect("a signature"));
    let value = format!("<ds:SignatureValue>{value}</ds:SignatureValue>");
    let whole = replaced(&whole, "<ds:SignatureValue>", "</ds:SignatureValue>", &value);
    replaced(&whole, "<soapenv:Body", "</soapenv:Body>", &body)
}

#[test]
fn another_name_of_the_id_is_taken_only_where_it_is_agreed_on() {
    let read = |plain_id| {
        let trust = links::Trust {
            pins: vec![crate::server::KEYS.certificate(Owner::Gateway).pin()],
            plain_id,
            verifier: Box::new(links::signature::Builtin),
        };
        links::read_signed(&by_plain_id(), &trust, crate::server::now(), |body| {
            Ok(body.descendants().any(|node| node.text() == Some("SCSS001")))
        })
    };
    assert_eq!(read(true), Ok(true));
    let arrangement = SignatureError::Arrangement("a body with an id");
    assert_eq!(read(false), Err(Error::BadSignature(arrangement)));
}

#[test]
fn certificates_are_believed_in_their_term_only() {
    let trust = links::Trust {
        pins: vec![crate::server::KEYS.certificate(Owner::Gateway).pin()],
        plain_id: false,
        verifier: Box::new(links::signature::Builtin),
    };
    let whole = sealed(&good(), Owner::Gateway);
    for (time, good) in [
        ("2019-12-31T23:59:59Z", false),
        ("2020-01-01T00:00:00Z", true),
        ("2060-01-01T00:00:00Z", true),
        ("2060-01-01T00:00:01Z", false),
    ] {
        let at = links::moment::parse(time).expect("a time");
        let read = links::read_signed(&whole, &trust, at, |_| Ok(()));
        let late = Err(Error::BadSignature(SignatureError::NotValidNow));
        assert_eq!(read, if good { Ok(()) } else { late }, "{time}");
    }
}

#[test]
fn a_second_security_or_signature_is_refused() {
    let whole = sealed(&good(), Owner::Gateway);
    let security = part(&whole, "<wsse:Security", "</wsse:Security>").to_owned();
    let twice = |with: &str| whole.replace(&security, &format!("{security}{with}"));
    arrangement(owes(twice(&security)));
    let empty = "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/\
                 oasis-200401-wss-wssecurity-secext-1.0.xsd\"/>";
    arrangement(owes(twice(empty)));
    let signature = part(&whole, "<ds:Signature ", "</ds:Signature>").to_owned();
    arrangement(owes(whole.replace(&signature, &format!("{signature}{signature}"))));
    let bare = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>";
    arrangement(owes(twice(bare)));
}

#[test]
fn what_is_signed_is_arranged_in_one_way_only() {
    let whole = sealed(&good(), Owner::Gateway);
    let reference = part(&whole, "<ds:Reference", "</ds:Reference>").to_owned();
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let transform = format!("<ds:Transform Algorithm=\"{exclusive}\"/>");
    let cases = [
        (reference.clone(), format!("{reference}{reference}")),
        (reference.clone(), String::new()),
        ("URI=\"#id-answer\"".into(), "URI=\"\"".into()),
        ("URI=\"#id-answer\"".into(), "URI=\"#id-other\"".into()),
        ("URI=\"#id-answer\"".into(), "URI=\"http://127.0.0.1/\"".into()),
        (transform.clone(), String::new()),
        (transform.clone(), format!("{transform}{transform}")),
        (
            transform.clone(),
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>".into(),
        ),
        (
            transform,
            format!(
                "<ds:Transform Algorithm=\"{exclusive}\"><i:InclusiveNamespaces \
                 xmlns:i=\"{exclusive}\" PrefixList=\"x\"/></ds:Transform>"
            ),
        ),
        ("2001/04/xmlenc#sha256".into(), "2000/09/xmldsig#sha1".into()),
    ];
    for (from, to) in cases {
        assert!(whole.contains(&from), "{from}");
        arrangement(owes(whole.replacen(&from, &to, 1)));
    }
}

#[test]
fn an_algorithm_that_is_missing_is_named() {
    let whole = sealed(&good(), Owner::Gateway);
    let rsa = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    let cases = [
        ("http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311", "1.2.398.3.10.1.1.1.2"),
        (
            "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512",
            "1.2.398.3.10.1.1.2.3.2",
        ),
        (
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        ),
    ];
    for (address, name) in cases {
        let heard = owes(whole.replace(rsa, address));
        let unsupported = SignatureError::Unsupported(name.to_owned());
        assert_eq!(heard, Err(Error::BadSignature(unsupported)));
    }
}

#[test]
fn document_types_and_what_they_bring_are_refused() {
    let whole = sealed(&good(), Owner::Gateway);
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let lol: String = (1..10).fold("<!ENTITY l0 \"lol\">".to_owned(), |all, n| {
        format!("{all}<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))
    });
    for types in [
        "<!DOCTYPE x>".to_owned(),
        format!("<!DOCTYPE x [{lol}]>"),
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>".to_owned(),
        "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">".to_owned(),
    ] {
        let heard = owes(whole.replace(head, &format!("{head}{types}")));
        assert!(matches!(heard, Err(Error::Malformed(_))), "{heard:?}");
    }
    // The same within escaped data, where the signature is good.
    let data = part(&good(), "<data>", "</data>").to_owned();
    let bomb = format!("<!DOCTYPE x [{lol}]><data><iin>&l9;</iin></data>");
    let inner = good().replace(&data, &format!("<data>{}</data>", links::escape(&bomb)));
    let heard = owes(sealed(&inner, Owner::Gateway));
    assert!(matches!(heard, Err(Error::Malformed(_))), "{heard:?}");
}

#[test]
fn the_answer_to_another_message_is_not_taken() {
    let other = response(call(2).id, "SCSE001", "");
    let heard = owes(sealed(&other, Owner::Gateway));
    assert_eq!(heard, Err(Error::Malformed("the answer to another message")));
}

#[test]
fn the_answer_about_another_person_is_not_taken() {
    let other = good().replace(&person().reveal(), "000101390004");
    let heard = owes(sealed(&other, Owner::Gateway));
    assert_eq!(heard, Err(Error::Malformed("the debts of another person")));
}

#[test]
fn errors_name_nobody() {
    let data = format!(
        "<e:Fault xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>x</faultcode>\
         <detail><errorCode>NO {} SUCH</errorCode></detail></e:Fault>",
        person().reveal()
    );
    let heard = owes(sealed(&data, Owner::Gateway)).expect_err("a fault");
    assert_eq!(heard, Error::Refused(links::Code::of("unprintable")));
    assert!(!format!("{heard:?} {heard}").contains(&person().reveal()));
    assert!(!format!("{:?}", asked()).contains(&person().reveal()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever is changed in a signed answer, it is read as it was signed or not at all.
    #[test]
    fn a_mutated_answer_is_read_as_signed_or_not_at_all(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..6),
    ) {
        thread_local! {
            static WHOLE: String = sealed(&good(), Owner::Gateway);
        }
        let mut bytes = WHOLE.with(|whole| whole.clone().into_bytes());
        for (place, byte, kind) in changes {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let trust = links::Trust {
            pins: vec![crate::server::KEYS.certificate(Owner::Gateway).pin()],
            plain_id: false,
            verifier: Box::new(links::signature::Builtin),
        };
        let read = links::read_signed(&text, &trust, crate::server::now(), |body| {
            let code = body.descendants().find(|node| node.has_tag_name("code"));
            Ok(code.and_then(|node| node.text()).map(str::to_owned))
        });
        if let Ok(code) = read {
            prop_assert_eq!(code.as_deref(), Some("SCSS001"));
        }
    }

    /// No text makes the readers of envelopes panic.
    #[test]
    fn any_text_is_refused_in_peace(text in ".{0,400}") {
        let trust = links::Trust {
            pins: Vec::new(),
            plain_id: true,
            verifier: Box::new(links::signature::Builtin),
        };
        let read = links::read_signed(&text, &trust, crate::server::now(), |_| Ok(()));
        prop_assert!(read.is_err());
        let _ = links::moment::parse(&text);
        let _ = links::moment::parse_day(&text);
        let _ = links::Phone::parse(&text);
        let _ = links::Code::of(&text);
    }
}

#[test]
fn a_person_without_a_number_at_the_service_is_told_as_such() {
    let server = answering(sealed(&response(call(1).id, "SCSE001", ""), Owner::Gateway));
    let answer = server.state_service().request(&call(1), &asked()).expect("an answer");
    assert_eq!(answer.said, Said::NotReachable);
}
