//! The staff: who may sign in, read from a file that is no part of the journal (core 21).
//!
//! A file names each member by number, name, role, the hash of a password and the secret of the
//! one-time codes. Facts hold the number alone.

use std::collections::BTreeMap;

use serde::Deserialize;
use terms::Organiser;

use crate::role::Role;
use crate::secret;

/// The shortest password (S-45).
pub const PASSWORD_MIN: usize = 12;
/// Members of the staff: far more than work here, few enough to be kept in memory.
const STAFF_MAX: usize = 10_000;

/// A member of the staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number that audit events hold.
    pub number: u32,
    /// The name to sign in with: small letters, digits, `-` and `_`.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Of an organiser's officer, the organiser.
    pub organiser: Option<Organiser>,
    /// The hash of the password.
    pub password: String,
    /// The secret of the one-time codes, base32.
    pub secret: String,
}

/// Why a file of the staff is refused.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// It cannot be read.
    #[error("the file of the staff cannot be read")]
    Syntax(#[from] toml::de::Error),
    /// A member is not as it should be.
    #[error("member {name:?} of the staff: {what}")]
    Member {
        /// Who.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Too many members.
    #[error("the file of the staff has more than {STAFF_MAX} members")]
    Many,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    staff: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    number: u32,
    name: String,
    role: String,
    organiser: Option<u32>,
    password: String,
    secret: String,
}

/// The staff by name.
#[derive(Clone, Debug, Default)]
pub struct Staff(BTreeMap<String, Member>);

impl Staff {
    /// Reads a file: TOML with a table `[[staff]]` for each member.
    pub fn read(text: &str) -> Result<Staff, StaffError> {
        let file: File = toml::from_str(text)?;
        if STAFF_MAX < file.staff.len() {
            return Err(StaffError::Many);
        }
        let mut staff = Staff::default();
        for row in file.staff {
            let name = row.name.clone();
            staff.add(row).map_err(|what| StaffError::Member { name, what })?;
        }
        Ok(staff)
    }

    fn add(&mut self, row: Row) -> Result<(), &'static str> {
        let role = Role::from_name(&row.role).ok_or("there is no such role")?;
        if !is_name(&row.name) {
            return Err("a name has 2 to 32 small letters, digits, - and _");
        }
        if row.number == 0 || self.0.values().any(|member| member.number == row.number) {
            return Err("its number is 0 or another's");
        }
        if (role == Role::Organiser) != row.organiser.is_some() {
            return Err("an organiser's officer names his organiser, and nobody else does");
        }
        if secret::code(&row.secret, 0).is_none() {
            return Err("the secret of the one-time codes is not base32");
        }
        if !row.password.starts_with("$argon2id$") {
            return Err("the password is to be given as an Argon2id hash");
        }
        let member = Member {
            number: row.number,
            name: row.name.clone(),
            role,
            organiser: row.organiser.map(Organiser),
            password: row.password,
            secret: row.secret,
        };
        match self.0.insert(row.name, member) {
            Some(_) => Err("the name is there twice"),
            None => Ok(()),
        }
    }

    /// The member with a name.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.0.get(name)
    }

    /// All members, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.0.values()
    }

    /// The member with a number.
    pub fn numbered(&self, number: u32) -> Option<&Member> {
        self.0.values().find(|member| member.number == number)
    }
}

impl Member {
    /// A new member with a drawn secret; refused: a password that is too short.
    pub fn new(
        number: u32,
        name: &str,
        role: Role,
        organiser: Option<Organiser>,
        password: &str,
    ) -> Result<Member, String> {
        if password.chars().count() < PASSWORD_MIN {
            return Err(format!("a password has at least {PASSWORD_MIN} characters"));
        }
        Ok(Member {
            number,
            name: name.to_owned(),
            role,
            organiser,
            password: secret::hash_password(password)?,
            secret: secret::new_secret().map_err(|error| error.to_string())?,
        })
    }

    /// The one-time code at a time in seconds of Unix: for demonstrations and tests, which have no
    /// authenticator at hand.
    pub fn code(&self, unix_seconds: u64) -> Option<String> {
        secret::code(&self.secret, secret::step(unix_seconds))
    }

    /// The lines of a file of the staff.
    pub fn to_toml(&self) -> String {
        let organiser =
            self.organiser.map_or_else(String::new, |found| format!("organiser = {}\n", found.0));
        format!(
            "[[staff]]\nnumber = {}\nname = \"{}\"\nrole = \"{}\"\n{organiser}password = \"{}\"\n\
             secret = \"{}\"\n",
            self.number,
            self.name,
            self.role.name(),
            self.password,
            self.secret
        )
    }
}

fn is_name(name: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    2 <= name.len() && name.len() <= 32 && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_back_and_slips_are_named() {
        let tax = Member::new(3, "tax-1", Role::Tax, None, "a long password").unwrap();
        let text = tax.to_toml();
        let staff = Staff::read(&text).unwrap();
        assert_eq!(staff.get("tax-1"), Some(&tax));
        assert_eq!(staff.numbered(3), Some(&tax));
        assert_eq!(staff.get("tax-2"), None);
        // S-45
        assert!(Member::new(3, "tax-1", Role::Tax, None, "short").is_err());
        for (from, to, want) in [
            ("role = \"tax\"", "role = \"czar\"", "no such role"),
            ("role = \"tax\"", "role = \"organiser\"", "names his organiser"),
            ("number = 3", "number = 0", "number is 0"),
            ("name = \"tax-1\"", "name = \"Tax\"", "small letters"),
            ("$argon2id", "$2y", "Argon2id"),
            ("secret = \"", "secret = \"1", "base32"),
            ("number", "rights", "cannot be read"),
        ] {
            let error = Staff::read(&text.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        }
        assert!(Staff::read(&format!("{text}{text}")).is_err());
    }
}
