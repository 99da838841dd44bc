//! A hub on loopback: files with ranges, as hubs have them, and all that goes wrong on the way, with a log.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Bytes written at a time.
const PIECE: usize = 64 * 1024;

/// One request, and how much of its answer's body went out.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// How many came before.
    pub(crate) number: usize,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) sent: usize,
}

impl Visit {
    /// A header by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte wanted, if a range is.
    pub(crate) fn from(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The connection ends after so many bytes.
    cut: Option<usize>,
    /// Nothing more comes after so many bytes, and the connection stays.
    hang: Option<usize>,
    /// The body comes in chunks, again and again.
    endless: bool,
    /// Whether `Content-Length` is sent.
    says_length: bool,
    /// Between two pieces.
    pause: Duration,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        let (headers, body, pause) = (Vec::new(), Vec::new(), Duration::ZERO);
        Self { status, headers, body, cut: None, hang: None, endless: false, says_length: true, pause }
    }

    pub(crate) fn whole(body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..Self::status(200) }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::status(302).with("Location", to)
    }

    /// As a good server answers: a range, if it is one of this version.
    pub(crate) fn file(visit: &Visit, tag: &str, body: &[u8]) -> Self {
        let same = visit.header("if-range").is_none_or(|wanted| wanted == tag);
        let whole = Self::whole(body).with("ETag", tag).with("Accept-Ranges", "bytes");
        match visit.from().filter(|_| same) {
            None => whole,
            Some(from) if from >= body.len() => Self::status(416),
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
                let body = body[from..].to_vec();
                Self { status: 206, body, ..whole }.with("Content-Range", &range)
            }
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn cut_after(self, bytes: usize) -> Self {
        Self { cut: Some(bytes), ..self }
    }

    pub(crate) fn hang_after(self, bytes: usize) -> Self {
        Self { hang: Some(bytes), ..self }
    }

    pub(crate) fn endless(self) -> Self {
        Self { endless: true, ..self }
    }

    /// Ends where the connection does, and says nothing of its length.
    pub(crate) fn without_length(self) -> Self {
        Self { says_length: false, ..self }
    }

    pub(crate) fn slow(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }
}

type Answer = dyn Fn(&Visit) -> Reply + Send + Sync;

/// A server, until dropped.
pub(crate) struct Hub {
    pub(crate) root: String,
    address: std::net::SocketAddr,
    log: Arc<Mutex<Vec<Visit>>>,
    ends: Arc<AtomicBool>,
}

impl Hub {
    pub(crate) fn serve(answer: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (log, ends): (Arc<Mutex<Vec<Visit>>>, Arc<AtomicBool>) = Default::default();
        let (answer, visits, over): (Arc<Answer>, _, _) = (Arc::new(answer), Arc::clone(&log), Arc::clone(&ends));
        thread::spawn(move || {
            while let Ok((connection, _)) = listener.accept() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (answer, visits, over) = (Arc::clone(&answer), Arc::clone(&visits), Arc::clone(&over));
                thread::spawn(move || converse(connection, &visits, &*answer, &over));
            }
        });
        Self { root: format!("http://{address}"), address, log, ends }
    }

    pub(crate) fn visits(&self) -> Vec<Visit> {
        self.log.lock().unwrap().clone()
    }

    /// The visits to a path with this end.
    pub(crate) fn visits_to(&self, end: &str) -> Vec<Visit> {
        self.visits().into_iter().filter(|visit| visit.path.ends_with(end)).collect()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

/// One request a connection.
fn converse(mut connection: TcpStream, log: &Mutex<Vec<Visit>>, answer: &Answer, over: &AtomicBool) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if head.len() > 65_536 || connection.read_exact(&mut byte).is_err() {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let Some(path) = lines.next().and_then(|line| line.split(' ').nth(1)).map(str::to_owned) else { return };
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let headers = pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let visit = {
        let mut log = log.lock().unwrap();
        let visit = Visit { number: log.len(), path, headers, sent: 0 };
        log.push(visit.clone());
        visit
    };
    let count = |sent: usize| log.lock().unwrap()[visit.number].sent += sent;
    let _ = send(&mut connection, &answer(&visit), &count, over);
    let _ = connection.shutdown(Shutdown::Write);
    // Until the other side has read it: closing at once would take back what is on its way.
    let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
    let _ = connection.read(&mut [0; 16]);
}

fn send(connection: &mut TcpStream, reply: &Reply, count: &dyn Fn(usize), over: &AtomicBool) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} \r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &if reply.endless {
        "Transfer-Encoding: chunked\r\n\r\n".to_owned()
    } else if !reply.says_length {
        "\r\n".to_owned()
    } else {
        format!("Content-Length: {}\r\n\r\n", reply.body.len())
    };
    connection.write_all(head.as_bytes())?;
    let endless = vec![7; PIECE];
    while reply.endless && !over.load(Ordering::Relaxed) {
        connection.write_all(format!("{PIECE:x}\r\n").as_bytes())?;
        connection.write_all(&endless)?;
        connection.write_all(b"\r\n")?;
        count(PIECE);
    }
    let most = reply.cut.or(reply.hang).unwrap_or(reply.body.len()).min(reply.body.len());
    for piece in reply.body[..most].chunks(PIECE) {
        connection.write_all(piece)?;
        count(piece.len());
        thread::sleep(reply.pause);
    }
    while reply.hang.is_some() && !over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
