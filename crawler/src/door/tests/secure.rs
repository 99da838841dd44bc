//! TLS and HTTP/2. The certificates beside this file were made for it alone, with openssl, for
//! `secure.example` and a hundred years.

use super::sending::{agent, all_here, fetch};
use crate::door::{Door, Failure, names::Limits};
use consent::{Permit, SiteFile};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use url::Url;

const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
const SERVER: &[u8] = include_bytes!("certificates/server.pem");
const KEY: &[u8] = include_bytes!("certificates/server.key.pem");

/// A web server with a certificate, which speaks HTTP/2 and nothing else.
struct SecureWeb {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl SecureWeb {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (came, asked, acceptor) = (Arc::clone(&connections), Arc::clone(&requests), acceptor());
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                came.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, acceptor.clone(), Arc::clone(&asked)));
            }
        });
        Self { address, connections, requests, serving }
    }

    /// Connections, and requests on them.
    fn seen(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

impl Drop for SecureWeb {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn acceptor() -> TlsAcceptor {
    let certificates = CertificateDer::pem_slice_iter(SERVER).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = builder.with_single_cert(certificates, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, requests: Arc<AtomicUsize>) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        requests.fetch_add(1, Ordering::SeqCst);
        let mut body = respond.send_response(http::Response::new(()), false).unwrap();
        body.send_data("ok".into(), true).unwrap();
    }
}

/// A door that knows the test's authority beside nobody, or not even that.
async fn door(known: bool) -> Door {
    let dns = all_here().await;
    let limits = Limits::within(Duration::from_secs(5));
    let authority = reqwest::Certificate::from_pem(AUTHORITY).unwrap();
    let equip = |client: reqwest::ClientBuilder| if known { client.tls_certs_only([authority]) } else { client };
    let door = Door::open_within(&agent(), &fetch(&dns), limits, equip).unwrap();
    // While its name server is there.
    for host in ["secure.example", "other.example"] {
        door.names.find(host).await.unwrap();
    }
    door
}

async fn ask(door: &Door, host: &str, web: &SecureWeb) -> Result<Vec<u8>, Failure> {
    let url = Url::parse(&format!("https://{host}:{}/", web.address.port())).unwrap();
    door.send(&Permit::for_site_file(&url, SiteFile::Robots)).await?.body(10).await
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered_and_one_connection_serves() {
    let (web, door) = (SecureWeb::start().await, door(true).await);
    for _ in 0..5 {
        assert_eq!(ask(&door, "secure.example", &web).await.unwrap(), b"ok");
    }
    assert_eq!(web.seen(), (1, 5));
}

#[tokio::test]
async fn a_certificate_of_somebody_else_or_of_nobody_known_is_no_good() {
    let web = SecureWeb::start().await;
    for (known, host) in [(true, "other.example"), (false, "secure.example")] {
        let failure = ask(&door(known).await, host, &web).await.unwrap_err();
        assert!(matches!(&failure, Failure::Connection(why) if why.contains("certificate")), "{failure}");
    }
    assert_eq!(web.seen(), (2, 0));
}
