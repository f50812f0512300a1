//! TLS of the feed, against servers of others: a broker and a web page behind certificates of an authority made for the
//! test. A server that the authority did not sign is not believed.
//!
//! Ignored where they are not there: mosquitto with its clients, openssl, Python 3.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it starts the servers")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A page of metrics over HTTPS.
const PAGE: &str = r#"
import http.server, ssl, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"gpu_watts 7000\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"#;

/// Ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn start(dir: &Path, program: &str, args: &[&str], port: u16) -> Server {
    let child = Command::new(program).args(args).current_dir(dir).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let server = Server(child.unwrap_or_else(|e| panic!("{program}: {e}")));
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "{program} does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn openssl(dir: &Path, words: &str) {
    let done = Command::new("openssl").args(words.split(' ')).current_dir(dir).output().expect("openssl");
    assert!(done.status.success(), "{words}: {}", String::from_utf8_lossy(&done.stderr));
}

/// `NAME.pem` and its key: an authority.
fn authority(dir: &Path, name: &str) {
    openssl(
        dir,
        &format!("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"),
    );
}

/// A certificate for `localhost`, signed by `ca`.
fn certificates(dir: &Path) {
    authority(dir, "ca");
    authority(dir, "stranger");
    fs::write(dir.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    openssl(dir, "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
    openssl(
        dir,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
}

/// What a probe says of the site when `ca` is believed; none: the public authorities.
fn probe(dir: &Path, [broker, web]: [u16; 2], ca: Option<&str>) -> Value {
    let ca = ca.map_or_else(String::new, |name| format!("ca: Some(\"{}\"),", dir.join(name).display()));
    let map = format!(
        r#"(name: "tls", source: "servers of this test",
        plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1"]),
        endpoints: [
            (name: "broker", link: Mqtt(host: "localhost:{broker}", tls: true, {ca} client: "console"), groups: [
                (name: "all", period_ms: 1000, tags: [(name: "f", at: Json(topic: "bus", pointer: "/f"), unit: "Hz",
                    valid: (40, 75), stale_s: 60, to: "site.f_hz")])]),
            (name: "page", link: Http(url: "https://localhost:{web}/metrics", {ca}), groups: [
                (name: "all", period_ms: 500, tags: [(name: "gpu", at: Metric(name: "gpu_watts"), unit: "W",
                    valid: (0, 1e6), stale_s: 60, to: "site.gpu_kw")])]),
        ])"#
    );
    let file = dir.join("site.ron");
    fs::write(&file, map).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_ballast"))
        .args(["feed", "probe", "--json", "--seconds", "3"])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&done.stderr)))
}

#[test]
#[ignore = "needs mosquitto, openssl and Python 3"]
fn tls_is_spoken_with_who_is_signed_and_with_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    certificates(at);
    let [broker, web] = [free_port(), free_port()];
    fs::write(
        at.join("broker.conf"),
        format!(
            "listener {broker} 127.0.0.1\nallow_anonymous true\nuser root\ncertfile server.pem\nkeyfile server.key\n"
        ),
    )
    .unwrap();
    fs::write(at.join("page.py"), PAGE).unwrap();
    let _broker = start(at, "mosquitto", &["-c", "broker.conf"], broker);
    let _web = start(at, "python3", &["page.py", &web.to_string()], web);
    let said = Command::new("mosquitto_pub")
        .args(["-h", "localhost", "--cafile", "ca.pem", "-t", "bus", "-r", "-m", r#"{"f": 59.9}"#])
        .args(["-p", &broker.to_string()])
        .current_dir(at)
        .status();
    assert!(said.expect("mosquitto_pub").success());

    let good = probe(at, [broker, web], Some("ca.pem")).to_string();
    // what a broker kept from before is told as uncertain
    assert!(good.contains(r#""value":59.9"#) && good.contains(r#""value":7.0"#), "{good}");
    for believed in [None, Some("stranger.pem")] {
        let bad = probe(at, [broker, web], believed).to_string();
        assert_eq!(bad.matches(r#""accepted":0"#).count(), 2, "{bad}");
        assert!(bad.to_lowercase().contains("certificate"), "the reason is said: {bad}");
    }
}
