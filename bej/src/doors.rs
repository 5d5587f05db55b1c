//! The doors of a process, bound before it tells others where it is.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use link::DoorTls;
use store::Holder;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::{self, Config};
use crate::group::Group;
use crate::{inner, out};

/// What to do about an address that cannot be had.
fn taken(section: &str, address: SocketAddr) -> String {
    format!(
        "{address} cannot be listened on; end the program that uses it, or give another address, \
         by --{section} or as `listen` under [{section}] of the configuration"
    )
}

/// The listeners that a group has.
pub struct Doors {
    /// For organisers.
    api: Option<(TcpListener, api::Edge)>,
    /// For browsers.
    pages: Option<TcpListener>,
    /// For bettors.
    cabinet: Option<TcpListener>,
    /// For other groups.
    inner: Option<(TcpListener, DoorTls)>,
    /// For probes, of every group.
    probes: TcpListener,
}

impl Doors {
    /// Binds that of bettors, before everything else: links lead to where it is.
    pub async fn of_bettors(config: &Config) -> anyhow::Result<TcpListener> {
        let address = config.people.cabinet;
        let bound = api::bind_loopback(address).await;
        bound.with_context(|| taken("cabinet", address))
    }

    /// Binds those of a group that are not bound yet; `edge` is made for organisers.
    pub async fn open(
        config: &Config,
        group: Group,
        cabinet: Option<TcpListener>,
        edge: impl FnOnce() -> anyhow::Result<api::Edge>,
    ) -> anyhow::Result<Doors> {
        let probes = api::bind_loopback(config.probes).await;
        let probes = probes.with_context(|| taken("probes", config.probes))?;
        let mut doors = Doors { api: None, pages: None, cabinet, inner: None, probes };
        if group.answers() {
            let bound = TcpListener::bind(config.api).await;
            doors.api = Some((bound.with_context(|| taken("api", config.api))?, edge()?));
        }
        if group.shows() {
            let bound = api::bind_loopback(config.console).await;
            doors.pages = Some(bound.with_context(|| taken("console", config.console))?);
        }
        if group == Group::Pump {
            let address = config.inner.listen;
            let bound =
                TcpListener::bind(address).await.with_context(|| taken("inner", address))?;
            doors.inner = Some((bound, inner::door(&config.data)?));
        }
        Ok(doors)
    }

    /// How others find this node: as the configuration says, or where it listens.
    pub fn holder(&self, config: &Config) -> anyhow::Result<Holder> {
        let config::Node { name, api, console } = &config.node;
        let mut holder = Holder { node: name.clone(), api: api.clone(), console: console.clone() };
        // A process of the group pump has no API; it is told from others by its inner door.
        let asked = self.api.as_ref().map(|(bound, _)| bound);
        let asked = asked.or(self.inner.as_ref().map(|(bound, _)| bound));
        if let Some(bound) = asked.filter(|_| api.is_empty()) {
            holder.api = bound.local_addr()?.to_string();
        }
        if let Some(bound) = self.pages.as_ref().filter(|_| console.is_empty()) {
            holder.console = format!("http://{}", bound.local_addr()?);
        }
        Ok(holder)
    }

    /// Prints where they are.
    pub fn announce(&self) -> anyhow::Result<()> {
        if let Some((bound, _)) = &self.inner {
            out::line(&format!("inner {}", bound.local_addr()?));
        }
        if let Some((bound, _)) = &self.api {
            out::line(&format!("api https://{}", bound.local_addr()?));
        }
        if let Some(bound) = &self.pages {
            out::line(&format!("console http://{}", bound.local_addr()?));
        }
        if let Some(bound) = &self.cabinet {
            out::line(&format!("cabinet http://{}", bound.local_addr()?));
        }
        out::line(&format!("probes http://{}", self.probes.local_addr()?));
        Ok(())
    }

    /// Takes in whoever comes, until the signal comes.
    pub fn serve(
        self,
        limits: api::Limits,
        house: &api::Shared,
        (pages, cabinet): (axum::Router, axum::Router),
        stopping: watch::Receiver<bool>,
    ) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let stop = || stopping.clone();
        if let Some((bound, edge)) = self.api {
            let routes = api::api(house.clone());
            tasks.spawn(api::serve_tls(bound, edge, routes, house.clone(), stop()));
        }
        if let Some(bound) = self.pages {
            tasks.spawn(api::serve_plain(bound, pages, limits, stop()));
        }
        if let Some(bound) = self.cabinet {
            tasks.spawn(api::serve_plain(bound, cabinet, limits, stop()));
        }
        if let Some((bound, tls)) = self.inner {
            let seat = house.seat.clone();
            let leader: link::Leader = Arc::new(move || seat.handle().ok());
            tasks.spawn(link::serve(bound, tls, leader, stop()));
        }
        tasks.spawn(api::serve_plain(self.probes, api::plain(house.clone()), limits, stop()));
        tasks
    }
}
