//! The lease, for the stores that have one.

use crate::lease::{LEASE_MS, LeaseStore};
use crate::{Fault, Holder, Lease};

/// One fresh store with a lease, and several ways to it.
pub trait LeaseBed {
    /// Opens the lease, once more each time.
    fn lease(&self) -> Result<Box<dyn LeaseStore>, Fault>;

    /// Lets so much time pass by the store's clock, and none by any other.
    fn pass_ms(&self, ms: u64);
}

/// A case of the suite.
pub type Case = fn(&dyn LeaseBed) -> Result<(), Fault>;

/// All cases by name.
pub const CASES: &[(&str, Case)] = &[
    ("one at a time has the lease", one_at_a_time),
    ("of nodes that take it at once one gets it", at_once),
    ("a lease lapses by the clock of the store", lapses),
    ("a holder that wakes up late is told", wakes_up),
    ("a holder has to be found", words),
];

/// Runs every case, each on a store of its own. Panics at the first that fails, with its name.
pub fn run_all(make: &dyn Fn() -> Box<dyn LeaseBed>) {
    for (name, case) in CASES {
        if let Err(fault) = case(&*make()) {
            panic!("{name}: {}", fault.chain());
        }
    }
}

fn node(name: &str) -> Holder {
    let api = format!("{name}.example:8443");
    Holder { node: name.into(), api, console: format!("https://{name}.example") }
}

fn holder(lease: &mut dyn LeaseStore) -> Result<Option<String>, Fault> {
    let held = lease.look()?.filter(|lease| 0 < lease.left_ms);
    Ok(held.map(|lease| lease.holder.node))
}

fn one_at_a_time(bed: &dyn LeaseBed) -> Result<(), Fault> {
    let (mut a, mut b) = (bed.lease()?, bed.lease()?);
    assert_eq!(a.look()?, None);
    assert!(!a.renew(0)? && !a.renew(1)?, "nobody has it");
    assert_eq!(a.take(&node("a"))?, Some(1));
    let Some(Lease { term: 1, holder, left_ms }) = b.look()? else { panic!("it is held") };
    assert_eq!(holder, node("a"));
    assert!(0 < left_ms && left_ms <= LEASE_MS, "{left_ms}");
    assert_eq!(b.take(&node("b"))?, None);
    assert_eq!(a.take(&node("a"))?, None, "also by himself: another process of that name");
    assert!(a.renew(1)?);
    b.release(2)?;
    assert_eq!(b.take(&node("b"))?, None);
    a.release(1)?;
    assert_eq!(b.look()?.map(|lease| lease.left_ms), Some(0));
    assert_eq!(b.take(&node("b"))?, Some(2), "at once");
    assert!(!a.renew(1)?);
    a.release(1)?;
    assert_eq!(self::holder(&mut *a)?.as_deref(), Some("b"));
    Ok(())
}

fn at_once(bed: &dyn LeaseBed) -> Result<(), Fault> {
    for round in 1..=10 {
        let names = ["a", "b", "c", "d"];
        let mut handles = Vec::new();
        for name in names {
            handles.push((name, bed.lease()?));
        }
        let start = std::sync::Barrier::new(names.len());
        let taken = std::thread::scope(|scope| -> Result<Vec<_>, Fault> {
            let threads: Vec<_> = handles
                .into_iter()
                .map(|(name, mut lease)| {
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        lease.take(&node(name)).map(|term| (name, term))
                    })
                })
                .collect();
            // Cannot fail: a panic there is one of this case.
            threads.into_iter().map(|thread| thread.join().expect("a thread")).collect()
        })?;
        let got: Vec<_> = taken.iter().filter(|(_, term)| term.is_some()).collect();
        let [(name, Some(term))] = got[..] else { panic!("{taken:?}") };
        assert_eq!(*term, round);
        let mut lease = bed.lease()?;
        assert_eq!(holder(&mut *lease)?.as_deref(), Some(*name));
        lease.release(*term)?;
    }
    Ok(())
}

fn lapses(bed: &dyn LeaseBed) -> Result<(), Fault> {
    let (mut a, mut b) = (bed.lease()?, bed.lease()?);
    assert_eq!(a.take(&node("a"))?, Some(1));
    bed.pass_ms(LEASE_MS / 2);
    assert!(a.renew(1)?);
    bed.pass_ms(LEASE_MS / 2);
    assert_eq!(b.take(&node("b"))?, None, "it was renewed");
    bed.pass_ms(LEASE_MS / 2);
    assert_eq!(holder(&mut *b)?, None);
    // Nobody was waiting: it is still his.
    assert!(a.renew(1)?);
    assert_eq!(holder(&mut *b)?.as_deref(), Some("a"));
    assert_eq!(b.take(&node("b"))?, None);
    Ok(())
}

fn wakes_up(bed: &dyn LeaseBed) -> Result<(), Fault> {
    let (mut a, mut b) = (bed.lease()?, bed.lease()?);
    assert_eq!(a.take(&node("a"))?, Some(1));
    bed.pass_ms(LEASE_MS);
    assert_eq!(b.take(&node("b"))?, Some(2));
    assert!(!a.renew(1)?, "somebody else has it");
    a.release(1)?;
    assert_eq!(holder(&mut *a)?.as_deref(), Some("b"));
    bed.pass_ms(LEASE_MS);
    assert!(!a.renew(1)?, "also when that has lapsed");
    assert_eq!(a.take(&node("a"))?, Some(3));
    assert!(!b.renew(2)?);
    Ok(())
}

fn words(bed: &dyn LeaseBed) -> Result<(), Fault> {
    let mut lease = bed.lease()?;
    let wrong = [
        Holder { node: String::new(), ..node("a") },
        Holder { api: String::new(), ..node("a") },
        Holder { api: "a\nb:1".into(), ..node("a") },
        Holder { console: "x".repeat(256), ..node("a") },
    ];
    for holder in wrong {
        assert!(matches!(lease.take(&holder), Err(Fault::Refused { .. })), "{holder:?}");
    }
    assert_eq!(lease.look()?, None);
    let without = Holder { console: String::new(), ..node("a") };
    assert_eq!(lease.take(&without)?, Some(1));
    Ok(())
}
