//! Who is asked: nginx over a folder, and a server that takes its time.

use std::{
    collections::HashMap,
    error::Error,
    fmt::Write as _,
    net::TcpListener as Listener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
};

/// Longest time that a server of ours takes for an answer.
pub(crate) const LATENCY: Duration = Duration::from_millis(200);

/// A server of one folder under any name, until dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// nginx, as fast as it is.
    pub(crate) fn nginx(folder: &Path, root: &Path) -> Result<Self, Box<dyn Error>> {
        let port = free_port()?;
        let root = std::fs::canonicalize(root)?;
        let mut text = String::new();
        write!(
            text,
            "daemon off; worker_processes 1; pid {here}/nginx.pid; error_log {here}/nginx.log;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; types {{ image/jpeg jpg; }} sendfile on; keepalive_requests 100000;\n\
               client_body_temp_path {here}/b; proxy_temp_path {here}/p; fastcgi_temp_path {here}/f;\n\
               uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;\n\
               server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }} }}\n",
            here = folder.display(),
            root = root.display(),
        )?;
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text)?;
        let child = Command::new("nginx").arg("-c").arg(&file).stderr(Stdio::null()).spawn()?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(Self { child, port })
    }

    /// One that waits for [`LATENCY`] before each answer: this program in another process.
    pub(crate) fn slow(root: &Path) -> Result<Self, Box<dyn Error>> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        let child = command.arg("slow").arg(std::fs::canonicalize(root)?).arg(port.to_string()).spawn()?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(Self { child, port })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx's worker ends with it only if it is asked, not killed.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if asked.is_ok() {
            let _ = self.child.wait();
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(Listener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Files by their names. They are read once, so that the server takes as little as can be from those it serves.
type Files = HashMap<String, Vec<u8>>;

/// Serves the files of `root`, each answer after [`LATENCY`], until it is killed.
pub(crate) fn serve_slowly(root: &str, port: u16) -> Result<(), Box<dyn Error>> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?);
    }
    let files = Arc::new(files);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((std::net::Ipv4Addr::LOCALHOST, port).into())?;
        // All hosts are asked at once.
        let listener = socket.listen(4096)?;
        loop {
            let (connection, _) = listener.accept().await?;
            tokio::spawn(converse(connection, Arc::clone(&files)));
        }
    })
}

/// Answers one request after the other; whoever breaks off is let go.
async fn converse(connection: TcpStream, files: Arc<Files>) -> std::io::Result<()> {
    let mut connection = BufReader::new(connection);
    let mut line = String::new();
    loop {
        let (mut path, mut closes) = (String::new(), false);
        while connection.read_line(&mut line).await? > 2 {
            if path.is_empty() {
                path = line.split(['/', '?', ' ']).nth(2).unwrap_or_default().to_owned();
            }
            closes |= line.trim().eq_ignore_ascii_case("connection: close");
            line.clear();
        }
        if path.is_empty() {
            return Ok(());
        }
        line.clear();
        tokio::time::sleep(LATENCY).await;
        let (status, body) = match files.get(&path) {
            Some(body) => ("200 OK", &body[..]),
            None => ("404 Not Found", &[][..]),
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", body.len());
        connection.get_mut().write_all(head.as_bytes()).await?;
        connection.get_mut().write_all(body).await?;
        if closes {
            return Ok(());
        }
    }
}
