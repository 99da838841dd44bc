//! A server of archives on loopback that can be as bad as servers are, with a log of all visits.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What happens to a body on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// It arrives.
    Whole,
    /// The connection ends after so many bytes.
    Cut(usize),
    /// Nothing more comes after so many bytes, and the connection stays.
    Hang(usize),
    /// One byte each time.
    Trickle(Duration),
    /// No answer at all.
    Mute,
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) way: Way,
    /// Time before the head.
    pub(crate) pause: Duration,
    /// Whether `Content-Length` is sent.
    pub(crate) says_length: bool,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            way: Way::Whole,
            pause: Duration::ZERO,
            says_length: true,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::status(200) }
    }

    /// As a good server answers: ranges, and If-Match against `tag`.
    pub(crate) fn file(visit: &Visit, tag: &str, body: &[u8]) -> Self {
        if visit.header("if-match").is_some_and(|wanted| wanted != tag) {
            return Self::status(412);
        }
        let whole = Self::ok(body).with("ETag", tag);
        match visit.from() {
            None => whole,
            Some(from) if from >= body.len() => Self::status(416),
            Some(from) => whole.part(from),
        }
    }

    /// What follows byte `from`, as such.
    pub(crate) fn part(mut self, from: usize) -> Self {
        let range = format!("bytes {from}-{}/{}", self.body.len() - 1, self.body.len());
        self.body.drain(..from);
        Self { status: 206, ..self }.with("Content-Range", &range)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn way(self, way: Way) -> Self {
        Self { way, ..self }
    }

    pub(crate) fn after(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// How many came before.
    pub(crate) number: usize,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) began: Instant,
    /// When the last byte went out, or the other side hung up.
    pub(crate) ended: Option<Instant>,
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

type Answer = dyn Fn(&Visit) -> Reply + Send + Sync;

/// A server, until dropped.
pub(crate) struct Web {
    pub(crate) root: String,
    visits: Arc<Mutex<Vec<Visit>>>,
    listener: JoinHandle<()>,
}

impl Web {
    pub(crate) async fn serve(answer: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", socket.local_addr().unwrap());
        let visits: Arc<Mutex<Vec<Visit>>> = Arc::default();
        let (log, answer): (_, Arc<Answer>) = (Arc::clone(&visits), Arc::new(answer));
        let listener = tokio::spawn(async move {
            while let Ok((connection, _)) = socket.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move { converse(connection, &log, &*answer).await });
            }
        });
        Self { root, visits, listener }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    pub(crate) fn visits(&self) -> Vec<Visit> {
        self.visits.lock().unwrap().clone()
    }

    /// The most visits that were under way at one time.
    pub(crate) fn most_at_once(&self) -> usize {
        let visits = self.visits();
        let under_way = |moment: Instant| {
            let open = |visit: &&Visit| visit.began <= moment && visit.ended.is_none_or(|ended| ended > moment);
            visits.iter().filter(open).count()
        };
        visits.iter().map(|visit| under_way(visit.began)).max().unwrap_or(0)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn converse(mut connection: TcpStream, log: &Mutex<Vec<Visit>>, answer: &Answer) {
    while let Some((path, headers)) = request(&mut connection).await {
        let visit = {
            // Logged before it is answered, so that none is missed.
            let mut log = log.lock().unwrap();
            let visit = Visit { number: log.len(), path, headers, began: Instant::now(), ended: None };
            log.push(visit.clone());
            visit
        };
        let end = || log.lock().unwrap()[visit.number].ended = Some(Instant::now());
        let stays = send(&mut connection, answer(&visit), &end).await;
        if !stays.unwrap_or(false) {
            return;
        }
    }
}

/// Sends a reply, and tells whether the connection may serve another. `end` is called before the
/// last byte goes out, since then the other side may already begin something new.
async fn send(connection: &mut TcpStream, reply: Reply, end: &(dyn Fn() + Sync)) -> io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} \r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &if reply.says_length { format!("Content-Length: {}\r\n\r\n", reply.body.len()) } else { "\r\n".into() };
    tokio::time::sleep(reply.pause).await;
    if reply.body.is_empty() && matches!(reply.way, Way::Whole) {
        end();
    }
    if !matches!(reply.way, Way::Mute) {
        connection.write_all(head.as_bytes()).await?;
    }
    match reply.way {
        Way::Whole => {
            end();
            connection.write_all(&reply.body).await?;
            return Ok(reply.says_length);
        }
        Way::Cut(bytes) => {
            end();
            connection.write_all(&reply.body[..bytes]).await?;
        }
        Way::Hang(bytes) => connection.write_all(&reply.body[..bytes]).await?,
        Way::Trickle(pause) => {
            for byte in &reply.body {
                if connection.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(pause).await;
            }
        }
        Way::Mute => {}
    }
    if !matches!(reply.way, Way::Cut(_)) {
        // Until the other side has had enough.
        let _ = connection.read(&mut [0; 16]).await;
        end();
    }
    Ok(false)
}

async fn request(connection: &mut TcpStream) -> Option<(String, BTreeMap<String, String>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let pairs = lines.filter_map(|line| line.split_once(':'));
    Some((path, pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect()))
}
