//! The turnstile before the routes: how many requests of an organiser may be under way in each
//! lane. What is beyond is turned away before its route is looked for and before its body is read.
//!
//! Contract:
//! - the bound is of one organiser and one class: a flood of live stakes holds up neither the same
//!   organiser's settlements nor anybody else;
//! - a connection of which a request was turned away rests: it is not read until there is room in
//!   that lane, and then it is one of a few at a time, or until [`REST`] is over. So a caller who
//!   sends on whatever he is told is held up by his own socket, and the server neither reads nor
//!   answers more than it can; a caller who heeds `Retry-After` notices nothing of it;
//! - what was let through counts until its answer is there.
//!
//! Limits: [`RESTING_MAX`] connections a lane that are called when there is room; those beyond are
//! read again when their time is over. Cost: two turns of a lock for each request.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use parking_lot::Mutex;
use pump::Class;
use terms::Organiser;
use wire::{Kind, PREFIX};

use crate::brake::Brake;
use crate::limits::{Limits, RESTING_MAX, TURN_MAX};
use crate::translate;

/// For how long a connection rests at most of which a request was turned away: the least that
/// `Retry-After` asks for.
pub(crate) const REST: Duration = Duration::from_secs(1);

/// A lane as the turnstile knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lane {
    pub organiser: Organiser,
    pub class: Class,
}

/// The lane of a request by its method and address; none, if it puts nothing to the pump for an
/// organiser.
pub(crate) fn class_of(method: &Method, path: &str) -> Option<Class> {
    if method != Method::POST {
        return None;
    }
    match path.strip_prefix(PREFIX)? {
        "/batches" => Some(Class::Bulk),
        path => Kind::ALL.iter().copied().find(|kind| kind.path() == path).map(translate::class),
    }
}

/// Counts what is under way.
#[derive(Debug)]
pub(crate) struct Turnstile {
    limits: Limits,
    rows: Mutex<HashMap<Lane, Row>>,
}

#[derive(Debug, Default)]
struct Row {
    /// Requests that were let through and are not answered.
    under_way: usize,
    /// Room that connections were called for and have not taken yet.
    called: usize,
    /// Connections that wait for room, the longest first.
    resting: VecDeque<Arc<Brake>>,
}

/// The way through; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    turnstile: Arc<Turnstile>,
    lane: Lane,
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.turnstile.with(self.lane, |row| row.under_way -= 1);
        self.turnstile.call(self.lane);
    }
}

/// Room that a connection was called for; given back when it has been read, or has rested again.
#[derive(Debug)]
pub(crate) struct Called {
    turnstile: Arc<Turnstile>,
    lane: Lane,
}

impl Drop for Called {
    fn drop(&mut self) {
        let turn = turn(self.turnstile.most(self.lane.class));
        self.turnstile.with(self.lane, |row| row.called -= turn);
        self.turnstile.call(self.lane);
    }
}

/// Room that one connection is called for: about what is read of it at once.
fn turn(most: usize) -> usize {
    (most / 4).clamp(1, TURN_MAX)
}

impl Turnstile {
    pub(crate) fn new(limits: Limits) -> Turnstile {
        Turnstile { limits, rows: Mutex::default() }
    }

    /// Lets a request through, if there is room.
    pub(crate) fn enter(self: &Arc<Turnstile>, lane: Lane) -> Option<Pass> {
        let most = self.most(lane.class);
        let room = self.with(lane, |row| {
            let room = row.under_way < most;
            row.under_way += usize::from(room);
            room
        });
        room.then(|| Pass { turnstile: self.clone(), lane })
    }

    /// Has a connection rest of which a request was turned away.
    pub(crate) fn rest(self: &Arc<Turnstile>, lane: Lane, brake: &Arc<Brake>) {
        let queue = brake.rest(REST);
        if queue {
            let placed = self.with(lane, |row| {
                let room = row.resting.len() < RESTING_MAX;
                if room {
                    row.resting.push_back(brake.clone());
                }
                room
            });
            if !placed {
                brake.is_not_queued();
            }
        }
        // All that was under way may have ended meanwhile, and nobody else would call.
        self.call(lane);
    }

    /// Calls as many resting connections as there is room for.
    fn call(self: &Arc<Turnstile>, lane: Lane) {
        let most = self.most(lane.class);
        let turn = turn(most);
        loop {
            let next = self.with(lane, |row| {
                if most < row.under_way + row.called + turn {
                    return None;
                }
                let next = row.resting.pop_front()?;
                row.called += turn;
                Some(next)
            });
            let Some(brake) = next else { return };
            if !brake.call(|| Called { turnstile: self.clone(), lane }) {
                // Its time was over before, or it has ended.
                self.with(lane, |row| row.called -= turn);
            }
        }
    }

    fn most(&self, class: Class) -> usize {
        match class {
            // No organiser has a way into this lane.
            Class::Control => 0,
            Class::Live => self.limits.live_under_way_max,
            Class::Settlement => self.limits.settlements_under_way_max,
            Class::Bulk => self.limits.batches_per_caller_max,
        }
    }

    fn with<R>(&self, lane: Lane, work: impl FnOnce(&mut Row) -> R) -> R {
        work(self.rows.lock().entry(lane).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turnstile(live: usize) -> Arc<Turnstile> {
        let limits = Limits { live_under_way_max: live, ..Limits::standard() };
        Arc::new(Turnstile::new(limits))
    }

    const LIVE: Lane = Lane { organiser: Organiser(0), class: Class::Live };

    #[test]
    fn every_message_has_its_lane_and_nothing_else_has() {
        let post = |path: &str| class_of(&Method::POST, path);
        for kind in Kind::ALL {
            let path = format!("{PREFIX}{}", kind.path());
            assert_eq!(post(&path), Some(translate::class(*kind)), "{path}");
            assert_eq!(class_of(&Method::GET, &path), None, "{path}");
        }
        assert_eq!(post("/v1/batches"), Some(Class::Bulk));
        for path in ["", "/", "/v1", "/v1/", "/v2/stakes", "/v1/stakes/", "/v1/me/orders"] {
            assert_eq!(post(path), None, "{path}");
        }
    }

    #[test]
    fn a_lane_is_of_one_organiser_and_one_class() {
        // R2-55.1a
        let turnstile = turnstile(2);
        let passes: Vec<Pass> = (0..2).map(|_| turnstile.enter(LIVE).unwrap()).collect();
        assert!(turnstile.enter(LIVE).is_none());
        assert!(turnstile.enter(Lane { class: Class::Settlement, ..LIVE }).is_some());
        assert!(turnstile.enter(Lane { organiser: Organiser(1), ..LIVE }).is_some());
        drop(passes);
        assert!(turnstile.enter(LIVE).is_some());
    }

    #[test]
    fn connections_are_called_in_turn_and_no_more_than_there_is_room_for() {
        let turnstile = turnstile(8);
        let mut passes: Vec<Pass> = (0..8).map(|_| turnstile.enter(LIVE).unwrap()).collect();
        let brakes: Vec<Arc<Brake>> = (0..3).map(|_| Arc::default()).collect();
        for brake in &brakes {
            turnstile.rest(LIVE, brake);
        }
        let resting = || brakes.iter().map(|brake| brake.is_resting()).collect::<Vec<_>>();
        passes.truncate(7);
        assert_eq!(resting(), [true, true, true], "one is less than a turn");
        passes.truncate(6);
        assert_eq!(resting(), [false, true, true]);
        passes.truncate(5);
        assert_eq!(resting(), [false, true, true], "the first has not been read yet");
        brakes[0].end();
        assert_eq!(resting(), [false, false, true], "what it was called for is free again");
        // A connection that has ended is passed over.
        brakes[1].end();
        brakes[2].end();
        drop(passes);
        let row = turnstile.with(LIVE, |row| (row.under_way, row.called, row.resting.len()));
        assert_eq!(row, (0, 0, 0));
    }

    #[test]
    fn whoever_rests_after_all_has_ended_is_called_at_once() {
        let turnstile = turnstile(1);
        let brake = Arc::<Brake>::default();
        turnstile.rest(LIVE, &brake);
        assert!(!brake.is_resting());
    }
}
