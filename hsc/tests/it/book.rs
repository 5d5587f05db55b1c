//! The bookmaker against a centre that is out of sorts: everything that may be asked twice is.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hsc::book::centre::{Answering, Done, Fatal};
use hsc::book::{Book, Centre, House, Outbox, Plan, Said, Sent, Totals};
use hsc::wire::{
    AccountNo, ChampionshipNo, Desk, EventNo, Id, MarketNo, OrganiserNo, OutcomeNo, Payout,
    Request, Sum,
};
use hsc::{Attempt, Error};
use matches::odds_file::{self, Match};
use terms::id::uuid_v7;
use terms::{Account, DeskNo, Event, Instant, Market, MessageId, Organiser, Outcome};

/// A centre that does everything, if need be at the second time.
#[derive(Default)]
struct Moody {
    moody: bool,
    count: AtomicU64,
    /// Ids that have had their trouble.
    troubled: Mutex<HashSet<Id>>,
    /// Ids that were done, each of which must come once with one content.
    done: Mutex<Vec<(Id, String)>>,
    /// Accounts whose sessions have ended once.
    ended: Mutex<HashSet<AccountNo>>,
}

impl Moody {
    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether this id is to have its trouble now.
    fn trouble(&self, id: Id) -> bool {
        self.moody && self.troubled.lock().unwrap().insert(id)
    }

    fn accept(&self, request: &Request) -> Said {
        self.done.lock().unwrap().push((request.id(), request.to_json().unwrap()));
        let number = u32::try_from(self.next()).unwrap();
        let due = |sum| (Some(sum), Some(Payout::DueAtDesk));
        let (net_due_tiyn, payout) = match request {
            Request::Settlement(_) | Request::Void(_) => due(Sum(100)),
            Request::Resettlement(_) => due(Sum(40)),
            _ => (None, None),
        };
        Said::Done(Done {
            championship: Some(ChampionshipNo(terms::Championship(number))),
            event: Some(EventNo(Event(number))),
            market: Some(MarketNo(Market(number.into()))),
            outcomes: Some((0..3).map(|nth| OutcomeNo(Outcome(nth))).collect()),
            net_due_tiyn,
            payout,
            ..Done::default()
        })
    }
}

fn unanswered() -> Error {
    Error::Unanswered { attempts: 1, perhaps_decided: true, last: Attempt::TimedOut }
}

fn session_expired() -> Error {
    let text = crate::server::problem(401, "session_expired", "");
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    Error::Rejected(serde_json::from_str(body).unwrap())
}

impl Centre for Moody {
    fn now(&self) -> Instant {
        Instant(1_700_000_000_000_000_000)
    }

    fn new_id(&self) -> Id {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.next().to_be_bytes());
        Id(MessageId(uuid_v7(1, random)))
    }

    fn send<'a>(&'a self, sent: &'a Sent) -> Answering<'a, Said> {
        Box::pin(async move {
            match sent {
                Sent::Order(order, token) => {
                    let first = self.moody && self.ended.lock().unwrap().insert(order.account);
                    if first {
                        return Err(session_expired());
                    }
                    if self.moody {
                        assert!(token.starts_with("anew"), "{token}");
                        // The order was done under the session before.
                        return Ok(Said::Refused("id_reused".into()));
                    }
                    Ok(Said::Done(Done::default()))
                }
                Sent::Message(Request::HoldConfirmation(_)) if self.moody => {
                    Ok(Said::Refused("hold_expired".into()))
                }
                Sent::Message(request) if self.trouble(request.id()) => Err(unanswered()),
                Sent::Message(request) => Ok(self.accept(request)),
            }
        })
    }

    fn batch<'a>(&'a self, messages: &'a [Request]) -> Answering<'a, Vec<Option<Said>>> {
        Box::pin(async move {
            if self.trouble(messages[0].id()) {
                return Err(unanswered());
            }
            let last = messages.len() - 1;
            let said = |(place, request): (usize, &Request)| {
                // The last line waits, as one does that came too early.
                let waits = place == last && 0 < place && self.trouble(request.id());
                (!waits).then(|| self.accept(request))
            };
            Ok(messages.iter().enumerate().map(said).collect())
        })
    }

    fn sign_in(&self, account: AccountNo, anew: Option<&str>) -> Result<String, Fatal> {
        let ended = self.ended.lock().unwrap().contains(&account);
        Ok(if anew.is_some() || ended { "anew".into() } else { "first".to_owned() })
    }
}

fn matches() -> Vec<Match> {
    let (name, text) = matches::seasons::sample()[2];
    let mut matches = odds_file::read(name, text.as_bytes()).unwrap().matches;
    matches.truncate(10);
    matches
}

async fn played(moody: bool) -> (Totals, Vec<(Id, String)>) {
    let centre = Arc::new(Moody { moody, ..Moody::default() });
    let house = House {
        organiser: OrganiserNo(Organiser(1)),
        electronic: Desk(DeskNo(2)),
        land: Some(Desk(DeskNo(3))),
        bettors: (0..5).map(|number| AccountNo((Organiser(1), Account(number)))).collect(),
    };
    let plan = Plan::new(matches(), 1, 3, 6).unwrap();
    let book = Book::new(centre.clone(), Outbox::in_memory(), plan, house, "0", None);
    let totals = book.play(|_, _, _| {}).await.unwrap();
    let done = std::mem::take(&mut *centre.done.lock().unwrap());
    (totals, done)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_trouble_once_comes_to_the_same() {
    // R2-55.2
    let (calm, _) = played(false).await;
    let (moody, done) = played(true).await;
    assert!(calm.stakes == 60 - calm.let_go && 0 < calm.desk_stakes, "{calm:?}");
    // A hold that has expired is a stake of its own, a message more.
    assert!(calm.messages < moody.messages, "{moody:?}");
    assert_eq!(Totals { messages: 0, ..moody }, Totals { messages: 0, ..calm });
    let ids: HashSet<Id> = done.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), done.len(), "nothing is done twice");
}
