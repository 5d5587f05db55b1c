//! Readers of the store: kept for the next page, bounded, and thrown away when one has failed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use console::ports::{Source, Verification};
use console::role::Role;
use store::{Fault, JournalReader, MemoryViews, Progress, Projector, ViewReader};
use terms::{Instant, Seq};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use crate::world::{Mem, World, named, text};

/// A store that counts who opens it, and can be made to fail or to let nobody in.
struct Counted {
    mem: Arc<Mem>,
    views: AtomicUsize,
    journals: AtomicUsize,
    away: AtomicBool,
    shut: Mutex<bool>,
    opened: Condvar,
    /// Told of everybody who stands before the door.
    came: mpsc::UnboundedSender<()>,
}

impl Counted {
    fn count(&self) -> (usize, usize) {
        (self.views.load(Ordering::SeqCst), self.journals.load(Ordering::SeqCst))
    }

    fn shut(&self, shut: bool) {
        *self.shut.lock().unwrap() = shut;
        self.opened.notify_all();
    }
}

impl Source for Counted {
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault> {
        self.views.fetch_add(1, Ordering::SeqCst);
        // Nobody listens once a test is over.
        let _ = self.came.send(());
        let mut shut = self.shut.lock().unwrap();
        while *shut {
            shut = self.opened.wait(shut).unwrap();
        }
        if self.away.load(Ordering::SeqCst) {
            return Err(Fault::failed("connect to the database", std::io::Error::other("refused")));
        }
        self.mem.views()
    }

    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault> {
        self.journals.fetch_add(1, Ordering::SeqCst);
        self.mem.journal()
    }

    fn verification(&self) -> Option<Verification> {
        None
    }

    fn now(&self) -> Instant {
        self.mem.now()
    }

    fn prove(&self, seq: Seq) -> Result<String, String> {
        self.mem.prove(seq)
    }

    fn kept(&self) -> Result<String, String> {
        self.mem.kept()
    }

    fn keep(&self, queries: &str) -> Result<(), String> {
        self.mem.keep(queries)
    }
}

fn counted() -> (World, Arc<Counted>, mpsc::UnboundedReceiver<()>) {
    let (came, told) = mpsc::unbounded_channel();
    let mut source = None;
    let world = World::on(named("Book"), true, None, |mem| {
        let made = Arc::new(Counted {
            mem,
            views: AtomicUsize::new(0),
            journals: AtomicUsize::new(0),
            away: AtomicBool::new(false),
            shut: Mutex::new(false),
            opened: Condvar::new(),
            came,
        });
        source = Some(made.clone());
        made
    });
    (world, source.unwrap(), told)
}

#[test]
fn pages_one_after_the_other_share_one_reader() {
    let (world, source, _told) = counted();
    let cookies = world.sign_in(Role::Organiser);
    // Pages that are shown, are not there, and are not for this role.
    for path in ["/en/overview", "/en/bets/0/none", "/en/monitoring", "/en/stakes"] {
        for _ in 0..5 {
            world.get(path, &cookies);
        }
    }
    assert_eq!(source.count(), (1, 1));
}

#[test]
fn a_store_that_was_away_is_asked_anew() {
    let (world, source, _told) = counted();
    source.away.store(true, Ordering::SeqCst);
    for _ in 0..20 {
        let answer = world.get("/en/sign-in", "");
        assert_eq!(answer.status, 503);
        assert!(text(&answer).contains("Try again in some seconds."), "{}", text(&answer));
        assert!(answer.headers.contains(&("retry-after", "5".to_owned())));
    }
    source.away.store(false, Ordering::SeqCst);
    assert_eq!(world.get("/en/sign-in", "").status, 200);
}

/// Sixteen pages wait for a store that does not answer: the next one is told so and costs the
/// store nothing, and all of them are made when it answers again.
#[tokio::test(start_paused = true)]
async fn when_every_reader_is_taken_the_next_page_says_so() {
    let (world, source, mut told) = counted();
    let router = world.console.router();
    let ask = || {
        let request = Request::builder().uri("/en/sign-in").body(Body::empty()).unwrap();
        router.clone().oneshot(request)
    };
    source.shut(true);
    let waiting: Vec<_> = (0..16).map(|_| tokio::spawn(ask())).collect();
    for _ in 0..16 {
        told.recv().await.unwrap();
    }
    let late = tokio::spawn(ask());
    tokio::task::yield_now().await;
    tokio::time::advance(Duration::from_secs(6)).await;
    let answer = late.await.unwrap().unwrap();
    assert_eq!(answer.status().as_u16(), 503);
    assert_eq!(answer.headers()["retry-after"], "5");
    assert_eq!(source.count().0, 16, "it waits before the store and not in it");
    source.shut(false);
    for page in waiting {
        assert_eq!(page.await.unwrap().unwrap().status().as_u16(), 200);
    }
    assert_eq!(ask().await.unwrap().status().as_u16(), 200);
    assert_eq!(source.count(), (16, 16), "all of them were kept");
}

// R0-18.1a: whoever has seen an entry gets a page that has it, or is told that it is not there yet.
#[test]
fn a_page_waits_for_the_entry_that_it_is_asked_to_have() {
    // Nothing has been projected yet.
    let views = MemoryViews::default();
    let given = views.clone();
    let world = World::on(named("Altyn"), true, None, |mem| {
        let now = Mutex::new(mem.now());
        let journal = mem.journal.clone();
        Arc::new(Mem { journal, views: given, now, queries: Mutex::default() })
    });
    let cookies = world.sign_in(Role::Gambling);
    let ask = |entry: &str| world.get(&format!("/en/overview?at-least={entry}"), &cookies);
    assert_eq!(ask("x").status, 400);
    let early = ask("1");
    assert_eq!(early.status, 503, "{}", text(&early));
    assert!(text(&early).contains("have not reached the entry"), "{}", text(&early));
    assert!(early.headers.contains(&("retry-after", "1".to_owned())), "{:?}", early.headers);
    // The entry comes while the page waits.
    let reader = world.mem.journal().unwrap();
    let page = std::thread::scope(|scope| {
        let page = scope.spawn(|| ask("1"));
        let mut projector = Projector::new(reader, Box::new(views), 1).unwrap();
        while let Progress::Projected(_) = projector.step().unwrap() {}
        page.join().unwrap()
    });
    assert_eq!(page.status, 200, "{}", text(&page));
    assert!(text(&page).contains("as of entry"), "{}", text(&page));
}
