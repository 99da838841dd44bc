//! Serves the hostile web on loopback: a thread a connection, so that those who take their time hold up
//! nobody, hosts told apart by the Host header, and a log of all visits.

use super::{
    behaviour::{Behaviour, Line},
    peer::Peer,
    tls,
};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    io::{self, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Nobody is waited for longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest request head read.
const LONGEST_HEAD: usize = 64 * 1024;

/// One request as the server saw it, or one connection to what is no server of HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) host: String,
    pub(crate) path: String,
    /// The whole request head, in lower case.
    pub(crate) head: String,
    pub(crate) began: Instant,
    /// When the answer was over, or nobody listened any more.
    pub(crate) ended: Instant,
    /// What was sent.
    pub(crate) bytes: u64,
}

impl Visit {
    /// Whether it was for one of the files in which a site states its terms.
    pub(crate) fn is_of_site(&self) -> bool {
        let file = self.path.rsplit('/').next().unwrap_or_default();
        matches!(file, "robots.txt" | "tdmrep.json" | "ai.txt" | "trust.txt") || self.path.starts_with("/terms/")
    }
}

/// The web, until dropped.
pub(crate) struct Server {
    pub(crate) behaviours: Arc<Vec<Behaviour>>,
    /// The rules that lead there, for `fetch.resolve`.
    pub(crate) resolve: Vec<String>,
    addresses: Vec<SocketAddr>,
    visits: Arc<Mutex<Vec<Visit>>>,
    closing: Arc<AtomicBool>,
    listeners: Vec<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Serves what `table` holds, which is told the port of plain HTTP.
    pub(crate) fn serve(table: impl FnOnce(u16) -> Vec<Behaviour>) -> Self {
        let socket = listen();
        let port = socket.local_addr().unwrap().port();
        let mut server = Self {
            behaviours: Arc::new(table(port)),
            resolve: Vec::new(),
            addresses: Vec::new(),
            visits: Arc::default(),
            closing: Arc::default(),
            listeners: Vec::new(),
        };
        for (line, config) in
            [(Line::Tls, tls::trusted()), (Line::SelfSigned, tls::self_signed()), (Line::Expired, tls::expired())]
        {
            let config = Arc::new(config);
            let hosts = server.hosts_on(&line);
            server.open(listen(), &hosts, "", move |socket| tls_over(socket, &config), None);
        }
        for number in 0..server.behaviours.len() {
            let Line::Raw { tls } = server.behaviours[number].line else { continue };
            let config = Arc::new(tls::speaking_http_2());
            let hosts = [server.behaviours[number].host.clone()];
            let wrap = move |socket: TcpStream| {
                if tls { tls_over(socket, &config) } else { Ok(Box::new(socket) as Box<dyn super::peer::Stream>) }
            };
            server.open(listen(), &hosts, "", wrap, Some(number));
        }
        // Last, since the first rule that fits counts.
        server.open(socket, &["*.hostile.example".into()], "http://", |socket| Ok(Box::new(socket)), None);
        server
    }

    /// All visits so far, in the order they began.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        let mut visits = self.visits.lock().unwrap().clone();
        visits.sort_by_key(|visit| visit.began);
        visits
    }

    fn hosts_on(&self, line: &Line) -> Vec<String> {
        self.behaviours.iter().filter(|one| one.line == *line).map(|one| one.host.clone()).collect()
    }

    /// Takes connections for `hosts`; all of them are for the behaviour of this number where there is one.
    fn open(
        &mut self,
        socket: TcpListener,
        hosts: &[String],
        scheme: &str,
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn super::peer::Stream>> + Send + Sync + 'static,
        only: Option<usize>,
    ) {
        let address = socket.local_addr().unwrap();
        self.resolve.extend(hosts.iter().map(|host| format!("{host}={scheme}{address}")));
        self.addresses.push(address);
        let (behaviours, visits) = (Arc::clone(&self.behaviours), Arc::clone(&self.visits));
        let (closing, wrap) = (Arc::clone(&self.closing), Arc::new(wrap));
        self.listeners.push(std::thread::spawn(move || {
            for connection in socket.incoming().flatten() {
                if closing.load(Ordering::SeqCst) {
                    return;
                }
                let (behaviours, visits, wrap) = (Arc::clone(&behaviours), Arc::clone(&visits), Arc::clone(&wrap));
                std::thread::spawn(move || {
                    let Ok(mut peer) = meet(connection, &*wrap) else { return };
                    match only {
                        Some(number) => ambush(&mut peer, &behaviours[number], &visits),
                        None => while converse(&mut peer, &behaviours, &visits) {},
                    }
                });
            }
        }));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        for address in &self.addresses {
            // Wakes the listener, which then sees that it is over.
            let _ = TcpStream::connect(address);
        }
        for listener in self.listeners.drain(..) {
            let _ = listener.join();
        }
    }
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn tls_over(socket: TcpStream, config: &Arc<ServerConfig>) -> io::Result<Box<dyn super::peer::Stream>> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    Ok(Box::new(StreamOwned::new(connection, socket)))
}

fn meet(socket: TcpStream, wrap: &dyn Fn(TcpStream) -> io::Result<Box<dyn super::peer::Stream>>) -> io::Result<Peer> {
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.set_nodelay(true)?;
    let stream = wrap(socket.try_clone()?)?;
    Ok(Peer { stream, socket, earlier: 0, sent: 0, stays_open: false })
}

/// Treats a connection as `behaviour` does, whatever is asked there.
fn ambush(peer: &mut Peer, behaviour: &Behaviour, visits: &Mutex<Vec<Visit>>) {
    let (number, earlier) = log(visits, &behaviour.host, "(connection)", String::new());
    peer.earlier = earlier;
    if let Some((_, act)) = behaviour.routes.first() {
        let _ = act(peer);
    }
    end(visits, number, peer.sent);
}

/// Reads a request and answers it; whether another may follow.
fn converse(peer: &mut Peer, behaviours: &[Behaviour], visits: &Mutex<Vec<Visit>>) -> bool {
    let Some(head) = read_head(peer) else { return false };
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let host = head.lines().find_map(|line| line.strip_prefix("host:")).unwrap_or_default().trim();
    // Whatever port the request names, it came here.
    let host = host.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix(':').unwrap_or(host).to_owned();
    let (number, earlier) = log(visits, &host, &path, head);
    (peer.earlier, peer.sent, peer.stays_open) = (earlier, 0, false);
    let act = behaviours.iter().find(|one| one.host == host).and_then(|one| one.act(&path));
    let done = match act {
        Some(act) => act(peer),
        None if path == "/robots.txt" => peer.whole(200, &["Content-Type: text/plain"], "User-agent: *\nAllow: /\n"),
        None => peer.whole(404, &[], b""),
    };
    end(visits, number, peer.sent);
    done.is_ok() && peer.stays_open
}

fn read_head(peer: &mut Peer) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.ends_with(b"\r\n\r\n") {
        let length = peer.stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        head.extend_from_slice(&piece[..length]);
        if head.len() > LONGEST_HEAD {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&head).to_lowercase())
}

/// Writes a visit down before it is answered; its number, and how many there were before to the same place.
fn log(visits: &Mutex<Vec<Visit>>, host: &str, path: &str, head: String) -> (usize, usize) {
    let mut visits = visits.lock().unwrap();
    let earlier = visits.iter().filter(|known| known.host == host && known.path == path).count();
    let now = Instant::now();
    visits.push(Visit { host: host.into(), path: path.into(), head, began: now, ended: now, bytes: 0 });
    (visits.len() - 1, earlier)
}

fn end(visits: &Mutex<Vec<Visit>>, number: usize, bytes: u64) {
    let mut visits = visits.lock().unwrap();
    visits[number].ended = Instant::now();
    visits[number].bytes = bytes;
}
