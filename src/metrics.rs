//! Metrics in Prometheus' text format (version 0.0.4), for whoever asks at the address of `--metrics`.

use crate::{exit::Stop, run::Run};
use std::{fmt::Write as _, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

/// Whoever asks has so long for a question, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest question read.
const LONGEST_QUESTION: usize = 8192;

/// A metrics endpoint, until dropped.
pub(crate) struct Metrics(JoinHandle<()>);

impl Metrics {
    /// Serves the metrics of `run` at `address`.
    pub(crate) async fn serve(run: Arc<Run>, address: SocketAddr) -> Result<Self, Stop> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let hint = "choose a free one, for example `--metrics 127.0.0.1:9187`, or leave it out";
            Stop::yours(format!("metrics cannot be served at `{address}`: {error}"), hint)
        })?;
        Ok(Self(tokio::spawn(async move {
            // One after the other: there is one Prometheus, and it asks every few seconds.
            loop {
                match listener.accept().await {
                    Ok((connection, _)) => drop(timeout(PATIENCE, answer(connection, &run)).await),
                    // Too many files open, for the moment.
                    Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
                }
            }
        })))
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn answer(mut connection: TcpStream, run: &Run) -> std::io::Result<()> {
    let mut question = Vec::new();
    let mut piece = [0; 1024];
    while !question.windows(4).any(|end| end == b"\r\n\r\n") && question.len() < LONGEST_QUESTION {
        match connection.read(&mut piece).await? {
            0 => return Ok(()),
            length => question.extend_from_slice(&piece[..length]),
        }
    }
    let (status, body) = match question.split(|byte| *byte == b' ').nth(1) {
        Some(b"/metrics") => ("200 OK", text(run)),
        _ => ("404 Not Found", "metrics are at /metrics\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(body.as_bytes()).await?;
    connection.shutdown().await
}

fn text(run: &Run) -> String {
    let stages = run.stages();
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: Vec<(String, u64)>| {
        let _ = writeln!(text, "# HELP pinakes_{name} {help}\n# TYPE pinakes_{name} {kind}");
        for (labels, value) in samples {
            let _ = writeln!(text, "pinakes_{name}{labels} {value}");
        }
    };
    let by_stage = |of: fn(&crate::run::View) -> u64| -> Vec<(String, u64)> {
        stages.iter().map(|(stage, view)| (format!("{{stage=\"{stage}\"}}"), of(view))).collect()
    };
    family("tasks", "gauge", "Tasks of the stage.", by_stage(|view| view.tasks));
    family("tasks_done", "gauge", "Tasks of the stage that are done.", by_stage(|view| view.done));
    let mut ends = Vec::new();
    for (stage, view) in &stages {
        ends.push((format!("{{stage=\"{stage}\",end=\"kept\"}}"), view.rows.kept()));
        for (reason, count) in view.rows.dropped() {
            ends.push((format!("{{stage=\"{stage}\",end=\"{reason}\"}}"), *count));
        }
    }
    family("rows_total", "counter", "Rows that came to this end: kept, or the reason of the drop.", ends);
    let alone = |value: u64| vec![(String::new(), value)];
    family("requests_total", "counter", "HTTP requests sent to hosts.", alone(run.requests()));
    family("picture_bytes_total", "counter", "Bytes of pictures kept by fetch.", alone(run.live.bytes()));
    family("hosts_active", "gauge", "Hosts that fetch is at work with.", alone(run.live.hosts()));
    text
}
