//! A web server on loopback that answers after a while and remembers who came.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub(super) struct Web {
    pub(super) address: SocketAddr,
    log: Arc<Log>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Log {
    hosts: Mutex<Vec<String>>,
    connections: AtomicUsize,
    underway: AtomicUsize,
    most_underway: AtomicUsize,
}

impl Web {
    /// Answers each request after `time`.
    pub(super) async fn start(time: Duration) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), time)
    }

    pub(super) fn on(listener: TcpListener, time: Duration) -> Self {
        let (address, log) = (listener.local_addr().unwrap(), Arc::<Log>::default());
        let kept = Arc::clone(&log);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                log.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&log), time));
            }
        });
        Self { address, log: kept, serving }
    }

    /// Hosts asked for, in their order.
    pub(super) fn hosts(&self) -> Vec<String> {
        self.log.hosts.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    /// Most requests that waited for their answer at a time.
    pub(super) fn most_underway(&self) -> usize {
        self.log.most_underway.load(Ordering::SeqCst)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Log>, time: Duration) {
    let mut head = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut head).await {
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8(std::mem::take(&mut head)).unwrap().to_ascii_lowercase();
        let host = text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        log.hosts.lock().unwrap().push(host.to_owned());
        log.most_underway.fetch_max(log.underway.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(time).await;
        log.underway.fetch_sub(1, Ordering::SeqCst);
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.is_err() {
            return;
        }
    }
}
