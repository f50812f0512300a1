//! The program as a person meets it: the real binary in a real window on a screen of its own, driven by keys and mouse
//! and judged by its pixels.
//!
//! `cargo test --test window -- --ignored --test-threads=1` needs Xvfb, xdotool and xwd (`.ci/run` installs them). It
//! leaves its pictures under `target/pictures/`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use image::{Rgb, RgbImage};

/// Software rendering on a busy machine is slow; a console that works answers long before.
const PATIENCE: Duration = Duration::from_mins(4);

/// x, y, width, height.
type Area = [u32; 4];

/// Areas of the shell, as they are drawn for one window size.
struct Shell {
    size: [u32; 2],
    status: Area,
    nav: Area,
    kpi: [Area; 2],
    banner: Area,
    mimic: Area,
    bringup: Area,
    strips: [Area; 3],
}

const SMALL: Shell = Shell {
    size: [1440, 900],
    status: [0, 0, 1440, 40],
    nav: [0, 40, 80, 860],
    kpi: [[80, 40, 170, 80], [1270, 40, 170, 80]],
    banner: [80, 820, 1360, 80],
    mimic: [80, 120, 620, 340],
    bringup: [80, 460, 620, 360],
    strips: [[700, 120, 600, 180], [700, 300, 600, 200], [700, 500, 600, 160]],
};

const LARGE: Shell = Shell {
    size: [1920, 1080],
    status: [0, 0, 1920, 40],
    nav: [0, 40, 80, 1040],
    kpi: [[80, 40, 230, 100], [1690, 40, 230, 100]],
    banner: [80, 980, 1840, 100],
    mimic: [80, 140, 720, 420],
    bringup: [80, 560, 720, 420],
    strips: [[800, 140, 980, 220], [800, 360, 980, 240], [800, 600, 980, 200]],
};

/// Window, panels and plots of a theme.
struct Ground {
    name: &'static str,
    bg: u32,
    panel: u32,
    inset: u32,
    /// Behind a forecast.
    future: u32,
}

const LIGHT: Ground =
    Ground { name: "light", bg: 0x00C9_CBCD, panel: 0x00D9_DBDD, inset: 0x00E9_EAEB, future: 0x00DF_E1E3 };
const DARK: Ground =
    Ground { name: "dark", bg: 0x002B_2F33, panel: 0x0034_393E, inset: 0x001E_2225, future: 0x0027_2C30 };

/// A virtual screen; it goes when this is dropped.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    fn start([w, h]: [u32; 2]) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-noreset", "-screen", "0", &format!("{w}x{h}x24"), "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { server, display: format!(":{}", number.trim()) }
    }

    fn tool(&self, name: &str) -> Command {
        let mut c = Command::new(name);
        c.env("DISPLAY", &self.display);
        c
    }

    fn picture(&self) -> RgbImage {
        let dump = self.tool("xwd").args(["-root", "-silent"]).output().expect("xwd is installed");
        assert!(dump.status.success(), "xwd: {}", String::from_utf8_lossy(&dump.stderr));
        from_xwd(&dump.stdout)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// Reads the dump of a true-colour screen.
fn from_xwd(dump: &[u8]) -> RgbImage {
    let word = |i: usize| u32::from_be_bytes(dump[4 * i..4 * i + 4].try_into().unwrap());
    let (header, w, h, bits, line, colors) = (word(0), word(4), word(5), word(11), word(12), word(19));
    assert_eq!(bits, 32, "a screen of 24 bits keeps 32 a pixel");
    let low_first = word(7) == 0;
    let first = (header + 12 * colors) as usize;
    RgbImage::from_fn(w, h, |x, y| {
        let at = first + (y * line + 4 * x) as usize;
        let p = &dump[at..at + 4];
        if low_first { Rgb([p[2], p[1], p[0]]) } else { Rgb([p[1], p[2], p[3]]) }
    })
}

/// The running program.
struct Window<'a> {
    screen: &'a Screen,
    program: Child,
    id: String,
    _config: tempfile::TempDir,
}

impl<'a> Window<'a> {
    fn open(screen: &'a Screen, [w, h]: [u32; 2], theme: &str, extra: &[&str]) -> Self {
        let config = tempfile::tempdir().unwrap();
        let folder = config.path().join("ballast");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("settings.ron"), format!("(version: 1, theme: {theme})")).unwrap();
        let mut program = screen
            .tool(env!("CARGO_BIN_EXE_ballast"))
            .args(["--size", &format!("{w}x{h}"), "--renderer", "glow"])
            .args(extra)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .env("XDG_CONFIG_HOME", config.path())
            .env("XDG_DATA_HOME", config.path())
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let start = Instant::now();
        let id = loop {
            let found = screen.tool("xdotool").args(["search", "--onlyvisible", "--name", "ballast$"]).output();
            let found = String::from_utf8(found.expect("xdotool is installed").stdout).unwrap();
            if let Some(id) = found.lines().next() {
                break id.to_owned();
            }
            let ended = program.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > PATIENCE {
                drop(program.kill());
                let mut why = String::new();
                program.stderr.take().unwrap().read_to_string(&mut why).unwrap();
                panic!("no window after {:?}, {ended:?}: {why}", start.elapsed());
            }
            sleep(Duration::from_millis(50));
        };
        let window = Self { screen, program, id, _config: config };
        // there is no window manager to give it the focus
        window.xdotool(&["windowfocus", "--sync", &window.id]);
        window
    }

    fn xdotool(&self, args: &[&str]) {
        let ran = self.screen.tool("xdotool").args(args).status().unwrap();
        assert!(ran.success(), "xdotool {args:?}");
    }

    fn key(&self, key: &str) {
        self.xdotool(&["key", "--clearmodifiers", key]);
    }

    fn click(&self, [x, y]: [u32; 2]) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
        sleep(Duration::from_millis(100));
        self.xdotool(&["click", "1"]);
    }

    /// Takes pictures until one is right; fails with what the last one had wrong.
    fn wait(&mut self, name: &str, mut wrong: impl FnMut(&RgbImage) -> Option<String>) -> RgbImage {
        let start = Instant::now();
        loop {
            let picture = self.screen.picture();
            let Some(why) = wrong(&picture) else {
                keep(&picture, name);
                return picture;
            };
            if start.elapsed() > PATIENCE {
                keep(&picture, &format!("{name}-wrong"));
                panic!("{name}: {why}");
            }
            if let Some(status) = self.program.try_wait().unwrap() {
                panic!("{name}: the program left: {status}");
            }
            sleep(Duration::from_millis(100));
        }
    }

    fn left(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.program.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "still open after {PATIENCE:?}");
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        drop(self.program.kill());
        drop(self.program.wait());
    }
}

fn keep(picture: &RgbImage, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    fs::create_dir_all(&folder).unwrap();
    picture.save(folder.join(format!("window-{name}.png"))).unwrap();
}

fn pixels(picture: &RgbImage, [x, y, w, h]: Area) -> impl Iterator<Item = u32> + '_ {
    (y..y + h).flat_map(move |y| (x..x + w).map(move |x| (x, y))).map(move |(x, y)| {
        let [r, g, b] = picture.get_pixel(x, y).0;
        u32::from_be_bytes([0, r, g, b])
    })
}

/// Shares of the colours of an area, the largest first.
fn colors(picture: &RgbImage, area: Area) -> Vec<(u32, f64)> {
    let mut count: HashMap<u32, u32> = HashMap::new();
    pixels(picture, area).for_each(|c| *count.entry(c).or_default() += 1);
    let all = f64::from(area[2] * area[3]);
    let mut shares: Vec<_> = count.into_iter().map(|(c, n)| (c, f64::from(n) / all)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    shares
}

/// Share of the pixels of an area that are not the same in two pictures.
fn changed(a: &RgbImage, b: &RgbImage, area: Area) -> f64 {
    let n = pixels(a, area).zip(pixels(b, area)).filter(|(a, b)| a != b).count();
    n as f64 / f64::from(area[2] * area[3])
}

/// What is wrong with the shell of a picture: each area must be mostly of its ground, and have something on it.
fn shell_wrong(picture: &RgbImage, shell: &Shell, g: &Ground) -> Option<String> {
    let [s0, s1, s2] = shell.strips;
    let edge = s0[0] + s0[2];
    let values = [edge, s0[1], shell.size[0] - edge, s0[3]];
    let areas = [
        ("status bar", shell.status, g.bg),
        ("rail", shell.nav, g.bg),
        ("item in use", [shell.nav[0] + 4, shell.nav[1] + 4, 72, 64], g.panel),
        ("first KPI", shell.kpi[0], g.bg),
        ("last KPI", shell.kpi[1], g.bg),
        ("one-line", shell.mimic, g.panel),
        ("bring-up", shell.bringup, g.panel),
        ("frequency strip", s0, g.inset),
        ("genset strip", s1, g.inset),
        ("load strip", s2, g.inset),
        ("values", values, g.panel),
        ("banner", shell.banner, g.bg),
    ];
    for (name, area, ground) in areas {
        let found = colors(picture, area);
        let (first, share) = found[0];
        if first != ground {
            return Some(format!("{name} is mostly {first:06x} ({share:.2}), not {ground:06x}"));
        }
        if found.len() < 3 {
            return Some(format!("{name} is empty"));
        }
    }
    // the edges: two columns of pixels on each side, clear of what is drawn across them
    let edges = [
        ("left edge of the strips", s0[0], g.panel, g.inset),
        ("right edge of the strips", edge, g.future, g.panel),
        ("edge of the rail", shell.nav[2], g.panel, g.bg),
    ];
    for (name, x, left, right) in edges {
        let y = if x == shell.nav[2] { shell.nav[1] + 20 } else { s0[1] + s0[3] - 8 };
        for (side, x, ground) in [("left", x - 4, left), ("right", x + 2, right)] {
            let (first, _) = colors(picture, [x, y, 2, 4])[0];
            if first != ground {
                return Some(format!("{side} of the {name} is {first:06x}, not {ground:06x}"));
            }
        }
    }
    None
}

/// The shell in one size and theme, the edges of its areas included.
fn looks_right(shell: &Shell, g: &Ground) {
    let screen = Screen::start(shell.size);
    let name = format!("operate-{}-{}x{}", g.name, shell.size[0], shell.size[1]);
    let mut window = Window::open(&screen, shell.size, g.name, &["--run"]);
    window.wait(&name, |p| shell_wrong(p, shell, g));
    window.key("ctrl+q");
    assert_eq!(window.left().code(), Some(0));
}

#[test]
#[ignore = "needs Xvfb, xdotool and xwd"]
fn light_1440x900() {
    looks_right(&SMALL, &LIGHT);
}

#[test]
#[ignore = "needs Xvfb, xdotool and xwd"]
fn dark_1440x900() {
    looks_right(&SMALL, &DARK);
}

#[test]
#[ignore = "needs Xvfb, xdotool and xwd"]
fn light_1920x1080() {
    looks_right(&LARGE, &LIGHT);
}

#[test]
#[ignore = "needs Xvfb, xdotool and xwd"]
fn dark_1920x1080() {
    looks_right(&LARGE, &DARK);
}

/// Where the bring-up panel says the state of the schedule.
fn state_words(shell: &Shell) -> Area {
    [shell.bringup[0] + 90, shell.bringup[1] + 8, 100, 34]
}

#[test]
#[ignore = "needs Xvfb, xdotool and xwd"]
fn a_bring_up_by_hand() {
    let shell = &SMALL;
    let screen = Screen::start(shell.size);
    let mut w = Window::open(&screen, shell.size, "light", &[]);
    let words = state_words(shell);
    // the view below the KPI strip
    let view = [80, 120, 1360, 700];
    let frozen = w.wait("hand-0-frozen", |p| shell_wrong(p, shell, &LIGHT));

    // it runs, and the built-in scenario starts its bring-up after 5 s
    w.key("ctrl+r");
    let idle = frozen.clone();
    let ramping = w.wait("hand-1-ramping", |p| {
        let words_changed = changed(p, &idle, words) > 0.02;
        let grew = changed(p, &idle, shell.strips[2]) > 0.002;
        (!(words_changed && grew)).then(|| "the bring-up does not start".to_owned())
    });

    w.key("F8");
    let held = w.wait("hand-2-hold", |p| (changed(p, &ramping, words) < 0.02).then(|| "F8 does not hold".to_owned()));

    // F9 asks, Enter answers
    w.key("F9");
    sleep(Duration::from_millis(500));
    keep(&screen.picture(), "hand-3-asked");
    w.key("Return");
    w.wait("hand-4-resumed", |p| (changed(p, &held, words) < 0.02).then(|| "F9 and Enter do not resume".to_owned()));

    w.key("F3");
    let tune = w.wait("hand-5-tune", |p| (changed(p, &held, view) < 0.2).then(|| "F3 shows nothing else".to_owned()));
    // back with the mouse: the first item of the rail
    w.click([40, 70]);
    w.wait("hand-6-operate", |p| {
        let back = changed(p, &tune, view) > 0.2 && shell_wrong(p, shell, &LIGHT).is_none();
        (!back).then(|| "the rail does not lead back".to_owned())
    });
    w.key("F3");
    w.wait("hand-7-tune", |p| (changed(p, &tune, shell.mimic) > 0.2).then(|| "F3 does not work twice".to_owned()));
    w.key("F1");
    w.wait("hand-8-operate", |p| shell_wrong(p, shell, &LIGHT));

    w.key("ctrl+q");
    assert_eq!(w.left().code(), Some(0));
}
