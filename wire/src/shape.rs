//! How a type is read, checked and described: one trait, and the macros that implement it.

use std::collections::BTreeMap;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::{Value, json};

use crate::fault::{Faults, child};
use crate::tree::Node;

/// Named schemas, as the OpenAPI document lists them.
pub type Definitions = BTreeMap<&'static str, Value>;

/// A type on the wire.
pub trait Wire: Sized {
    /// Its JSON Schema; a named type puts itself into the definitions and gives a reference.
    fn schema(definitions: &mut Definitions) -> Value;

    /// Notes everything that is wrong with a value of this type.
    fn faults(node: &Node, at: &str, faults: &mut Faults);

    /// What must hold between the fields of a value that is right in each of them.
    fn across(&self, _faults: &mut Faults) {}
}

/// Reads a text, or tells everything that is wrong with it.
pub fn read<T: Wire + DeserializeOwned>(text: &[u8]) -> Result<T, Faults> {
    let mut faults = Faults::default();
    if let Ok(value) = serde_json::from_slice::<T>(text) {
        value.across(&mut faults);
        return if faults.0.is_empty() { Ok(value) } else { Err(faults) };
    }
    match serde_json::from_slice::<Node>(text) {
        Err(_) => faults.rule("", "json"),
        Ok(node) => T::faults(&node, "", &mut faults),
    }
    // What serde refuses and the check of the tree lets pass is refused all the same.
    if faults.0.is_empty() {
        faults.rule("", "form");
    }
    Err(faults)
}

/// Reads an optional field that stands there: `null` is not absence.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A field of a message as its check sees it.
pub(crate) struct Part {
    pub name: &'static str,
    pub required: bool,
    pub faults: fn(&Node, &str, &mut Faults),
}

/// Notes what is wrong with an object of these fields.
pub(crate) fn object(node: &Node, at: &str, parts: &[Part], faults: &mut Faults) {
    let Node::Object(fields) = node else {
        return faults.kind(at, "object", node.kind());
    };
    for (index, (name, value)) in fields.iter().enumerate() {
        let at = child(at, name);
        if fields[..index].iter().any(|(other, _)| other == name) {
            faults.rule(&at, "repeated_field");
            continue;
        }
        match parts.iter().find(|part| part.name == name) {
            Some(part) => (part.faults)(value, &at, faults),
            None => faults.rule(&at, "unknown_field"),
        }
    }
    for part in parts {
        if part.required && !fields.iter().any(|(name, _)| name == part.name) {
            faults.rule(&child(at, part.name), "required");
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "array", "items": T::schema(definitions) })
    }

    fn faults(node: &Node, at: &str, faults: &mut Faults) {
        let Node::List(items) = node else {
            return faults.kind(at, "array", node.kind());
        };
        for (index, item) in items.iter().enumerate() {
            T::faults(item, &child(at, &index.to_string()), faults);
        }
    }
}

impl Wire for bool {
    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "boolean" })
    }

    fn faults(node: &Node, at: &str, faults: &mut Faults) {
        if !matches!(node, Node::Bool(_)) {
            faults.kind(at, "boolean", node.kind());
        }
    }
}

impl Wire for String {
    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string" })
    }

    fn faults(node: &Node, at: &str, faults: &mut Faults) {
        if !matches!(node, Node::Text(_)) {
            faults.kind(at, "string", node.kind());
        }
    }
}

/// An integer within bounds: its schema.
pub(crate) fn integer(least: u64, most: u64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

/// An integer within bounds: what is wrong with it.
pub(crate) fn integer_faults(node: &Node, at: &str, least: u64, most: u64, faults: &mut Faults) {
    match node {
        Node::Integer(value) if *value < i128::from(least) => {
            faults.note(at, "minimum", Some(&least.to_string()), None);
        }
        Node::Integer(value) if i128::from(most) < *value => {
            faults.note(at, "maximum", Some(&most.to_string()), None);
        }
        Node::Integer(_) => {}
        _ => faults.kind(at, "integer", node.kind()),
    }
}

macro_rules! integers {
    ($( $type:ty ),*) => { $(
        impl Wire for $type {
            fn schema(_: &mut Definitions) -> Value {
                integer(0, u64::from(<$type>::MAX).min(crate::value::INTEGER_MAX))
            }

            fn faults(node: &Node, at: &str, faults: &mut Faults) {
                let most = u64::from(<$type>::MAX).min(crate::value::INTEGER_MAX);
                integer_faults(node, at, 0, most, faults);
            }
        }
    )* };
}

integers!(u8, u16, u32, u64);

/// Declares a message that is read: strict, with every field named. Optional fields stand in a
/// block of their own. What must hold between fields may follow as two functions: `shaped` says as
/// much of it as JSON Schema has words for, `across` checks all of it.
macro_rules! message {
    ($( #[doc = $doc:literal] )+ pub struct $name:ident {
        $( $( #[doc = $rdoc:literal] )+ $rname:ident : $rtype:ty, )*
        $( optional { $( $( #[doc = $odoc:literal] )+ $oname:ident : $otype:ty, )* } )?
    } $( shaped $shaped:expr, )? $( across $across:expr )?) => {
        $( #[doc = $doc] )+
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $( $( #[doc = $rdoc] )+ pub $rname: $rtype, )*
            $( $( $( #[doc = $odoc] )+
                #[serde(
                    default,
                    skip_serializing_if = "Option::is_none",
                    deserialize_with = "crate::shape::present"
                )]
                pub $oname: Option<$otype>, )* )?
        }

        impl crate::shape::Wire for $name {
            fn schema(definitions: &mut crate::shape::Definitions) -> serde_json::Value {
                crate::shape::named(definitions, stringify!($name), |definitions| {
                    let schema = crate::shape::described(
                        &[$( $doc ),+],
                        vec![ $( crate::shape::property::<$rtype>(
                            stringify!($rname), &[$( $rdoc ),+], true, definitions) ),* ],
                        vec![ $( $( crate::shape::property::<$otype>(
                            stringify!($oname), &[$( $odoc ),+], false, definitions) ),* )? ],
                        true,
                    );
                    $( let schema = {
                        let shaped: fn(serde_json::Value) -> serde_json::Value = $shaped;
                        shaped(schema)
                    }; )?
                    schema
                })
            }

            fn faults(
                node: &crate::tree::Node,
                at: &str,
                faults: &mut crate::fault::Faults,
            ) {
                const PARTS: &[crate::shape::Part] = &[
                    $( crate::shape::Part {
                        name: stringify!($rname),
                        required: true,
                        faults: <$rtype as crate::shape::Wire>::faults,
                    }, )*
                    $( $( crate::shape::Part {
                        name: stringify!($oname),
                        required: false,
                        faults: <$otype as crate::shape::Wire>::faults,
                    }, )* )?
                ];
                crate::shape::object(node, at, PARTS, faults);
            }

            $( fn across(&self, faults: &mut crate::fault::Faults) {
                let across: fn(&$name, &mut crate::fault::Faults) = $across;
                across(self, faults);
            } )?
        }
    };
}

/// Declares an answer. Whoever reads answers ignores fields that he does not know.
macro_rules! answer {
    ($( #[doc = $doc:literal] )+ pub struct $name:ident {
        $( $( #[doc = $rdoc:literal] )+ $rname:ident : $rtype:ty, )*
        $( optional { $( $( #[doc = $odoc:literal] )+ $oname:ident : $otype:ty, )* } )?
    }) => {
        $( #[doc = $doc] )+
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $( #[doc = $rdoc] )+ pub $rname: $rtype, )*
            $( $( $( #[doc = $odoc] )+
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $oname: Option<$otype>, )* )?
        }

        impl crate::shape::Wire for $name {
            fn schema(definitions: &mut crate::shape::Definitions) -> serde_json::Value {
                crate::shape::named(definitions, stringify!($name), |definitions| {
                    crate::shape::described(
                        &[$( $doc ),+],
                        vec![ $( crate::shape::property::<$rtype>(
                            stringify!($rname), &[$( $rdoc ),+], true, definitions) ),* ],
                        vec![ $( $( crate::shape::property::<$otype>(
                            stringify!($oname), &[$( $odoc ),+], false, definitions) ),* )? ],
                        false,
                    )
                })
            }

            fn faults(
                node: &crate::tree::Node,
                at: &str,
                faults: &mut crate::fault::Faults,
            ) {
                if !matches!(node, crate::tree::Node::Object(_)) {
                    faults.kind(at, "object", node.kind());
                }
            }
        }
    };
}

pub(crate) use {answer, message};

/// Puts a named schema into the definitions, once, and gives a reference to it.
pub(crate) fn named(
    definitions: &mut Definitions,
    name: &'static str,
    make: impl FnOnce(&mut Definitions) -> Value,
) -> Value {
    if !definitions.contains_key(name) {
        definitions.insert(name, Value::Null);
        let schema = make(definitions);
        definitions.insert(name, schema);
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The sentences of a documentation comment.
pub(crate) fn sentences(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// A property: its name, its schema, and whether it must stand there.
pub(crate) fn property<T: Wire>(
    name: &'static str,
    doc: &[&str],
    required: bool,
    definitions: &mut Definitions,
) -> (&'static str, Value, bool) {
    let mut schema = T::schema(definitions);
    if let Value::Object(fields) = &mut schema {
        fields.insert("description".into(), sentences(doc).into());
    }
    (name, schema, required)
}

/// The schema of an object.
pub(crate) fn described(
    doc: &[&str],
    required: Vec<(&'static str, Value, bool)>,
    optional: Vec<(&'static str, Value, bool)>,
    strict: bool,
) -> Value {
    let names: Vec<&str> = required.iter().map(|(name, ..)| *name).collect();
    let properties: serde_json::Map<String, Value> = required
        .into_iter()
        .chain(optional)
        .map(|(name, schema, _)| (name.to_owned(), schema))
        .collect();
    let mut schema = json!({
        "type": "object",
        "description": sentences(doc),
        "properties": properties,
        "required": names,
    });
    if strict {
        schema["additionalProperties"] = false.into();
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{DeskStake, Market, Stake};

    const STAKE: &str = r#"{"id":"01a2020d-f980-7a31-8c55-0d2f6b1e9a44",
        "account":"0100000000000009","desk":"0","amount_tiyn":1,"currency":"KZT",
        "made_at":"2026-11-22T12:00:00+05:00","shape":"system","price_rule":"given",
        "selections":[{"outcome":"0","odds_e4":20000,"offered_odds_e4":10001}],
        "order":"01a2020d-f980-7a31-8c55-0d2f6b1e9a44","system":{"sizes":[1],"bankers":0},
        "total_odds_e4":20000}"#;

    /// Both ways of reading agree on what is wrong, whatever stands where.
    fn agree<T: Wire + DeserializeOwned>(text: &str) {
        let quick = serde_json::from_str::<T>(text).is_ok();
        let node: Node = serde_json::from_str(text).unwrap();
        let mut faults = Faults::default();
        T::faults(&node, "", &mut faults);
        assert_eq!(quick, faults.0.is_empty(), "{text} {faults:?}");
    }

    fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| paths(value, &child(at, name), found));
            }
            Value::Array(items) => {
                let places = items.iter().enumerate();
                places.for_each(|(place, item)| paths(item, &child(at, &place.to_string()), found));
            }
            _ => {}
        }
    }

    #[test]
    fn both_ways_of_reading_agree() {
        // R2-55.3
        let whole: Value = serde_json::from_str(STAKE).unwrap();
        let mut found = Vec::new();
        paths(&whole, "", &mut found);
        let values = [
            "null",
            "true",
            "0",
            "1",
            "-1",
            "1.0",
            "1e3",
            "255",
            "256",
            "10000",
            "10001",
            "4294967296",
            "9007199254740991",
            "9007199254740992",
            "18446744073709551616",
            "\"\"",
            "\"0\"",
            "\"01\"",
            "\"KZT\"",
            "\"single\"",
            "\"2026-11-22T12:00:00Z\"",
            "\"2026-11-22T12:00:00\"",
            "[]",
            "[null]",
            "[1]",
            "{}",
            "{\"x\":1}",
        ];
        for path in &found {
            for value in values {
                let Ok(value) = serde_json::from_str::<Value>(value) else { continue };
                let mut changed = whole.clone();
                *changed.pointer_mut(path).unwrap() = value;
                agree::<Stake>(&changed.to_string());
                agree::<DeskStake>(&changed.to_string());
                agree::<Market>(&changed.to_string());
            }
        }
        agree::<Stake>(STAKE);
        assert!(read::<Stake>(STAKE.as_bytes()).is_ok());
        agree::<Stake>(&STAKE.replacen('{', "{\"desk\":\"0\",", 1));
        agree::<Stake>(&STAKE.replacen('{', "{\"more\":0,", 1));
    }

    #[test]
    fn what_must_hold_between_fields() {
        let rule = |from: &str, to: &str| {
            let faults = read::<Stake>(STAKE.replacen(from, to, 1).as_bytes()).unwrap_err();
            let told: Vec<String> =
                faults.0.iter().map(|fault| format!("{} {}", fault.pointer, fault.rule)).collect();
            told.join(", ")
        };
        assert_eq!(rule("\"system\",", "\"single\","), "/system not_with_shape");
        assert_eq!(rule("\"given\"", "\"exact\""), "/total_odds_e4 not_with_price_rule");
        assert_eq!(rule(",\n        \"total_odds_e4\":20000", ""), "/total_odds_e4 required");
        assert_eq!(rule("\"sizes\":[1]", "\"sizes\":[2,1,2]"), "/system/sizes/2 repeated_item");
        assert_eq!(rule("\"sizes\":[1]", "\"sizes\":[]"), "/system/sizes items");
    }
}
