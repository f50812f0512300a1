//! The language of triggers: what it reads, where it finds a mistake, when a condition is so, and that no text breaks it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use ballast::acts::{By, Event, EventKind};
use ballast::plant::signals::{SignalTable, at, site};
use ballast::scenario::trigger::{Op, Schedule, Trigger, parse};
use ballast::training::watch::{Look, Watch};
use proptest::prelude::*;

fn table() -> SignalTable {
    SignalTable::new(&["main".into()], &["G1".into()], &["B1".into()])
}

fn event(object: &str, t_s: f64) -> Event {
    Event {
        seq: 0,
        tick: 0,
        t_s,
        kind: EventKind::Trip,
        object: object.into(),
        text: String::new(),
        value: 0.0,
        unit: "",
        by: By::Plant,
        change: None,
        cause: None,
    }
}

#[test]
fn it_reads_what_a_trainer_writes() {
    let when = |signal: &str, op, value, for_s| Trigger::When { signal: signal.into(), op, value, for_s };
    for (text, tree) in [
        ("at 90", Trigger::At(90.0)),
        ("at 1.5 min", Trigger::At(90.0)),
        ("gpu_kw > 300 for 0", when("gpu_kw", Op::More, 300.0, 0.0)),
        ("when site.f_hz <= 58.5 for 2s", when("site.f_hz", Op::AtMost, 58.5, 2.0)),
        ("after 52G-TRIP + 5", Trigger::After("52G-TRIP".into(), 5.0)),
        ("on \"81U-1 G1\"", Trigger::After("81U-1 G1".into(), 0.0)),
        ("on key F", Trigger::Key("F".into())),
        (
            "f_pct < 97.5 for 5 and not hold",
            Trigger::All(vec![
                when("f_pct", Op::Less, 97.5, 5.0),
                Trigger::Not(Box::new(Trigger::State(Schedule::Hold))),
            ]),
        ),
        (
            "at 1 or at 2 and (at 3 or running)",
            Trigger::Any(vec![
                Trigger::At(1.0),
                Trigger::All(vec![
                    Trigger::At(2.0),
                    Trigger::Any(vec![Trigger::At(3.0), Trigger::State(Schedule::Running)]),
                ]),
            ]),
        ),
    ] {
        assert_eq!(parse(text), Ok(tree), "{text}");
    }
}

#[test]
fn a_mistake_has_its_column() {
    for (text, column, what) in [
        ("", 1, "the end"),
        ("at", 3, "the end"),
        ("at x", 4, "`x`"),
        ("at -5", 4, "`-5`"),
        ("gpu_kw 300", 8, "`300`"),
        ("gpu_kw > 300 for", 17, "the end"),
        ("gpu_kw > 300 und hold", 14, "`und`"),
        ("(at 5", 6, "the end"),
        ("at 5)", 5, "`)`"),
        ("on and", 4, "`and`"),
        ("after \"x", 7, "a quote without its end"),
        ("at 5 and ?", 10, "`?`"),
        ("größe > 5", 3, "`ö`"),
    ] {
        let e = parse(text).expect_err(text);
        assert_eq!((e.column, e.what.as_str()), (column, what), "{text}: {e}");
        assert!(!e.to_string().contains('\n') && !e.expected.is_empty());
    }
    assert!(parse(&"(".repeat(300)).is_err() && parse(&"not ".repeat(90)).is_err() && parse(&"x".repeat(500)).is_err());
}

/// One look every 0.1 s; the times at which it was so.
fn so(text: &str, until_s: f64, mut value: impl FnMut(f64) -> f64, events: &[Event]) -> Vec<f64> {
    let table = table();
    let mut w = Watch::new(&parse(text).unwrap(), &table, 60.0);
    let mut row = vec![0.0; table.len()];
    let mut out = Vec::new();
    for k in 0..=(until_s * 10.0) as u32 {
        let t_s = f64::from(k) / 10.0;
        events.iter().filter(|e| (e.t_s - t_s).abs() < 0.01).for_each(|e| w.event(e));
        row[at(site::GPU_KW).at()] = value(t_s);
        row[at(site::F_HZ).at()] = 60.0;
        let schedule = (value(t_s) > 50.0).then_some(Schedule::Hold);
        if w.look(Look { t_s, row: &row, schedule }) {
            out.push(t_s);
        }
    }
    out
}

#[test]
fn a_limit_counts_its_time_without_a_gap() {
    let wave = |t: f64| if (1.0..1.95).contains(&t) || t >= 3.0 { 100.0 } else { 0.0 };
    assert_eq!(so("gpu_kw > 50 for 1", 5.0, wave, &[])[0], 4.0, "0.9 s are not 1 s");
    assert_eq!(so("gpu_kw > 50", 1.5, wave, &[])[0], 1.0);
    assert_eq!(so("f_pct < 100.5 and not hold", 1.2, wave, &[]).last(), Some(&0.9));
    assert!(so("no_such_kw > 0 or no_such_kw <= 0", 3.0, wave, &[]).is_empty(), "an unknown signal is never so");
}

#[test]
fn an_event_counts_from_its_first_time() {
    let trips = [event("52G-TRIP", 2.0), event("52G-TRIP", 3.0)];
    assert_eq!(so("after 52G-TRIP + 1.5", 6.0, |_| 0.0, &trips)[0], 3.5);
    assert_eq!(so("on 52g-trip", 6.0, |_| 0.0, &trips)[0], 2.0);
    assert_eq!(so("on 81U-1", 6.0, |_| 0.0, &[event("81U-1 G1", 1.0)])[0], 1.0, "the device without its set");
    assert!(so("on 81U-2", 6.0, |_| 0.0, &trips).is_empty());
}

#[test]
fn a_key_stays_pressed_until_it_is_used() {
    let table = table();
    let mut w = Watch::new(&parse("on key F and at 2").unwrap(), &table, 60.0);
    let row = vec![0.0; table.len()];
    let look = |w: &mut Watch, t_s| w.look(Look { t_s, row: &row, schedule: None });
    w.key("f");
    assert!(!look(&mut w, 1.0) && look(&mut w, 2.0));
    w.again();
    assert!(!look(&mut w, 3.0));
}

fn tree() -> impl Strategy<Value = Trigger> {
    let name = prop_oneof!["[a-z][a-z0-9_]{0,6}", "[A-Z0-9]{1,3}-[A-Z]{1,4}", "[A-Z][a-z]{1,3} [A-Z0-9]{1,3}"];
    let op = prop_oneof![Just(Op::Less), Just(Op::AtMost), Just(Op::More), Just(Op::AtLeast)];
    let signal = "[a-z]{1,4}\\.[a-z]{2,5}_kw".prop_map(String::from);
    let time = (0u32..5000).prop_map(|n| f64::from(n) / 8.0);
    let leaf = prop_oneof![
        time.clone().prop_map(Trigger::At),
        (signal, op, -1000i32..1000, time.clone()).prop_map(|(signal, op, v, for_s)| Trigger::When {
            signal,
            op,
            value: f64::from(v) / 4.0,
            for_s
        }),
        (name.clone(), time).prop_map(|(n, s)| Trigger::After(n, s)),
        name.prop_map(Trigger::Key),
        Just(Trigger::State(Schedule::Hold)),
        Just(Trigger::State(Schedule::Running)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|t| Trigger::Not(Box::new(t))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Trigger::All),
            prop::collection::vec(inner, 2..4).prop_map(Trigger::Any),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,60}") {
        if let Err(e) = parse(&text) {
            prop_assert!(e.column >= 1 && e.column <= text.chars().count() + 1, "{e}");
        }
    }

    #[test]
    fn nor_does_one_made_of_its_own_words(words in prop::collection::vec(prop::sample::select(vec![
        "at", "when", "after", "on", "key", "hold", "not", "and", "or", "(", ")", "+", "<", ">=", "5", "-1", "1e400",
        "gpu_kw", "52G-TRIP", "\"", "for", "min", "s",
    ]), 0..20)) {
        let _parsed = parse(&words.join(" "));
    }

    #[test]
    fn a_tree_reads_back_from_its_text(t in tree()) {
        let text = t.to_string();
        if text.len() <= 400 {
            prop_assert_eq!(parse(&text), Ok(t), "{}", text);
        }
    }

    #[test]
    fn watching_never_breaks(t in tree(), xs in prop::collection::vec(prop::num::f64::ANY, 1..20)) {
        let table = table();
        let mut w = Watch::new(&t, &table, 60.0);
        for (k, x) in xs.iter().enumerate() {
            let row = vec![*x; table.len()];
            w.look(Look { t_s: k as f64, row: &row, schedule: None });
            w.event(&event("52G-TRIP", k as f64));
        }
    }
}
