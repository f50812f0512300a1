//! What is done to a file afterwards shows.

use super::*;

/// A recording of 300 batches, and what verification says of it after `sql`.
fn altered(sql: &str) -> (Verdict, Result<usize, store::Trouble>) {
    let dir = tempfile::tempdir().unwrap();
    let mut tape = recorder(dir.path(), Bounds::default());
    let steps = steady(300);
    let until_s = steps.last().unwrap().0;
    rows(&mut Script::new(steps), &map(), Some(&mut tape), until_s);
    drop(tape);
    let path = recorded(dir.path()).remove(0);
    rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let reader = Reader::open(&path).unwrap();
    let verdict = verify(&reader).unwrap();
    let mut rows = Rows::new(reader, 0.0);
    let mut n = 0;
    while rows.next_row().is_some() {
        n += 1;
        assert!(n < 10_000, "rows without end");
    }
    (verdict, rows.trouble().map_or(Ok(n), |t| Err(t.clone())))
}

#[test]
fn regress_an_altered_row_is_found_and_never_makes_rows_without_end() {
    let (verdict, rows) = altered("");
    assert_eq!((verdict.rows, verdict.altered, verdict.unchained), (302, None, 0));
    assert!(verdict.last.len() == 64 && rows.unwrap() >= 299);
    for (sql, row) in [
        ("UPDATE reading SET raw = 61.0 WHERE n = 100 AND k = 0", 100),
        ("UPDATE reading SET t_arr_s = t_arr_s + 1 WHERE n = 100", 100),
        ("UPDATE heard SET t_wall_utc_us = 0 WHERE n = 100", 100),
        ("UPDATE heard SET chain = NULL, text = 'x' WHERE n = 100", 101),
        ("DELETE FROM reading WHERE n = 100 AND k = 1", 100),
        ("DELETE FROM heard WHERE n = 100; DELETE FROM reading WHERE n = 100", 101),
        ("UPDATE header SET value = 'another' WHERE name = 'series'", 0),
    ] {
        let (verdict, rows) = altered(sql);
        let series = sql.contains("series");
        assert!(series || verdict.altered.as_ref().is_some_and(|(n, _)| *n == row), "{sql}: {:?}", verdict.altered);
        assert!(rows.is_ok(), "{sql}: what can be read still plays");
    }
    let (verdict, rows) = altered("UPDATE heard SET at_s = 1e15 WHERE n = 100");
    assert_eq!(verdict.altered.map(|a| a.0), Some(100));
    assert!(
        rows.unwrap_err().to_string().starts_with("row 100 is damaged or was altered: its time is 1000000000000000 s")
    );
    let (_, rows) = altered("UPDATE heard SET at_s = 0.0 WHERE n = 100");
    assert!(rows.is_err(), "nor does time step back");
}

#[test]
fn a_recording_of_an_earlier_version_is_read_without_a_chain() {
    let (verdict, rows) = altered("ALTER TABLE heard DROP COLUMN chain; PRAGMA user_version = 1");
    assert_eq!((verdict.rows, verdict.unchained, verdict.altered), (0, 302, None));
    assert!(rows.is_ok());
}

#[test]
fn regress_a_copy_of_a_file_beside_it_is_not_another_part() {
    let dir = tempfile::tempdir().unwrap();
    let mut tape = recorder(dir.path(), Bounds::default());
    let steps = steady(50);
    let until_s = steps.last().unwrap().0;
    rows(&mut Script::new(steps), &map(), Some(&mut tape), until_s);
    drop(tape);
    let path = recorded(dir.path()).remove(0);
    let copy = dir.path().join("a-copy.sqlite");
    std::fs::copy(&path, &copy).unwrap();
    for asked in [&path, &copy] {
        let reader = Reader::open(asked).unwrap();
        assert_eq!((reader.files(), reader.rows(0, 1000).unwrap().len()), (vec![asked.as_path()], 52));
    }
}
