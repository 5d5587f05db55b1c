//! The publisher of lists: what stands in the files, and how they break.

use links::lists::{Export, Fetched, Publisher as _};
use outside::people::samples;
use serde_json::json;

use crate::world::{SEED, Sim, someone};

fn file(sim: &Sim, export: Export) -> String {
    match sim.systems.terror.fetch(export, None, sim.call().at).expect("a file") {
        Fetched::File { content, .. } => String::from_utf8(content).expect("text"),
        Fetched::Unchanged => panic!("nothing was known"),
    }
}

fn count(text: &str) -> usize {
    text.matches("<person>").count()
}

#[test]
fn listed_are_the_samples_with_and_without_numbers() {
    //
    let sim = Sim::new();
    let text = file(&sim, Export::Active);
    let (with, without) = (samples(SEED, 5, 30), samples(SEED, 6, 30));
    assert_eq!(count(&text), with.len() + without.len());
    assert!(with.iter().all(|person| text.contains(&person.iin.reveal())));
    assert!(without.iter().all(|person| !text.contains(&person.iin.reveal())));
    assert!(text.contains(&without[0].surname) && text.contains("<iin></iin>"));
    roxmltree::Document::parse(&text).expect("well-formed");
    let other = sim.systems.proliferation.fetch(Export::Active, None, sim.call().at);
    let Ok(Fetched::File { content, .. }) = other else { panic!("{other:?}") };
    assert_eq!(count(&String::from_utf8_lossy(&content)), samples(SEED, 7, 30).len());
}

#[test]
fn a_known_file_is_not_sent_again_until_it_changes() {
    let sim = Sim::new();
    let publisher = &sim.systems.terror;
    let first = publisher.fetch(Export::Active, None, sim.call().at).expect("a file");
    let Fetched::File { version, .. } = first else { panic!("a file") };
    let again = publisher.fetch(Export::Active, Some(&version), sim.call().at);
    assert_eq!(again, Ok(Fetched::Unchanged));
    let person = someone([0, 0, 0]);
    sim.running.control("/lists", &json!({"add": [["terror", person.iin.reveal()]]}));
    let changed = publisher.fetch(Export::Active, Some(&version), sim.call().at);
    assert!(matches!(changed, Ok(Fetched::File { .. })));
    assert!(file(&sim, Export::Included).contains(&person.iin.reveal()));
    sim.running.control("/lists", &json!({"remove": [["terror", person.iin.reveal()]]}));
    assert!(!file(&sim, Export::Active).contains(&person.iin.reveal()));
    assert!(file(&sim, Export::Excluded).contains(&person.iin.reveal()));
}

#[test]
fn files_break_in_the_known_ways() {
    let sim = Sim::new();
    let whole = count(&file(&sim, Export::Active));
    let look = |look: &str| {
        sim.running.control("/lists", &json!({"look": look}));
        file(&sim, Export::Active)
    };
    let parses = |text: &str| roxmltree::Document::parse(text).is_ok();
    assert_eq!(count(&look("shrunken")), whole / 10);
    assert_eq!(count(&look("doubled")), whole * 2);
    assert_eq!(count(&look("empty")), 0);
    assert_eq!(count(&look("grown")), whole + 100_000);
    for broken in ["broken", "truncated", "bomb"] {
        assert!(!parses(&look(broken)), "{broken}");
    }
    assert!(look("bomb").contains("<!ENTITY"));
    assert_eq!(count(&look("whole")), whole);
}
