//! The other end of a connection, in the hands of somebody who means no good.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

/// What a server does once it has read a request.
pub(crate) type Act = Arc<dyn Fn(&mut Peer) -> io::Result<()> + Send + Sync>;

/// Between two bytes of a server that is in no hurry: often enough to be alive, too seldom to end.
const DRIP: Duration = Duration::from_millis(250);

/// Between two pieces of a flood.
const PAUSE: Duration = Duration::from_millis(10);

/// Bytes both ways.
pub(crate) trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// A connection and how far it has come.
pub(crate) struct Peer {
    pub(crate) stream: Box<dyn Stream>,
    /// The socket under it.
    pub(crate) socket: TcpStream,
    /// Which request this is to the same path, from 0.
    pub(crate) earlier: usize,
    /// What the other side has taken, as far as the system tells.
    pub(crate) sent: u64,
    /// Whether another request may follow.
    pub(crate) stays_open: bool,
}

impl Peer {
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let mut rest = bytes.as_ref();
        while !rest.is_empty() {
            let taken = self.stream.write(rest)?;
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.sent += taken as u64;
            rest = &rest[taken..];
        }
        self.stream.flush()
    }

    /// A head with these lines after the status.
    pub(crate) fn head(&mut self, status: u16, lines: &[&str]) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {status} \r\n");
        for line in lines {
            head += &format!("{line}\r\n");
        }
        self.send(head + "\r\n")
    }

    /// A whole answer, with its true length.
    pub(crate) fn whole(&mut self, status: u16, lines: &[&str], body: impl AsRef<[u8]>) -> io::Result<()> {
        let length = format!("Content-Length: {}", body.as_ref().len());
        self.head(status, &[&[length.as_str(), "Connection: close"], lines].concat())?;
        self.send(body)
    }

    /// A picture as it should be.
    pub(crate) fn picture(&mut self, media_type: &str, body: impl AsRef<[u8]>) -> io::Result<()> {
        self.whole(200, &[&format!("Content-Type: {media_type}")], body)
    }

    /// A redirect.
    pub(crate) fn redirect(&mut self, to: &str) -> io::Result<()> {
        self.whole(302, &[&format!("Location: {to}")], b"")
    }

    /// One chunk (RFC 9112 section 7.1).
    pub(crate) fn chunk(&mut self, piece: &[u8]) -> io::Result<()> {
        self.send([format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat())
    }

    /// The same again and again, until the other side has had enough.
    pub(crate) fn forever(&mut self, piece: &[u8]) -> io::Result<()> {
        loop {
            self.send(piece)?;
        }
    }

    /// The same without end, and no faster than a good line: for what only the deadline ends.
    pub(crate) fn for_as_long_as_it_takes(&mut self, piece: &[u8]) -> io::Result<()> {
        loop {
            self.send(piece)?;
            std::thread::sleep(PAUSE);
        }
    }

    /// A byte at a time.
    pub(crate) fn drip(&mut self, bytes: &[u8]) -> io::Result<()> {
        for byte in bytes {
            self.send([*byte])?;
            std::thread::sleep(DRIP);
        }
        Ok(())
    }

    /// Nothing, until the other side hangs up.
    pub(crate) fn wait(&mut self) -> io::Result<()> {
        let mut sink = [0; 1024];
        while self.stream.read(&mut sink)? > 0 {}
        Ok(())
    }

    /// Hangs up by a reset instead of an orderly end.
    pub(crate) fn reset(&mut self) -> io::Result<()> {
        socket2::SockRef::from(&self.socket).set_linger(Some(Duration::ZERO))
    }
}
