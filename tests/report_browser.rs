//! The debrief in a real browser: it renders, it prints, and it asks the network for nothing.
//!
//! Needs Chromium, so it is ignored unless asked for: `cargo test --test report_browser -- --ignored`. The page and its
//! pictures stay under `target/pictures/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ballast::engine::plate;
use ballast::journal::RunFile;
use ballast::report::debrief::{Debrief, Options, RunParts};
use ballast::scenario::builtin_scenario;
use ballast::training::score::Rubric;

fn browser() -> PathBuf {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let dirs = std::env::var_os("PATH").expect("a PATH");
    std::env::split_paths(&dirs)
        .flat_map(|d| names.map(|n| d.join(n)))
        .find(|p| p.is_file())
        .expect("Chromium is installed")
}

/// Runs the browser on a page with a profile of its own and gives the hosts that its network stack was asked for. No
/// name resolves, so nothing leaves the machine; the log of the network stack shows every attempt.
fn chromium(page: &Path, dir: &Path, args: &[&str]) -> (Output, BTreeSet<String>) {
    let log = dir.join("net.json");
    let out = Command::new(browser())
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"])
        .args(["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1200,1700", "--virtual-time-budget=3000"])
        .arg(format!("--user-data-dir={}", dir.join("profile").display()))
        .arg(format!("--log-net-log={}", log.display()))
        .args(args)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let net = fs::read_to_string(&log).expect("a log of the network stack");
    let urls = net.split("\"url\":\"").skip(1).filter_map(|s| s.split('"').next());
    let hosts = urls.filter(|u| u.starts_with("http") || u.starts_with("ws")).filter_map(|u| u.split('/').nth(2));
    (out, hosts.map(str::to_owned).collect())
}

fn page(dir: &Path) -> PathBuf {
    let s = builtin_scenario("step-limit-only").unwrap().unwrap();
    let mut run = RunFile::begin(&plate::plate(&s));
    run.until_s = s.run_s;
    let parts = RunParts { run, verify: "ballast score step-limit-only".to_owned(), ..RunParts::default() };
    let rubric = Arc::new(Rubric::named(None).unwrap());
    let options = Options { trainee: "A. Trainee".to_owned(), ..Options::default() };
    let d = Debrief::from_run(parts, rubric, &options, &mut |_| true).unwrap();
    let path = dir.join("debrief.html");
    fs::write(&path, d.html()).unwrap();
    path
}

#[test]
#[ignore = "needs Chromium"]
fn the_debrief_renders_and_prints_and_asks_the_network_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    fs::create_dir_all(&kept).unwrap();
    // what the browser asks for by itself, and that a page that fetches something is found out
    let bare = dir.path().join("bare.html");
    fs::write(&bare, "<!DOCTYPE html><title>bare</title>").unwrap();
    let (_, own) = chromium(&bare, dir.path(), &["--dump-dom"]);
    fs::write(&bare, "<!DOCTYPE html><img src=\"http://fetched.invalid/x.png\">").unwrap();
    let (_, fetched) = chromium(&bare, dir.path(), &["--dump-dom"]);
    assert!(fetched.contains("fetched.invalid"), "the log shows requests: {fetched:?}");

    let page = page(dir.path());
    let (dom, asked) = chromium(&page, dir.path(), &["--dump-dom"]);
    let foreign: Vec<_> = asked.difference(&own).collect();
    assert!(foreign.is_empty(), "the page asks for {foreign:?}");
    let dom = String::from_utf8_lossy(&dom.stdout);
    for part in ["1 Run", "2 Score", "9 Events", "10 Signature and verification"] {
        assert!(dom.contains(&format!("{part}</h2>")), "{part} is not in the page as parsed");
    }
    assert!(dom.contains("<svg") && dom.contains("A. Trainee"));

    let png = kept.join("debrief.png");
    chromium(&page, dir.path(), &[&format!("--screenshot={}", png.display())]);
    let picture = image::open(&png).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (1200, 1700));
    let ink = picture.pixels().filter(|p| p.0.iter().all(|c| *c < 90)).count();
    let paper = picture.pixels().filter(|p| p.0 == [255, 255, 255]).count();
    assert!(ink > 4_000 && paper > 800_000, "{ink} dark, {paper} white pixels: not a page of text and charts");

    let pdf = kept.join("debrief.pdf");
    chromium(&page, dir.path(), &["--no-pdf-header-footer", &format!("--print-to-pdf={}", pdf.display())]);
    let text = String::from_utf8_lossy(&fs::read(&pdf).unwrap()).into_owned();
    let pages = text.matches("/Type /Page\n").count().max(text.matches("/Type/Page/").count());
    assert!((2..=12).contains(&pages), "{pages} pages");
    fs::copy(&page, kept.join("debrief.html")).unwrap();
}
