//! The wire: the only file of the program that opens a connection, and it can only ask.
//!
//! What can leave is closed: a [`ReadReq`] (Modbus functions 1 to 4), a [`Packet`] (an MQTT listener), a GET, one of three
//! reports of a miner. No function takes bytes from its caller, none publishes, posts or writes a register; adding one
//! would have to be done here. Everything that leaves is counted by what it is, for the proof on screen. Every wait has
//! a deadline; a link that misses one is dropped by its owner, unless a late answer would be known as one.
//! Redirects are not followed and no proxy of the environment is used: what the map names is what is asked.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "the one place that opens connections")]

mod deadline;
mod sent;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};

use super::map::Ask;
use super::modbus::{self, Answer, HEADER, MAX_FRAME, Misfit, ReadReq};
use super::mqtt::{self, Broker, Incoming, Packet};
use deadline::Deadline;
pub use deadline::Trouble;
pub use sent::{KINDS, Sent};

/// Longest web page or miner's report that is read, bytes.
const MAX_TEXT: u64 = 16 << 20;
/// Late answers that are passed over before a connection counts as out of step.
const MAX_LATE: u32 = 16;

/// Look-ups of names that wait for a server at the same time; each holds a thread that nothing can end.
static LOOKING: AtomicUsize = AtomicUsize::new(0);
const MOST_LOOKING: usize = 64;

/// The addresses of `host:port`. The system has no deadline for a name, so that a thread waits for it.
fn addresses(host: &str, deadline: Deadline) -> Result<Vec<SocketAddr>, Trouble> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    if LOOKING.fetch_add(1, Ordering::Relaxed) >= MOST_LOOKING {
        LOOKING.fetch_sub(1, Ordering::Relaxed);
        return Err(Trouble::Link(format!("{host}: the name server does not answer")));
    }
    let (to, from) = crossbeam_channel::bounded(1);
    let name = host.to_owned();
    let look = move || {
        let found = name.to_socket_addrs().map(Iterator::collect);
        LOOKING.fetch_sub(1, Ordering::Relaxed);
        // Whoever asked may have given up.
        to.send(found).ok();
    };
    if let Err(e) = std::thread::Builder::new().name("ballast-names".to_owned()).spawn(look) {
        LOOKING.fetch_sub(1, Ordering::Relaxed);
        return Err(Trouble::Link(format!("{host}: {e}")));
    }
    match from.recv_timeout(deadline.left()?) {
        Ok(found) => found.map_err(|e| Trouble::Link(format!("{host}: {e}"))),
        Err(_) => Err(Trouble::Link(format!("{host}: the name server does not answer in time"))),
    }
}

/// A connected socket whose writes and reads end by a deadline.
struct Line(TcpStream);

impl Line {
    fn open(host: &str, deadline: Deadline) -> Result<Self, Trouble> {
        let addresses = addresses(host, deadline)?;
        let mut last = Trouble::Link(format!("{host} has no address"));
        for a in addresses {
            match TcpStream::connect_timeout(&a, deadline.left()?) {
                Ok(stream) => {
                    // A request is one small segment; it should not wait for company.
                    stream.set_nodelay(true).map_err(|e| Trouble::of(&e, deadline.timeout))?;
                    return Ok(Self(stream));
                }
                Err(e) => last = Trouble::of(&e, deadline.timeout),
            }
        }
        Err(last)
    }

    /// Only this file calls it, with what one of the closed encoders gave.
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<(), Trouble> {
        self.0.set_write_timeout(Some(deadline.left()?)).map_err(|e| Trouble::of(&e, deadline.timeout))?;
        self.0.write_all(bytes).map_err(|e| Trouble::of(&e, deadline.timeout))
    }

    /// Throws away what came without being asked for; how many bytes that was.
    fn drain(&mut self, deadline: Deadline) -> Result<usize, Trouble> {
        let trouble = |e: std::io::Error| Trouble::of(&e, deadline.timeout);
        self.0.set_nonblocking(true).map_err(trouble)?;
        let (mut some, mut bytes) = ([0; MAX_FRAME], 0);
        let end = loop {
            match self.0.read(&mut some) {
                Ok(n @ 1..) if bytes < MAX_LATE as usize * MAX_FRAME => bytes += n,
                Err(e) if e.kind() == ErrorKind::WouldBlock => break Ok(bytes),
                Err(e) => break Err(trouble(e)),
                Ok(_) => break Err(Trouble::Link("the other side closed the connection".to_owned())),
            }
        };
        self.0.set_nonblocking(false).map_err(trouble)?;
        end
    }

    /// `torn` is set while a part of what has to come is there and the rest is not.
    fn fill(&mut self, buffer: &mut [u8], deadline: Deadline, torn: &mut bool) -> Result<(), Trouble> {
        let mut got = 0;
        while got < buffer.len() {
            self.0.set_read_timeout(Some(deadline.left()?)).map_err(|e| Trouble::of(&e, deadline.timeout))?;
            match self.0.read(&mut buffer[got..]) {
                Ok(0) => return Err(Trouble::Link("the other side closed the connection".to_owned())),
                Ok(n) => (got, *torn) = (got + n, true),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(Trouble::of(&e, deadline.timeout)),
            }
        }
        Ok(())
    }
}

/// How far a device's answers name their request: its transaction, and its unit. Some gateways echo neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// An answer carries the transaction of its request.
    pub transaction: bool,
    /// And its unit.
    pub unit: bool,
}

/// One Modbus device, or a gateway to several.
pub struct Modbus {
    line: Line,
    transaction: u16,
    echo: Echo,
    /// The stream ended within an answer, or what came was none.
    torn: bool,
    /// Answers to earlier requests that were passed over.
    pub late: u64,
}

impl Modbus {
    /// Connects.
    ///
    /// # Errors
    /// [`Trouble`] if nobody answers in time.
    pub fn connect(host: &str, echo: Echo, timeout: Duration) -> Result<Self, Trouble> {
        let line = Line::open(host, Deadline::after(timeout))?;
        Ok(Self { line, transaction: 0, echo, torn: false, late: 0 })
    }

    /// Whether the connection can be used after a time-out: a late answer would be known as one.
    #[must_use]
    pub fn in_step(&self) -> bool {
        self.echo.transaction && !self.torn
    }

    /// Asks, and waits for the answer to this very request; `sent` counts what leaves. After an error the connection must not be used again, but for
    /// a time-out while it is [`Modbus::in_step`].
    ///
    /// # Errors
    /// [`Trouble`] if none comes in time, or what comes is none.
    pub fn read(&mut self, request: &ReadReq, timeout: Duration, sent: &Sent) -> Result<Answer, Trouble> {
        let outcome = self.exchange(*request, Deadline::after(timeout), sent);
        self.torn |= outcome.as_ref().is_err_and(|e| !matches!(e, Trouble::TimeOut(_)));
        outcome
    }

    fn exchange(&mut self, request: ReadReq, deadline: Deadline, sent: &Sent) -> Result<Answer, Trouble> {
        // Without transactions a second copy of the last answer would pass for the answer to this request.
        if !self.echo.transaction && self.line.drain(deadline)? > 0 {
            self.late += 1;
        }
        self.transaction = self.transaction.wrapping_add(1);
        let bytes = request.encode(self.transaction);
        self.line.send(&bytes, deadline)?;
        sent.left(bytes.len());
        sent.note(KINDS[usize::from(request.table().code()) - 1]);
        for _ in 0..MAX_LATE {
            let mut frame = [0; MAX_FRAME];
            self.line.fill(&mut frame[..HEADER], deadline, &mut self.torn)?;
            let mut header = [0; HEADER];
            header.copy_from_slice(&frame[..HEADER]);
            let Some(body) = modbus::body_bytes(header) else { return Err(Misfit::Length.into()) };
            self.line.fill(&mut frame[HEADER..HEADER + body], deadline, &mut self.torn)?;
            self.torn = false;
            sent.came(HEADER + body);
            let transaction = self.echo.transaction.then_some(self.transaction);
            match modbus::answer(&frame[..HEADER + body], &request, transaction, self.echo.unit) {
                Ok(answer) => return Ok(answer),
                Err(Misfit::OtherTransaction) => self.late += 1,
                Err(e) => return Err(e.into()),
            }
        }
        Err(Misfit::OtherTransaction.into())
    }
}

/// A broker that is listened to.
pub struct Mqtt {
    line: Line,
    tls: Option<Box<rustls::ClientConnection>>,
    sent: Arc<Sent>,
    inbox: Vec<u8>,
    /// Bytes at the head of `inbox` that were handed out.
    read: usize,
    /// Places of the filters that the broker refuses; never all of them.
    pub refused: Vec<usize>,
}

impl Mqtt {
    /// Connects, introduces itself and subscribes.
    ///
    /// # Errors
    /// [`Trouble`] if the broker is not there, or refuses.
    pub fn connect(b: &Broker, filters: &[String], timeout: Duration, sent: Arc<Sent>) -> Result<Self, Trouble> {
        let deadline = Deadline::after(timeout);
        let line = Line::open(b.host, deadline)?;
        let tls = match b.tls {
            None => None,
            Some(ca) => Some(Box::new(secure(b.host, ca)?)),
        };
        let mut link = Self { line, tls, sent, inbox: Vec::new(), read: 0, refused: Vec::new() };
        link.send(&Packet::Connect { client: b.client, account: b.account, keep_alive_s: b.keep_alive_s }, deadline)?;
        link.expect(deadline, |p| match p {
            Incoming::ConnAck(0) => Some(Ok(())),
            Incoming::ConnAck(code) => Some(Err(mqtt::refusal(code))),
            _ => None,
        })?;
        link.send(&Packet::Subscribe { id: 1, filters }, deadline)?;
        let mut refused = Vec::new();
        link.expect(deadline, |p| match p {
            Incoming::SubAck(1, codes) => {
                refused = codes.iter().enumerate().filter(|(_, c)| **c == 0x80).map(|(i, _)| i).collect();
                let none = !refused.is_empty() && refused.len() == codes.len();
                let first = filters.first().map_or("?", String::as_str);
                Some(if none { Err(format!("may not subscribe to {first}")) } else { Ok(()) })
            }
            _ => None,
        })?;
        link.refused = refused;
        Ok(link)
    }

    fn expect(
        &mut self,
        deadline: Deadline,
        mut wanted: impl FnMut(Incoming) -> Option<Result<(), String>>,
    ) -> Result<(), Trouble> {
        let mut outcome = None;
        while outcome.is_none() {
            let left = deadline.left()?;
            self.listen(left, |p| outcome = outcome.take().or(wanted(p)))?;
        }
        outcome.unwrap_or(Ok(())).map_err(Trouble::Protocol)
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// [`Trouble`] if the link is gone.
    pub fn ping(&mut self, timeout: Duration) -> Result<(), Trouble> {
        self.send(&Packet::Ping, Deadline::after(timeout))
    }

    fn send(&mut self, packet: &Packet, deadline: Deadline) -> Result<(), Trouble> {
        let bytes = packet.encode().ok_or_else(|| Trouble::Protocol("a text is too long for MQTT".to_owned()))?;
        self.sent.note(packet.name());
        self.sent.left(bytes.len());
        let Some(tls) = &mut self.tls else { return self.line.send(&bytes, deadline) };
        tls.writer().write_all(&bytes).map_err(|e| Trouble::of(&e, deadline.timeout))?;
        self.flush(deadline)
    }

    /// Sends what TLS has ready, handshake included.
    fn flush(&mut self, deadline: Deadline) -> Result<(), Trouble> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        while tls.wants_write() {
            self.line.0.set_write_timeout(Some(deadline.left()?)).map_err(|e| Trouble::of(&e, deadline.timeout))?;
            tls.write_tls(&mut self.line.0).map_err(|e| Trouble::of(&e, deadline.timeout))?;
        }
        Ok(())
    }

    /// Waits for at most `wait` for something, and hands on each packet that is complete. Silence is no error.
    ///
    /// # Errors
    /// [`Trouble`] if the link is gone or the stream is not MQTT.
    pub fn listen(&mut self, wait: Duration, mut each: impl FnMut(Incoming)) -> Result<(), Trouble> {
        let deadline = Deadline::after(wait);
        self.flush(deadline)?;
        self.receive(deadline)?;
        self.flush(Deadline::after(Duration::from_secs(1)))?;
        loop {
            match mqtt::read(&self.inbox[self.read..]) {
                Ok(Some((packet, used))) => {
                    each(packet);
                    self.read += used;
                }
                Ok(None) => break,
                Err(e) => return Err(Trouble::Protocol(e.to_string())),
            }
        }
        self.inbox.drain(..self.read);
        self.read = 0;
        Ok(())
    }

    fn receive(&mut self, deadline: Deadline) -> Result<(), Trouble> {
        let Ok(left) = deadline.left() else { return Ok(()) };
        self.line.0.set_read_timeout(Some(left)).map_err(|e| Trouble::of(&e, deadline.timeout))?;
        let closed = || Trouble::Link("the broker closed the connection".to_owned());
        let silence = |e: &std::io::Error| {
            matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
        };
        let mut some = [0; 16 << 10];
        let Some(tls) = &mut self.tls else {
            return match self.line.0.read(&mut some) {
                Ok(0) => Err(closed()),
                Ok(n) => {
                    self.sent.came(n);
                    self.inbox.extend_from_slice(&some[..n]);
                    Ok(())
                }
                Err(e) if silence(&e) => Ok(()),
                Err(e) => Err(Trouble::of(&e, deadline.timeout)),
            };
        };
        match tls.read_tls(&mut self.line.0) {
            Ok(0) => return Err(closed()),
            Ok(_) => {}
            Err(e) if silence(&e) => return Ok(()),
            Err(e) => return Err(Trouble::of(&e, deadline.timeout)),
        }
        tls.process_new_packets().map_err(|e| Trouble::Protocol(format!("TLS: {e}")))?;
        loop {
            match tls.reader().read(&mut some) {
                Ok(0) => return Err(closed()),
                Ok(n) => {
                    self.sent.came(n);
                    self.inbox.extend_from_slice(&some[..n]);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(Trouble::of(&e, deadline.timeout)),
            }
        }
    }
}

impl Drop for Mqtt {
    fn drop(&mut self) {
        // Good manners; whether it arrives makes no difference.
        if let Err(e) = self.send(&Packet::Disconnect, Deadline::after(Duration::from_millis(200))) {
            log::debug!("no leave taken of a broker: {e}");
        }
    }
}

fn secure(host: &str, ca: Option<&str>) -> Result<rustls::ClientConnection, Trouble> {
    let wrong = |e: &dyn std::fmt::Display| Trouble::Protocol(format!("TLS: {e}"));
    let mut roots = rustls::RootCertStore::empty();
    match ca {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            for cert in CertificateDer::pem_file_iter(path).map_err(|e| wrong(&format!("{e}: {path}")))? {
                let cert = cert.map_err(|e| wrong(&format!("{e}: {path}")))?;
                roots.add(cert).map_err(|e| wrong(&format!("{e}: {path}")))?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| wrong(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
    let name = ServerName::try_from(name).map_err(|e| wrong(&e))?;
    rustls::ClientConnection::new(Arc::new(config), name).map_err(|e| wrong(&e))
}

/// What a web server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its text.
    pub text: String,
    /// The server says that it is OpenMetrics: then its end is marked.
    pub open_metrics: bool,
}

/// A web server that is asked by GET.
pub struct Http {
    agent: ureq::Agent,
    url: String,
    sent: Arc<Sent>,
}

impl Http {
    /// For one address. `ca` is an authority file (PEM) where it is not a public one.
    ///
    /// # Errors
    /// [`Trouble`] if the authority file cannot be read.
    pub fn new(url: &str, ca: Option<&str>, timeout: Duration, sent: Arc<Sent>) -> Result<Self, Trouble> {
        let mut tls = ureq::tls::TlsConfig::builder();
        if let Some(path) = ca {
            let pem = std::fs::read(path).map_err(|e| Trouble::Link(format!("{e}: {path}")))?;
            let certs: Vec<_> = ureq::tls::parse_pem(&pem)
                .filter_map(|item| match item {
                    Ok(ureq::tls::PemItem::Certificate(c)) => Some(c),
                    _ => None,
                })
                .collect();
            tls = tls.root_certs(ureq::tls::RootCerts::Specific(Arc::new(certs)));
        }
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .tls_config(tls.build())
            .build()
            .new_agent();
        Ok(Self { agent, url: url.to_owned(), sent })
    }

    /// The page.
    ///
    /// # Errors
    /// [`Trouble`] if it does not come in time, or not with status 200.
    pub fn get(&self) -> Result<Page, Trouble> {
        self.sent.note("GET");
        let trouble = |e: ureq::Error| match e {
            ureq::Error::Timeout(_) => Trouble::Link("no answer in time".to_owned()),
            e => Trouble::Link(e.to_string()),
        };
        let mut answer = self.agent.get(&self.url).call().map_err(trouble)?;
        match answer.status().as_u16() {
            200 => {
                let kind = answer.headers().get("content-type").and_then(|t| t.to_str().ok()).unwrap_or_default();
                let open_metrics = kind.starts_with("application/openmetrics-text");
                let bytes = answer.body_mut().with_config().limit(MAX_TEXT).read_to_vec().map_err(trouble)?;
                self.sent.came(bytes.len());
                // One byte that is no text costs its line, not the page.
                Ok(Page { text: String::from_utf8_lossy(&bytes).into_owned(), open_metrics })
            }
            code => Err(Trouble::Protocol(format!("status {code}"))),
        }
    }
}

/// Asks one miner for one report; it closes the connection after its answer.
///
/// # Errors
/// [`Trouble`] if it does not answer in time.
pub fn ask_miner(host: &str, ask: Ask, timeout: Duration, sent: &Sent) -> Result<Vec<u8>, Trouble> {
    let deadline = Deadline::after(timeout);
    let (words, kind): (&[u8], _) = match ask {
        Ask::Summary => (br#"{"command":"summary"}"#, "summary"),
        Ask::Stats => (br#"{"command":"stats"}"#, "stats"),
        Ask::Devs => (br#"{"command":"devs"}"#, "devs"),
    };
    let mut line = Line::open(host, deadline)?;
    line.send(words, deadline)?;
    sent.note(kind);
    sent.left(words.len());
    let (mut answer, mut some) = (Vec::new(), [0; 4096]);
    loop {
        line.0.set_read_timeout(Some(deadline.left()?)).map_err(|e| Trouble::of(&e, timeout))?;
        match line.0.read(&mut some) {
            Ok(0) => return Ok(answer),
            Ok(n) => {
                sent.came(n);
                answer.extend_from_slice(&some[..n]);
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(Trouble::of(&e, timeout)),
        }
        // The end is a NUL; some miners keep the connection open behind it.
        if answer.last() == Some(&0) || answer.len() > super::cgminer::MAX_ANSWER {
            return Ok(answer);
        }
    }
}
