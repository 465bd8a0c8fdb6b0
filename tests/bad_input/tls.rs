//! A twin behind TLS whose authority nobody knows.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::common::pair::{MIGRATE, Pair};

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Serves what listens at `inner` behind TLS and answers the port.
async fn front(inner: std::net::SocketAddr, issuer: &CertifiedIssuer<'static, KeyPair>) -> u16 {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    let chain = vec![CertificateDer::from(own.der().to_vec())];
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private).unwrap();
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((outer, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut outer) = acceptor.accept(outer).await else { return };
                let Ok(mut inner) = TcpStream::connect(inner).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_another_authority_is_told_and_the_right_one_is_enough() {
    let pair = Pair::new();
    let (right, wrong) = (authority(), authority());
    let port = front(pair.source.address(), &right).await;
    pair.write("right.pem", &right.pem());
    pair.write("wrong.pem", &wrong.pem());
    let config = std::fs::read_to_string(pair.home.path().join("clouds.yaml")).unwrap();
    let secure = config.replacen(&pair.source.auth_url(), &format!("https://127.0.0.1:{port}/identity/v3"), 1);
    let with = |ca: &str| secure.replacen("  old:\n", &format!("  old:\n    cacert: {ca}\n"), 1);
    for (text, code, says) in [
        (secure.clone(), 1, "unknown authority"),
        (with("wrong.pem"), 1, "not of the authority"),
        (with("nowhere.pem"), 2, "nowhere.pem"),
    ] {
        pair.write("clouds.yaml", &text);
        pair.refuses(&MIGRATE, code, &[says, "old", "cacert"]);
    }
    pair.write("clouds.yaml", &with("right.pem"));
    pair.run(&["plan", "migrate", "--source", "old", "--target", "new", "--project", "shop"], 0);
}
