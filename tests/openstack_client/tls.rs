//! Whom the client trusts.

use std::path::PathBuf;
use std::sync::Arc;

use moonferry::openstack::{Cloud, CloudConfig, ErrorKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::fake::config;
use super::raw::{http, read_request};

/// A Keystone behind TLS, its authority in a file, and a client certificate of the same authority.
struct Secure {
    url: String,
    folder: tempfile::TempDir,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Secure {
    async fn start(host: &str, wants_client: bool) -> Self {
        let provider = tokio_rustls::rustls::crypto::ring::default_provider();
        let _ = provider.install_default();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let issue = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let certificate =
                CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
            (certificate, key)
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let (client, client_key) = issue("client");
        std::fs::write(folder.path().join("client.pem"), client.pem()).unwrap();
        std::fs::write(folder.path().join("client.key"), client_key.serialize_pem()).unwrap();
        let (own, own_key) = issue(host);
        let key = PrivateKeyDer::try_from(own_key.serialize_der()).unwrap();
        let builder = match wants_client {
            false => ServerConfig::builder().with_no_client_auth(),
            true => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
                ServerConfig::builder().with_client_cert_verifier(verifier)
            }
        };
        let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![own.der().clone()], key).unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://127.0.0.1:{}/v3", listener.local_addr().unwrap().port());
        let server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                if read_request(&mut stream).await.is_some() {
                    let body =
                        r#"{"token": {"user": {"id": "u", "name": "ann"}, "expires_at": "2126-01-01T00:00:00Z"}}"#;
                    let _ = stream.write_all(&http("201 Created", "x-subject-token: t\r\n", body)).await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        Self { url, folder, server }
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.path().join(name))
    }

    async fn try_with(&self, change: impl FnOnce(&mut CloudConfig)) -> Result<(), moonferry::openstack::Error> {
        let mut config = config(&self.url);
        change(&mut config);
        Cloud::new(config)?.authenticate().await
    }
}

#[tokio::test]
async fn an_unknown_authority_is_named_and_the_right_one_trusted() {
    let secure = Secure::start("127.0.0.1", false).await;
    let error = secure.try_with(|_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("unknown authority") && error.hint().unwrap().contains("cacert"), "{error}");
    secure.try_with(|config| config.cacert = secure.file("ca.pem")).await.unwrap();
    secure.try_with(|config| config.verify = false).await.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_name_is_told() {
    let secure = Secure::start("elsewhere.example", false).await;
    let error = secure.try_with(|config| config.cacert = secure.file("ca.pem")).await.unwrap_err();
    assert!(error.to_string().contains("not valid") && error.to_string().contains("elsewhere.example"), "{error}");
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_wanted() {
    let secure = Secure::start("127.0.0.1", true).await;
    let with_ca = |config: &mut CloudConfig| config.cacert = secure.file("ca.pem");
    let error = secure.try_with(with_ca).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let own = |config: &mut CloudConfig| {
        config.cacert = secure.file("ca.pem");
        config.cert = secure.file("client.pem");
        config.key = secure.file("client.key");
    };
    secure.try_with(own).await.unwrap();
}

#[tokio::test]
async fn files_that_are_missing_or_no_certificates_are_named_before_any_call() {
    let secure = Secure::start("127.0.0.1", false).await;
    let error = secure.try_with(|config| config.cacert = secure.file("nowhere.pem")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.to_string().contains("nowhere.pem"), "{error}");
    let error = secure.try_with(|config| config.cacert = secure.file("client.key")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.to_string().contains("no certificate"), "{error}");
    let error = secure.try_with(|config| config.cert = secure.file("client.pem")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.hint().unwrap().contains("key"), "{error}");
}

#[tokio::test]
async fn plain_http_behind_a_tls_url_is_told() {
    let plain = super::fake::Fake::start(|_| super::fake::nothing()).await;
    let url = format!("{}/v3", plain.url.replace("http", "https"));
    let error = Cloud::new(config(&url)).unwrap().authenticate().await.unwrap_err();
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
}
