//! A site of one meter that this process plays: it answers reads, falls silent and comes back.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "this is the meter that the console asks")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A meter with 60 Hz and 500 kW, whose third value has its words the other way round.
pub struct Meter {
    /// It takes requests and answers none.
    pub silent: Arc<AtomicBool>,
    /// It says 57.5 Hz.
    pub low_hz: Arc<AtomicBool>,
    /// The tag map that names it.
    pub map: PathBuf,
    _dir: tempfile::TempDir,
}

impl Meter {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap();
        let (silent, low_hz) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let switches = [Arc::clone(&silent), Arc::clone(&low_hz)];
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let switches = switches.clone();
                std::thread::spawn(move || drop(serve(stream, &switches)));
            }
        });
        let dir = tempfile::tempdir().unwrap();
        let map = dir.path().join("site.ron");
        let text = format!(
            r#"(
    name: "Test site", source: "made up",
    plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, sections: ["Bus"], gensets: ["G1"]),
    endpoints: [(name: "meter", link: Modbus(host: "{host}", timeout_ms: 300), groups: [(name: "fast", period_ms: 50, cosample: true, tags: [
        (name: "f", at: Reg(address: 0, kind: F32), unit: "Hz", valid: (40, 75), to: "site.f_hz"),
        (name: "p", at: Reg(address: 2, kind: F32), unit: "W", valid: (-1e5, 1.4e6), to: "site.gen_kw"),
        (name: "swapped", at: Reg(address: 4, kind: F32), unit: "V", valid: (400, 560)),
    ])])],
)"#
        );
        std::fs::write(&map, text).unwrap();
        Self { silent, low_hz, map, _dir: dir }
    }
}

fn serve(mut stream: TcpStream, [silent, low_hz]: &[Arc<AtomicBool>; 2]) -> std::io::Result<()> {
    for k in 0_u16.. {
        let mut request = [0; 12];
        stream.read_exact(&mut request)?;
        assert_eq!(request[7], 3, "nothing but reads");
        if silent.load(Ordering::SeqCst) {
            continue;
        }
        let f = if low_hz.load(Ordering::SeqCst) { 57.5 } else { 60.0 };
        let moves = f32::from(k % 100);
        let mut answer = request[..4].to_vec();
        answer.extend([0, 15, request[6], 3, 12]);
        answer.extend((f + 1e-4 * moves).to_be_bytes());
        answer.extend((500_000.0 + moves).to_be_bytes());
        let [a, b, c, d] = 480.0_f32.to_be_bytes();
        answer.extend([c, d, a, b]);
        stream.write_all(&answer)?;
    }
    Ok(())
}
