//! A name server on loopback that says what a test wants, and remembers what it was asked.

use hickory_resolver::proto::{
    op::{Message, OpCode, Query, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{CNAME, SOA},
    },
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
    task::JoinHandle,
};

/// What a name server says.
pub(super) enum Say {
    /// Those of the addresses that are of the family asked for, for so many seconds.
    Addresses(Vec<&'static str>, u32),
    /// Another name for it, which has the address.
    Alias(&'static str, &'static str),
    NoName,
    Error(ResponseCode),
    Nothing,
    /// Too much for a packet, so that it is to be asked for again by TCP.
    Long(Box<Say>),
    /// The same, after a while.
    Later(Duration, Box<Say>),
}

/// The nth question (from 0) for a name of this family.
pub(super) type Script = dyn Fn(&str, RecordType, usize) -> Say + Send + Sync;

pub(super) struct NameServer {
    pub(super) address: SocketAddr,
    log: Arc<Log>,
    serving: [JoinHandle<()>; 2],
}

struct Log {
    script: Box<Script>,
    asked: Mutex<Vec<(String, RecordType)>>,
    waiting: AtomicUsize,
    most_waiting: AtomicUsize,
}

impl NameServer {
    pub(super) async fn start(script: impl Fn(&str, RecordType, usize) -> Say + Send + Sync + 'static) -> Self {
        let log = Arc::new(Log {
            script: Box::new(script),
            asked: Mutex::default(),
            waiting: AtomicUsize::new(0),
            most_waiting: AtomicUsize::new(0),
        });
        let (packets, listener) = loop {
            let packets = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            // The same port may be somebody else's by TCP.
            if let Ok(listener) = TcpListener::bind(packets.local_addr().unwrap()).await {
                break (packets, listener);
            }
        };
        let address = packets.local_addr().unwrap();
        let by_packet = tokio::spawn(serve_packets(Arc::new(packets), Arc::clone(&log)));
        let by_stream = tokio::spawn(serve_streams(listener, Arc::clone(&log)));
        Self { address, log, serving: [by_packet, by_stream] }
    }

    /// All questions so far, in their order.
    pub(super) fn asked(&self) -> Vec<(String, RecordType)> {
        self.log.asked.lock().unwrap().clone()
    }

    /// Most questions that waited for an answer at a time.
    pub(super) fn most_at_once(&self) -> usize {
        self.log.most_waiting.load(Ordering::SeqCst)
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
    }
}

async fn serve_packets(socket: Arc<UdpSocket>, log: Arc<Log>) {
    let mut buffer = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        let question = Message::from_vec(&buffer[..length]).unwrap();
        let (socket, log) = (Arc::clone(&socket), Arc::clone(&log));
        tokio::spawn(async move {
            if let Some(answer) = log.answer(&question, true).await {
                socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
            }
        });
    }
}

/// Messages with their length before them (RFC 1035 section 4.2.2).
async fn serve_streams(listener: TcpListener, log: Arc<Log>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(length) = stream.read_u16().await {
                let mut buffer = vec![0; length.into()];
                stream.read_exact(&mut buffer).await.unwrap();
                let question = Message::from_vec(&buffer).unwrap();
                if let Some(answer) = log.answer(&question, false).await {
                    let answer = answer.to_vec().unwrap();
                    stream.write_u16(answer.len().try_into().unwrap()).await.unwrap();
                    stream.write_all(&answer).await.unwrap();
                }
            }
        });
    }
}

impl Log {
    async fn answer(&self, question: &Message, by_packet: bool) -> Option<Message> {
        let query = question.queries[0].clone();
        let key = (query.name().to_ascii(), query.query_type());
        let nth = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(key.clone());
            asked.iter().filter(|earlier| **earlier == key).count() - 1
        };
        self.most_waiting.fetch_max(self.waiting.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let mut say = (self.script)(&key.0, key.1, nth);
        while let Say::Later(time, then) = say {
            tokio::time::sleep(time).await;
            say = *then;
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        match say {
            Say::Long(_) if by_packet => {
                let mut cut = answer(question.id, &query, &Say::Addresses(vec![], 0))?;
                cut.metadata.truncation = true;
                Some(cut)
            }
            Say::Long(whole) => answer(question.id, &query, &whole),
            say => answer(question.id, &query, &say),
        }
    }
}

fn answer(id: u16, query: &Query, say: &Say) -> Option<Message> {
    let mut answer = Message::response(id, OpCode::Query);
    answer.add_query(query.clone());
    answer.metadata.recursion_available = true;
    let record = |name: &Name, address: &str, time| {
        Record::from_rdata(name.clone(), time, RData::from(address.parse::<IpAddr>().unwrap()))
    };
    let is_of_family = |record: &Record| record.record_type() == query.query_type();
    match say {
        Say::Addresses(addresses, time) => {
            let records = addresses.iter().map(|address| record(query.name(), address, *time));
            answer.add_answers(records.filter(is_of_family));
        }
        Say::Alias(name, address) => {
            let name = Name::from_ascii(name).unwrap();
            let alias = RData::CNAME(CNAME(name.clone()));
            answer.add_answers([Record::from_rdata(query.name().clone(), 300, alias)]);
            answer.add_answers(Some(record(&name, address, 300)).filter(is_of_family));
        }
        Say::NoName => answer.metadata.response_code = ResponseCode::NXDomain,
        Say::Error(code) => answer.metadata.response_code = *code,
        Say::Nothing | Say::Long(_) | Say::Later(..) => return None,
    }
    if answer.answers.is_empty() {
        let (zone, post) = (Name::from_ascii("example.").unwrap(), Name::from_ascii("post.example.").unwrap());
        let soa = SOA::new(zone.clone(), post, 1, 60, 60, 60, 86_400);
        answer.add_authorities([Record::from_rdata(zone, 86_400, RData::SOA(soa))]);
    }
    Some(answer)
}
