//! The server of the little web: HTTP/1.1 over plain TCP on loopback, every host on one port, told
//! apart by the Host header. It serves whatever it is asked for, refused pictures too, and writes
//! down each request: the log is what shows that nobody asked.

use super::{
    reply::{self, After},
    sites,
};
use chrono::{DateTime, Utc};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// Most connections at a time; more wait.
const MAX_CONNECTIONS: usize = 512;

/// Longest request head read, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Most requests written down.
const MAX_LOGGED: usize = 100_000;

/// How long a connection may lie idle.
const IDLE: Duration = Duration::from_secs(30);

/// How long one answer may take, the endless ones too.
const LONGEST_ANSWER: Duration = Duration::from_mins(1);

/// One request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Of the Host header, lower case, without port.
    pub(crate) host: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) user_agent: String,
    pub(crate) at: DateTime<Utc>,
}

/// The running server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    log: Log,
    server: JoinHandle<()>,
}

/// Starts the server on a free port of loopback.
pub(crate) async fn start() -> io::Result<Web> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let log = Log::default();
    let server = tokio::spawn(accept(listener, log.clone()));
    Ok(Web { address, log, server })
}

impl Web {
    /// All requests so far, in the order they came.
    pub(crate) fn log(&self) -> Vec<Request> {
        self.log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Web {
    /// Ends the accepting task, which owns the tasks of all connections.
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<Request>>>);

impl Log {
    /// Writes a request down; tells whether it is the first of its kind.
    fn add(&self, request: Request) -> bool {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !log.iter().any(|earlier| earlier.host == request.host && earlier.path == request.path);
        if log.len() < MAX_LOGGED {
            log.push(request);
        }
        first
    }
}

async fn accept(listener: TcpListener, log: Log) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut tasks = JoinSet::new();
    loop {
        let Ok(room) = Arc::clone(&connections).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let log = log.clone();
                tasks.spawn(async move {
                    // A client that goes away is its own affair.
                    let _ = serve(stream, &log).await;
                    drop(room);
                });
            }
            // Out of file handles, mostly: some will come back.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        while tasks.try_join_next().is_some() {}
    }
}

/// Answers one request after the other on one connection.
async fn serve(mut stream: TcpStream, log: &Log) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    loop {
        let Some(head) = timeout(IDLE, next_head(&mut stream, &mut read)).await?? else { return Ok(()) };
        let Some(request) = parse(&head) else { return reply::bad_request(&mut stream).await };
        let first = log.add(request.clone());
        let found = sites::find(&request.host, &request.path);
        match timeout(LONGEST_ANSWER, reply::send(&mut stream, found, first)).await?? {
            After::Open => {}
            After::Close => return Ok(()),
        }
    }
}

/// The next request head from the connection; `None` at its end. What follows it stays in `read`.
async fn next_head(stream: &mut TcpStream, read: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    const END: &[u8] = b"\r\n\r\n";
    loop {
        if let Some(end) = read.windows(END.len()).position(|window| window == END) {
            let rest = read.split_off(end + END.len());
            return Ok(Some(std::mem::replace(read, rest)));
        }
        if read.len() > MAX_HEAD_BYTES || stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

/// Reads a GET request; `None` where it is something else.
fn parse(head: &[u8]) -> Option<Request> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let path = lines.next()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?.to_owned();
    let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let field =
        |name: &str| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
    let host = field("host")?.split(':').next()?.to_ascii_lowercase();
    Some(Request { host, path, user_agent: field("user-agent").unwrap_or_default().to_owned(), at: Utc::now() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    /// Asks on a connection of its own; everything that comes within the time given.
    async fn ask(web: &Web, host: &str, path: &str, within: Duration) -> Vec<u8> {
        let mut stream = TcpStream::connect(web.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = timeout(within, async {
            // Endless ones are let go after a while.
            while answer.len() < 2_000_000 && stream.read_buf(&mut answer).await.is_ok_and(|count| count > 0) {}
        })
        .await;
        answer
    }

    fn shows(answer: &[u8], text: &str) -> bool {
        answer.windows(text.len()).any(|window| window == text.as_bytes())
    }

    #[tokio::test]
    async fn hosts_are_told_apart_and_requests_written_down() {
        let web = start().await.unwrap();
        let quick = Duration::from_millis(300);
        for (host, path, start, holds) in [
            ("harbour-photos.example", "/", "HTTP/1.1 200", "<figcaption>Old photograph of wooden boats"),
            ("img.harbour-photos.example", "/2026/12-narwhals.jpg", "HTTP/1.1 200", "image/jpeg"),
            ("harbour-photos.example", "/no/such", "HTTP/1.1 404", "Not found"),
            ("harbour-photos.example", "/robots.txt", "HTTP/1.1 200", "Disallow: /admin/"),
            ("somebody-else.com", "/2026/12-narwhals.jpg", "HTTP/1.1 404", "Not found"),
            ("closed-to-all.example", "/p/01-kitten-with-yarn.jpg", "HTTP/1.1 200", "image/jpeg"),
            ("img-noai.example", "/p/11-polar-bear.jpg", "HTTP/1.1 200", "X-Robots-Tag: noimageai"),
            ("img-paywall.example", "/p/56-hubble-deep-field.jpg", "HTTP/1.1 402", "Crawler-Price: "),
            ("busy-once.example", "/p/38-biplane-from-above.jpg", "HTTP/1.1 503", "Retry-After: 1"),
            ("busy-once.example", "/p/38-biplane-from-above.jpg", "HTTP/1.1 200", "image/jpeg"),
        ] {
            let answer = ask(&web, host, path, quick).await;
            let text = String::from_utf8_lossy(&answer[..answer.len().min(300)]).into_owned();
            assert!(text.starts_with(start) && shows(&answer, holds), "{host}{path}: {text}");
        }
        let log = web.log();
        assert_eq!(log.len(), 10);
        assert_eq!((log[0].host.as_str(), log[0].path.as_str()), ("harbour-photos.example", "/"));
        assert_eq!(log[0].user_agent, "test");
    }

    #[tokio::test]
    async fn hostile_hosts_are_hostile() {
        let web = start().await.unwrap();
        let trouble = async |host: &str, file: &str, millis: u64| {
            let host = format!("{host}.trouble-town.example");
            ask(&web, &host, &format!("/p/{file}"), Duration::from_millis(millis)).await
        };
        assert!(trouble("mute", "18-dandelion-seeds.jpg", 300).await.is_empty());
        assert!(trouble("endless", "12-narwhals.jpg", 5000).await.len() >= 2_000_000);
        let zeros = trouble("zeros", "13-swan-family.jpg", 1000).await;
        assert!(shows(&zeros, "Content-Encoding: gzip") && zeros.len() > 20_000);
        let drip = trouble("drip", "19-acanthus-stem.jpg", 450).await;
        let head = drip.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        assert!((1..=6).contains(&(drip.len() - head)), "{}", drip.len() - head);
        assert!(trouble("sleeper", "21-fig-in-red-bowl.jpg", 300).await.is_empty());
        assert!(shows(&trouble("boaster", "14-dolphin-underwater.jpg", 300).await, "Content-Length: 9000000000"));
        let bomb = trouble("bomb", "27-blurred-clock.png", 3000).await;
        assert!(bomb.windows(8).any(|window| window == [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]));
        assert!(shows(&trouble("circle", "22-espresso-cup.jpg", 300).await, "Location: /q/"));
        assert!(ask(&web, "hangs-up.example", "/robots.txt", Duration::from_millis(300)).await.is_empty());
    }

    #[tokio::test]
    async fn one_connection_carries_several_requests_and_ends_with_the_web() {
        let web = start().await.unwrap();
        let mut stream = TcpStream::connect(web.address).await.unwrap();
        let request = "GET /robots.txt HTTP/1.1\r\nHost: closed-to-all.example\r\n\r\n";
        stream.write_all(request.repeat(2).as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while answer.windows(8).filter(|window| *window == b"HTTP/1.1").count() < 2
            || !answer.ends_with(b"Disallow: /\n")
        {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
        }
        drop(web);
        assert_eq!(stream.read_buf(&mut answer).await.unwrap_or(0), 0);
    }
}
