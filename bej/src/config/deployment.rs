//! The deployment description: which machine carries which group (R0-20.3), checked before anybody
//! builds it.
//!
//! ```toml
//! [[machine]]                      # one for each virtual machine
//! name = "pump-1"
//! group = "pump"                   # pump, api, console, feeds, vault or database
//! inner = "10.20.0.11"             # its address in the inner network
//! outer = ""                       # its address in the outer one; api and console alone have one
//! shell = ["system-engineer"]      # who may sign in on it: system-engineer, network-engineer
//! ```

use std::collections::HashMap;
use std::net::IpAddr;

use serde::Deserialize;
use toml::Spanned;

use super::Slips;

/// Machines of each group: active equipment is backed by one more (R0-20.3d).
const MACHINES_MIN: usize = 2;

/// Who may sign in on a machine (R0-20.3e).
const ENGINEERS: [&str; 2] = ["system-engineer", "network-engineer"];

/// A group of programs that has machines of its own.
struct Group {
    name: &'static str,
    /// Whether somebody outside speaks with it.
    outer: bool,
}

const GROUPS: [Group; 6] = [
    Group { name: "database", outer: false },
    Group { name: "pump", outer: false },
    Group { name: "api", outer: true },
    Group { name: "console", outer: true },
    Group { name: "feeds", outer: false },
    Group { name: "vault", outer: true },
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    #[serde(default)]
    machine: Vec<Machine>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Machine {
    name: Spanned<String>,
    group: Spanned<String>,
    inner: Spanned<String>,
    outer: Spanned<String>,
    shell: Vec<Spanned<String>>,
}

/// Tells everything that is wrong with a description, or how many machines each group has.
pub fn check(text: &str) -> Result<Vec<(&'static str, usize)>, Vec<String>> {
    let source: Description = toml::from_str(text)
        .map_err(|error| vec![error.to_string().trim_end().replace('\n', "\n    ")])?;
    let mut slips = Slips { text, wrong: Vec::new() };
    let mut counts: HashMap<&'static str, usize> = HashMap::new();
    let (mut names, mut addresses) = (HashMap::new(), HashMap::new());
    for machine in &source.machine {
        let name = machine.name.get_ref().as_str();
        if names.insert(name, ()).is_some() {
            let what = format!("{name:?} carries another group already; one a machine");
            slips.note(machine.name.span(), "name", &what);
        }
        if let Some(group) = slips.group(machine) {
            *counts.entry(group.name).or_default() += 1;
            slips.addresses(machine, group, &mut addresses);
        }
        for who in &machine.shell {
            if !ENGINEERS.contains(&who.get_ref().as_str()) {
                let what = format!("{:?} is not one of {}", who.get_ref(), ENGINEERS.join(", "));
                slips.note(who.span(), "shell", &what);
            }
        }
    }
    let counts: Vec<_> = GROUPS
        .iter()
        .map(|group| (group.name, counts.get(group.name).copied().unwrap_or(0)))
        .collect();
    for (group, count) in counts.iter().filter(|(_, count)| *count < MACHINES_MIN) {
        let what = format!("{group} has {count} machine(s); it needs one, and one more to back it");
        slips.wrong.push(what);
    }
    if slips.wrong.is_empty() { Ok(counts) } else { Err(slips.wrong) }
}

impl<'a> Slips<'a> {
    fn group(&mut self, machine: &Machine) -> Option<&'static Group> {
        let group = GROUPS.iter().find(|group| group.name == machine.group.get_ref());
        if group.is_none() {
            let names = GROUPS.map(|group| group.name).join(", ");
            let what = format!("{:?} is not one of {names}", machine.group.get_ref());
            self.note(machine.group.span(), "group", &what);
        }
        group
    }

    /// The inner address is one that the outside cannot reach, and no address serves twice.
    fn addresses(&mut self, machine: &Machine, group: &Group, known: &mut HashMap<IpAddr, String>) {
        let Machine { name, inner, outer, .. } = machine;
        let read = |text: &Spanned<String>| text.get_ref().parse::<IpAddr>();
        match read(inner) {
            Ok(address) if link::is_inner(address) => {
                self.once(inner, "inner", address, name, known)
            }
            Ok(address) => {
                let what = format!("{address} can be reached from outside");
                self.note(inner.span(), "inner", &what);
            }
            Err(error) => self.note(inner.span(), "inner", &error.to_string()),
        }
        match (outer.get_ref().as_str(), group.outer) {
            ("", false) => {}
            ("", true) => {
                let what = format!("{} is spoken with from outside; name an address", group.name);
                self.note(outer.span(), "outer", &what);
            }
            (_, false) => {
                let what = format!("nobody outside speaks with {}; leave it empty", group.name);
                self.note(outer.span(), "outer", &what);
            }
            (_, true) => match read(outer) {
                Ok(address) => self.once(outer, "outer", address, name, known),
                Err(error) => self.note(outer.span(), "outer", &error.to_string()),
            },
        }
    }

    fn once(
        &mut self,
        place: &Spanned<String>,
        key: &str,
        address: IpAddr,
        name: &Spanned<String>,
        known: &mut HashMap<IpAddr, String>,
    ) {
        if let Some(other) = known.insert(address, name.get_ref().clone()) {
            self.note(place.span(), key, &format!("{address} is an address of {other} already"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(name: &str, group: &str, inner: &str, outer: &str) -> String {
        format!(
            "[[machine]]\nname = \"{name}\"\ngroup = \"{group}\"\ninner = \"{inner}\"\n\
             outer = \"{outer}\"\nshell = [\"system-engineer\"]\n"
        )
    }

    fn good() -> Vec<String> {
        let mut all = Vec::new();
        for (at, group) in GROUPS.iter().enumerate() {
            for twin in 1..=2 {
                let outer =
                    if group.outer { format!("203.0.113.{at}{twin}") } else { String::new() };
                let name = format!("{}-{twin}", group.name);
                all.push(machine(&name, group.name, &format!("10.20.{at}.{twin}"), &outer));
            }
        }
        all
    }

    // R0-20.3a, R0-20.3b, R0-20.3d
    #[test]
    fn every_group_has_two_machines_of_its_own() {
        let counts = check(&good().concat()).unwrap();
        assert!(counts.iter().all(|(_, count)| *count == 2), "{counts:?}");
        let wrong = check(&good()[1..].concat()).unwrap_err();
        assert_eq!(wrong, ["database has 1 machine(s); it needs one, and one more to back it"]);
        let twice = [good().concat(), machine("pump-1", "feeds", "10.20.9.9", "")].concat();
        let wrong = check(&twice).unwrap_err();
        assert_eq!(wrong.len(), 1);
        assert!(wrong[0].contains("\"pump-1\" carries another group already"), "{wrong:?}");
    }

    // R0-20.3c, R0-20.3e
    #[test]
    fn each_slip_is_named_with_its_line() {
        for (machine, expected) in [
            (machine("x", "pump", "8.8.8.8", ""), "line 4: inner: 8.8.8.8 can be reached"),
            (machine("x", "pump", "0.0.0.0", ""), "line 4: inner: 0.0.0.0 can be reached"),
            (machine("x", "pump", "ten", ""), "line 4: inner: invalid IP"),
            (machine("x", "pump", "10.20.0.1", ""), "10.20.0.1 is an address of x already"),
            (machine("x", "pump", "10.9.9.9", "203.0.113.9"), "nobody outside speaks with pump"),
            (machine("x", "api", "10.9.9.9", ""), "api is spoken with from outside"),
            (machine("x", "vaults", "10.9.9.9", ""), "\"vaults\" is not one of database, pump"),
            (
                machine("x", "pump", "10.9.9.9", "").replace("system-engineer", "analyst"),
                "\"analyst\" is not one of system-engineer, network-engineer",
            ),
            (machine("x", "pump", "10.9.9.9", "").replace("shell", "shells"), "unknown field"),
        ] {
            let text = [machine, good().concat()].concat();
            let wrong = check(&text).unwrap_err();
            assert!(wrong.iter().any(|one| one.contains(expected)), "{expected}: {wrong:?}");
        }
    }
}
