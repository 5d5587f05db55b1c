//! The e-government gateway: takes signed messages, passes them to the service that they name,
//! signs the answer.
//!
//! The same message id a second time gets the same answer. Sender and signature are checked as the
//! real one does; who fails gets a fault.

mod consent;
mod registers;

use links::moment::local;
use links::signature::Builtin;
use links::{Error, Trust, read_signed, seal};
use roxmltree::Node;

use crate::fault::Fault;
use crate::keys::Owner;
use crate::server::{Reply, Request};
use crate::world::{World, bound};

pub use consent::ISSUER;

/// Our id in the register of participants.
pub const SENDER: &str = "bej-test";
/// Our password there.
pub const PASSWORD: &str = "simulated-gateway";

const TYPES: &str = "http://bip.bee.kz/SyncChannel/v10/Types";
const COMMON: &str = "http://bip.bee.kz/common/v10/Types";

/// A message that came in.
#[derive(Debug, Default)]
pub struct Incoming {
    /// Its id.
    pub id: String,
    service: String,
    sender: String,
    password: String,
    /// The fields of its data, by name.
    pub fields: Vec<(String, String)>,
}

impl Incoming {
    /// A field of the data; empty if it is absent.
    pub fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }
}

/// What a service answers.
#[derive(Debug)]
pub enum Outgoing {
    /// With these data, a whole element.
    Data(String),
    /// Nothing on record.
    Absent,
    /// A fault with this code.
    Fault(String),
}

/// Answers an envelope.
pub fn answer(world: &World, request: &Request, fault: Option<&Fault>) -> Reply {
    let text = String::from_utf8_lossy(&request.content);
    let trust = Trust {
        pins: vec![world.keys.certificate(Owner::OurMessages).pin()],
        plain_id: false,
        verifier: Box::new(Builtin),
    };
    let incoming = match read_signed(&text, &trust, world.now(), read) {
        Ok(incoming) if incoming.sender == SENDER && incoming.password == PASSWORD => incoming,
        Ok(incoming) => return signed(world, &incoming.id, &Outgoing::Fault("SBF-AD-1".into())),
        Err(error) => {
            let code = match error {
                Error::BadSignature(_) => "SBF-VE-8",
                _ => "VAL-R-004",
            };
            return signed(world, "unknown", &Outgoing::Fault(code.into()));
        }
    };
    if let Some(again) = repeated(world, &incoming.id, fault) {
        return Reply::new(200, "text/xml; charset=utf-8", again.into_bytes());
    }
    let outgoing = match fault {
        Some(Fault::Code { code }) => Outgoing::Fault(code.clone()),
        _ => serve(world, &incoming, fault),
    };
    let content = content(world, &incoming.id, &outgoing);
    let owner = if fault == Some(&Fault::StrangersKey) { Owner::Stranger } else { Owner::Gateway };
    let mut sealed = envelope(world, &content, owner);
    match fault {
        Some(Fault::Tampered) => sealed = sealed.replace("</messageId>", " </messageId>"),
        Some(Fault::Unsigned) => {
            sealed = format!(
                "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>\
                 {content}</e:Body></e:Envelope>"
            );
        }
        _ => {
            let mut state = world.state.lock();
            bound(&mut state.answers);
            state.answers.insert(incoming.id, sealed.clone());
            state.last_answer = Some(sealed.clone());
        }
    }
    let status = if matches!(outgoing, Outgoing::Fault(_)) { 500 } else { 200 };
    Reply::new(status, "text/xml; charset=utf-8", sealed.into_bytes())
}

/// The answer of then to the same message, or the last one where that is the fault.
fn repeated(world: &World, id: &str, fault: Option<&Fault>) -> Option<String> {
    let state = world.state.lock();
    match fault {
        Some(Fault::Duplicate) => state.last_answer.clone(),
        _ => state.answers.get(id).cloned(),
    }
}

fn serve(world: &World, incoming: &Incoming, fault: Option<&Fault>) -> Outgoing {
    match incoming.service.as_str() {
        "KDP_SERVICE" => consent::request(world, incoming, fault),
        "KDP_PERSONALDATA" => consent::history(world, incoming),
        "GBDFLUniversal_token" => registers::person(world, incoming),
        "AISOIP_DEBTOR" => registers::debtor(world, incoming),
        "RESTRICTED_PERSONS" => registers::restricted(world, incoming),
        _ => Outgoing::Fault("FAULT-015".into()),
    }
}

fn signed(world: &World, id: &str, outgoing: &Outgoing) -> Reply {
    let sealed = envelope(world, &content(world, id, outgoing), Owner::Gateway);
    Reply::new(500, "text/xml; charset=utf-8", sealed.into_bytes())
}

fn envelope(world: &World, content: &str, owner: Owner) -> String {
    let sealed = seal(content, &world.draw("answer"), &world.keys.signer(owner));
    // Cannot fail: the content is made here and the key can sign.
    sealed.expect("an envelope")
}

fn content(world: &World, id: &str, outgoing: &Outgoing) -> String {
    let (date, session) = (local(world.now()), world.draw_guid());
    let data = match outgoing {
        Outgoing::Fault(code) => {
            return format!(
                "<e:Fault xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">\
                 <faultcode>e:Server</faultcode><faultstring>simulated</faultstring><detail>\
                 <f:SendMessageFault1_SendMessageFault xmlns:f=\"{COMMON}\"><errorCode>{}\
                 </errorCode><errorMessage>simulated</errorMessage><errorDate>{date}</errorDate>\
                 <sessionId>{session}</sessionId></f:SendMessageFault1_SendMessageFault></detail>\
                 </e:Fault>",
                links::escape(code)
            );
        }
        Outgoing::Data(data) => Some(data),
        Outgoing::Absent => None,
    };
    let code = if data.is_some() { "SCSS001" } else { "SCSE001" };
    let data = data.map_or("<responseData/>".to_owned(), |data| {
        format!("<responseData>{data}</responseData>")
    });
    format!(
        "<s:SendMessageResponse xmlns:s=\"{TYPES}\"><response><responseInfo><messageId>{}\
         </messageId><correlationId>{}</correlationId><responseDate>{date}</responseDate><status>\
         <code>{code}</code><message>simulated</message></status><sessionId>{session}</sessionId>\
         </responseInfo>{data}</response></s:SendMessageResponse>",
        world.draw("answer-id"),
        links::escape(id),
    )
}

fn read(body: Node<'_, '_>) -> Result<Incoming, Error> {
    let named = |name: &'static str| {
        body.descendants().find(move |node| node.is_element() && node.tag_name().name() == name)
    };
    let text = |name: &'static str| {
        named(name).and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
    };
    let info = named("requestInfo").ok_or(Error::Malformed("requestInfo"))?;
    let of_info = |name: &str| {
        let found = info.children().find(|node| node.tag_name().name() == name);
        found.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
    };
    let data = named("data").ok_or(Error::Malformed("data"))?;
    let fields = data.children().filter(Node::is_element).map(|node| {
        (node.tag_name().name().to_owned(), node.text().unwrap_or_default().trim().to_owned())
    });
    Ok(Incoming {
        id: of_info("messageId"),
        service: of_info("serviceId"),
        sender: text("senderId"),
        password: text("password"),
        fields: fields.collect(),
    })
}
