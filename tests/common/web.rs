//! A web on loopback: one thread a connection, every host on one port, and a log of all visits.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A connection that says nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time to read a head and hang up.
const MOMENT: Duration = Duration::from_millis(1500);

/// What the web answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body waits until the other side has had time to read the head and hang up.
    pub(crate) held: bool,
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), held: false }
    }

    pub(crate) fn ok(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: vec![("Content-Type".into(), media_type.into())], body: body.into(), held: false }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::status(302).with("Location", to)
    }

    /// The same with another status.
    pub(crate) fn and_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same, its body sent only to who still listens a moment after the head.
    pub(crate) fn held(self) -> Self {
        Self { held: true, ..self }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// One request as the web saw it.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The Host header.
    pub(crate) host: String,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) user_agent: String,
    /// When its head had been read.
    pub(crate) began: Instant,
    /// When its answer was sent.
    pub(crate) ended: Instant,
    /// Whether the answer's body was sent, not only its head.
    pub(crate) body_sent: bool,
}

impl Visit {
    pub(crate) fn is_robots(&self) -> bool {
        self.path == "/robots.txt"
    }

    /// Host and path in one.
    pub(crate) fn place(&self) -> String {
        format!("{}{}", self.host, self.path)
    }
}

/// Answers by host and path; what is not in it is not found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes(BTreeMap<String, Vec<Answer>>);

impl Routes {
    /// Adds the answer to a URL without scheme: `host/path`.
    pub(crate) fn add(&mut self, place: &str, answer: Answer) {
        self.0.insert(place.into(), vec![answer]);
    }

    /// The same where the first visits are answered otherwise than all that come after them.
    pub(crate) fn add_in_turn(&mut self, place: &str, answers: Vec<Answer>) {
        self.0.insert(place.into(), answers);
    }

    /// The answer to a visit after so many `earlier` ones to the same place.
    fn answer(&self, place: &str, earlier: usize) -> Answer {
        let answers = self.0.get(place).map(Vec::as_slice).unwrap_or_default();
        answers.get(earlier).or(answers.last()).cloned().unwrap_or_else(|| Answer::status(404))
    }
}

/// All visits, and how many there were to each place.
#[derive(Debug, Default)]
struct Log {
    visits: Vec<Visit>,
    counts: HashMap<String, usize>,
}

impl Log {
    /// Gives the visit's number, and how many earlier ones there were to the same place.
    fn add(&mut self, visit: Visit) -> (usize, usize) {
        let count = self.counts.entry(visit.place()).or_default();
        *count += 1;
        self.visits.push(visit);
        (self.visits.len() - 1, *count - 1)
    }
}

/// A web being served, until dropped.
pub(crate) struct Web {
    address: SocketAddr,
    log: Arc<Mutex<Log>>,
    closing: Arc<AtomicBool>,
    listener: Option<std::thread::JoinHandle<()>>,
}

impl Web {
    pub(crate) fn serve(routes: Routes) -> Self {
        Self::serve_slowly(routes, Duration::ZERO)
    }

    /// The same with every answer so late.
    pub(crate) fn serve_slowly(routes: Routes, delay: Duration) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let log: Arc<Mutex<Log>> = Arc::default();
        let closing = Arc::new(AtomicBool::new(false));
        let routes = Arc::new(routes);
        let (kept, end) = (Arc::clone(&log), Arc::clone(&closing));
        let listener = std::thread::spawn(move || {
            for connection in socket.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let (routes, log) = (Arc::clone(&routes), Arc::clone(&kept));
                std::thread::spawn(move || converse(&connection, &routes, &log, delay));
            }
        });
        Self { address, log, closing, listener: Some(listener) }
    }

    /// The line that sends every host here: `*=http://127.0.0.1:port`, a plain mirror.
    pub(crate) fn resolve(&self) -> String {
        format!("*=http://{}", self.address)
    }

    /// How many visits there have been.
    pub(crate) fn visit_count(&self) -> usize {
        self.log.lock().unwrap().visits.len()
    }

    /// All visits so far, in the order they began.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        let mut visits = self.log.lock().unwrap().visits.clone();
        visits.sort_by_key(|visit| visit.began);
        visits
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// Reads one request, logs it, answers. Whoever breaks off half-way (a killed process) is let go.
fn converse(connection: &TcpStream, routes: &Routes, log: &Mutex<Log>, delay: Duration) {
    let _ = connection.set_read_timeout(Some(PATIENCE));
    let _ = connection.set_write_timeout(Some(PATIENCE));
    let Some(mut visit) = read_request(connection) else { return };
    let (number, earlier) = {
        // Logged before it is answered, so that a visit cannot be missed.
        log.lock().unwrap().add(visit.clone())
    };
    std::thread::sleep(delay);
    let answer = routes.answer(&visit.place(), earlier);
    let mut head =
        format!("HTTP/1.1 {} \r\nConnection: close\r\nContent-Length: {}\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut out = connection;
    let _ = out.write_all(format!("{head}\r\n").as_bytes());
    if !answer.held || still_listens(connection) {
        visit.body_sent = out.write_all(&answer.body).is_ok();
    }
    visit.ended = Instant::now();
    log.lock().unwrap().visits[number] = visit;
}

/// Whether the other side has not hung up after a moment.
fn still_listens(connection: &TcpStream) -> bool {
    let _ = connection.set_read_timeout(Some(MOMENT));
    connection.peek(&mut [0]).is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

fn read_request(connection: &TcpStream) -> Option<Visit> {
    let mut lines = BufReader::new(connection.take(64 * 1024)).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let (mut host, mut user_agent) = (String::new(), String::new());
    for line in lines {
        let line = line.ok()?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("host") => value.trim().clone_into(&mut host),
            Some((name, value)) if name.eq_ignore_ascii_case("user-agent") => value.trim().clone_into(&mut user_agent),
            Some(_) => {}
            None => {
                let now = Instant::now();
                return Some(Visit { host, path, user_agent, began: now, ended: now, body_sent: false });
            }
        }
    }
    None
}
