//! `bej staff`: who may sign in to the console, in the file DIR/staff.toml.
//!
//! The file holds hashes of passwords and the secrets of one-time codes, so it is its owner's
//! alone. A running server reads it again when it changes.

use std::fs;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use console::role::Role;
use console::staff::{Member, Staff};
use pump::{Clock as _, Entropy as _, Stream, SystemClock};
use terms::{Instant, Organiser};

/// Say who may sign in to the console, and as what.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "bej-data", global = true)]
    data: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Add a member: prints the password, and the secret for an authenticator app.
    Add(AddArgs),
    /// Take a member out, who is signed out at once.
    Remove(NameArgs),
    /// List the members.
    List,
    /// Print the one-time code of this moment, for demonstrations without an authenticator.
    Code(NameArgs),
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// The name to sign in with: 2 to 32 small letters, digits, - and _.
    #[arg(value_name = "NAME")]
    name: String,
    /// administrator, operator, gambling, tax, monitoring or organiser.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Role,
    /// Of an organiser's officer, the number of the organiser.
    #[arg(long, value_name = "N")]
    organiser: Option<u32>,
    /// Read the password from the first line of standard input instead of drawing one.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, clap::Args)]
struct NameArgs {
    /// The name of the member.
    #[arg(value_name = "NAME")]
    name: String,
}

fn role(name: &str) -> Result<Role, String> {
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    Role::from_name(name).ok_or_else(|| format!("roles are {}", names.join(", ")))
}

/// The file of the staff in a data directory.
pub fn path(data: &Path) -> PathBuf {
    data.join("staff.toml")
}

/// The staff of a file; nobody, where there is none.
pub fn load(file: &Path) -> anyhow::Result<Staff> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", file.display()));
        }
    };
    Staff::read(&text).with_context(|| format!("{} is refused", file.display()))
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let file = path(&args.data);
    match &args.action {
        Action::Add(member) => add(&args.data, member)?,
        Action::Remove(NameArgs { name }) => {
            let staff = load(&file)?;
            if staff.get(name).is_none() {
                bail!("nobody is called {name:?}; `bej staff list` names all");
            }
            let rest: Vec<&Member> = staff.iter().filter(|member| member.name != *name).collect();
            write(&file, &rest)?;
        }
        Action::List => {
            for member in load(&file)?.iter() {
                let whose = member.organiser.map(|found| format!(" of {found}"));
                let whose = whose.unwrap_or_default();
                println!("{:>4} {:<32} {}{whose}", member.number, member.name, member.role.name());
            }
        }
        Action::Code(NameArgs { name }) => {
            let staff = load(&file)?;
            let Some(member) = staff.get(name) else { bail!("nobody is called {name:?}") };
            println!("{}", code(member)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The one-time code of a member at this moment.
pub fn code(member: &Member) -> anyhow::Result<String> {
    let now = u64::try_from(SystemClock::new().wall().0 / Instant::SECOND).unwrap_or_default();
    member.code(now).context("the secret of the one-time codes is broken")
}

fn add(data: &Path, args: &AddArgs) -> anyhow::Result<()> {
    let password = if args.password_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("no password can be read")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        drawn_password()?
    };
    let organiser = args.organiser.map(Organiser);
    let member = enter(data, &args.name, args.role, organiser, &password)?;
    if !args.password_stdin {
        println!("password  {password}");
    }
    println!("secret    {}", member.secret);
    println!(
        "           otpauth://totp/bej:{}?secret={}&issuer=bej&digits=6&period=30",
        member.name, member.secret
    );
    Ok(())
}

/// Enters a member in the file of a data directory.
pub fn enter(
    data: &Path,
    name: &str,
    role: Role,
    organiser: Option<Organiser>,
    password: &str,
) -> anyhow::Result<Member> {
    fs::create_dir_all(data).with_context(|| format!("{} cannot be made", data.display()))?;
    let file = path(data);
    let staff = load(&file)?;
    if staff.get(name).is_some() {
        bail!("{name:?} is there already; `bej staff remove {name}` takes the name out");
    }
    // Numbers stand in audit events for ever: none is given twice while a higher one is there.
    let number = staff.iter().map(|member| member.number).max().unwrap_or(0) + 1;
    let member =
        Member::new(number, name, role, organiser, password).map_err(anyhow::Error::msg)?;
    let all: Vec<&Member> = staff.iter().chain([&member]).collect();
    write(&file, &all)?;
    Ok(member)
}

/// Twenty characters that nobody takes for each other: 100 bits.
pub fn drawn_password() -> anyhow::Result<String> {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut entropy = Stream::system().context("the system gives no random bytes")?;
    let bytes = (0..3).flat_map(|_| entropy.draw()).take(20);
    Ok(bytes.map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect())
}

/// Writes the whole file anew, after it was seen to be one that is read.
fn write(file: &Path, members: &[&Member]) -> anyhow::Result<()> {
    let text: String = members.iter().map(|member| member.to_toml()).collect();
    Staff::read(&text)?;
    store::files::replace(file, text.as_bytes(), 0o600)
        .with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_and_go_and_the_file_stays_private() {
        // S-45
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let data = home.path();
        let password = drawn_password().unwrap();
        assert_eq!(password.len(), 20);
        assert_ne!(password, drawn_password().unwrap());
        let tax = enter(data, "tax", Role::Tax, None, &password).unwrap();
        let officer = enter(data, "book", Role::Organiser, Some(Organiser(1)), &password).unwrap();
        assert_eq!((tax.number, officer.number), (1, 2));
        assert!(enter(data, "tax", Role::Operator, None, &password).is_err());
        assert!(enter(data, "short", Role::Tax, None, "short").is_err());
        assert!(enter(data, "Ou", Role::Tax, None, &password).is_err());
        assert!(enter(data, "whose", Role::Organiser, None, &password).is_err());
        let file = path(data);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(load(&file).unwrap().get("tax"), Some(&tax));
        assert_eq!(code(&tax).unwrap().len(), 6);
        let remove = Action::Remove(NameArgs { name: "tax".into() });
        run(&Args { data: data.into(), action: remove }).unwrap();
        let left: Vec<u32> = load(&file).unwrap().iter().map(|member| member.number).collect();
        assert_eq!(left, [2]);
        assert_eq!(enter(data, "new", Role::Tax, None, &password).unwrap().number, 3);
    }
}
