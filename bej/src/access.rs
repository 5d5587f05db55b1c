//! `bej cert` and `bej session`: who may come in, for development and demonstrations.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use api::limits::CERTIFICATE_DAYS;
use api::{Authority, Callers, fingerprint};
use pump::{Clock as _, Stream, SystemClock};
use terms::number::parse_account_number;
use terms::{Day, Instant, Organiser};

use crate::store_url::StoreUrl;

/// Make, list and revoke certificates with which organisers connect.
#[derive(Debug, clap::Args)]
pub struct CertArgs {
    #[command(subcommand)]
    action: CertAction,
}

#[derive(Debug, clap::Subcommand)]
enum CertAction {
    /// Make a certificate with which an organiser connects.
    ///
    /// Writes DIR/tls/organiser-N.crt and .key, and enters the certificate in the table
    /// DIR/certificates. Taking its line out of the table revokes it, also while the server runs.
    Organiser(OrganiserArgs),
    /// Make the certificate by which a process of a group knows the others and is known.
    ///
    /// Writes ca.crt, node.crt and node.key into TO/inner; the inner authority itself is in
    /// DIR/inner and stays there. `bej serve --group` reads them.
    Inner(InnerArgs),
    /// List the certificates that speak for somebody: fingerprint, organiser, name.
    List(ListArgs),
    /// Take certificates out of the table; a server that runs refuses them from then on.
    Revoke(RevokeArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "bej-data")]
    data: PathBuf,
}

#[derive(Debug, clap::Args)]
struct RevokeArgs {
    /// The fingerprint of a certificate, or the name under which certificates are listed.
    #[arg(value_name = "WHICH")]
    which: String,
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "bej-data")]
    data: PathBuf,
}

#[derive(Debug, clap::Args)]
struct OrganiserArgs {
    /// The number of the organiser in the register.
    #[arg(value_name = "N", value_parser = organiser_number)]
    number: u32,
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "bej-data")]
    data: PathBuf,
}

fn organiser_number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "give the organiser's number in the register, such as 0".to_owned())
}

#[derive(Debug, clap::Args)]
struct InnerArgs {
    /// Under which others find it: addresses or names, as in inner.pumps.
    #[arg(value_name = "HOST", required = true)]
    hosts: Vec<String>,
    /// The data directory of the process.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The data directory with the inner authority, which is made if it is not there.
    #[arg(long, value_name = "DIR", default_value = "bej-data")]
    data: PathBuf,
}

/// Open a bettor's session of fifteen minutes, and print its token.
///
/// Stands for the bettor's own sign-in: whoever has the token gives orders for the person of that
/// account.
#[derive(Debug, clap::Args)]
pub struct SessionArgs {
    /// The number of an account of the bettor: sixteen digits.
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// The store of the server; DIR/bej.db if it is not given.
    #[arg(long, value_name = "URL")]
    store: Option<StoreUrl>,
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "bej-data")]
    data: PathBuf,
}

/// Runs `bej cert`.
pub fn cert(args: &CertArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        CertAction::Organiser(args) => make(args),
        CertAction::Inner(args) => inner(args),
        CertAction::List(args) => {
            for row in Callers::of(&args.data).rows()? {
                println!("{} {} {}", row.print, row.organiser, row.note);
            }
            Ok(ExitCode::SUCCESS)
        }
        CertAction::Revoke(RevokeArgs { which, data }) => match Callers::of(data).revoke(which)? {
            0 => bail!("no certificate is listed as {which}"),
            count => {
                println!("revoked {count}");
                Ok(ExitCode::SUCCESS)
            }
        },
    }
}

fn make(args: &OrganiserArgs) -> anyhow::Result<ExitCode> {
    let OrganiserArgs { number, data } = args;
    let files = certificate(data, *number)?;
    println!("certificate {}", files.certificate.display());
    println!("key         {}", files.key.display());
    println!("authority   {}", files.authority.display());
    Ok(ExitCode::SUCCESS)
}

/// The files with which an organiser connects.
pub struct Files {
    /// The certificate of the authority.
    pub authority: PathBuf,
    /// The organiser's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Makes a certificate for an organiser and enters it in the table.
pub fn certificate(data: &Path, number: u32) -> anyhow::Result<Files> {
    let today = today();
    std::fs::create_dir_all(data).with_context(|| format!("{} cannot be made", data.display()))?;
    let authority = Authority::load_or_make(data, today)?;
    let name = format!("organiser-{number}");
    let certificate = authority.issue_client(&name, today, CERTIFICATE_DAYS)?;
    Callers::of(data).add(fingerprint(&certificate), Organiser(number), &name)?;
    Ok(Files {
        authority: authority.path("ca.crt"),
        certificate: authority.path(&format!("{name}.crt")),
        key: authority.path(&format!("{name}.key")),
    })
}

fn inner(args: &InnerArgs) -> anyhow::Result<ExitCode> {
    let InnerArgs { hosts, to, data } = args;
    if crate::inner::issue(data, to, hosts, today())? {
        eprintln!("made a new inner authority in {}", data.join("inner").display());
    }
    println!("certificate {}", to.join("inner/node.crt").display());
    println!("key         {}", to.join("inner/node.key").display());
    println!("authority   {}", to.join("inner/ca.crt").display());
    Ok(ExitCode::SUCCESS)
}

fn today() -> Day {
    Day(SystemClock::new().wall().0.div_euclid(Instant::DAY) as i32)
}

/// Runs `bej session`.
pub fn session(args: &SessionArgs) -> anyhow::Result<ExitCode> {
    let Some(account) = parse_account_number(&args.account) else {
        bail!("{} is no account number: sixteen digits, the last a check digit", args.account)
    };
    let beside = || StoreUrl::Sqlite(args.data.join("bej.db"));
    let edge = args.store.clone().unwrap_or_else(beside).make_edge()?;
    let mut entropy = Stream::system().context("the system gives no random bytes")?;
    let now = SystemClock::new().wall();
    let token = people::entrance::open_for_account(edge, account.1, now, &mut entropy)?;
    println!("{}", token.reveal());
    Ok(ExitCode::SUCCESS)
}
