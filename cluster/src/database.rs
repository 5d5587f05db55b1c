//! A database of its own for each test, on a server that is there or on one that is made.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Cluster, place, psql};

/// Names the server that tests use: the URL of a superuser, or of a role that may make databases.
pub const VARIABLE: &str = "BEJ_TEST_POSTGRES";

/// A database that is dropped with this.
#[derive(Debug)]
pub struct Database {
    url: String,
    name: String,
    cluster: Option<Cluster>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// Makes a database. Where there is no PostgreSQL, says so and gives none; with `CI=true` that
    /// is a failure.
    pub fn fresh() -> Option<Database> {
        match std::env::var(VARIABLE) {
            Ok(server) => Some(Database::on(&server, None)),
            Err(_) => {
                let cluster = throwaway(&[])?;
                let server = cluster.url("postgres");
                Some(Database::on(&server, Some(cluster)))
            }
        }
    }

    /// Makes a database on a server of its own, for tests that stop the server or make roles on it.
    pub fn alone() -> Option<Database> {
        let cluster = throwaway(&[])?;
        let server = cluster.url("postgres");
        Some(Database::on(&server, Some(cluster)))
    }

    /// The server that was made for it, if one was.
    pub fn server(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// One more database on the same server.
    pub fn another(&self) -> Database {
        let server = self.url.replace(&self.name, "postgres");
        Database::on(&server, None)
    }

    fn on(server: &str, cluster: Option<Cluster>) -> Database {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let random = place::random_hex().expect("random bytes");
        let name = format!("bej_test_{number}_{}", &random[..12]);
        psql(server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
            .unwrap_or_else(|error| panic!("{VARIABLE}: {error:#}"));
        let (before, _) = server.rsplit_once('/').expect("a URL with a database");
        Database { url: format!("{before}/{name}"), name, cluster }
    }

    /// Its URL, as a user who may do everything.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs SQL in it, which must succeed, and gives what psql prints.
    pub fn sql(&self, sql: &str) -> String {
        psql(&self.url, sql).unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// Runs SQL in it, which must fail, and gives what psql says.
    pub fn sql_fails(&self, sql: &str) -> String {
        psql(&self.url, sql).expect_err("it must fail").to_string()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.cluster.is_none() {
            let server = self.url.replace(&self.name, "postgres");
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            if let Err(error) = psql(&server, &drop) {
                eprintln!("{} is left: {error:#}", self.name);
            }
        }
    }
}

/// A server of its own for a test that kills or stops it; none, and a word about it, where there is
/// no PostgreSQL.
pub fn throwaway(settings: &[(&str, &str)]) -> Option<Cluster> {
    match crate::available() {
        Ok(()) => Some(Cluster::start(settings).unwrap_or_else(|error| panic!("{error:#}"))),
        Err(why) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
            println!("NOT RUN: {why}");
            None
        }
    }
}
