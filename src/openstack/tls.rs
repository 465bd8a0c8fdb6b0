//! The HTTP client of one cloud: whom it trusts, how it identifies itself, through which proxy it goes.

use std::path::Path;
use std::time::Duration;

use super::{CloudConfig, Error};

/// Longer-idle connections are not used again: web servers drop them after five seconds, and a write that meets the
/// dropping cannot be repeated.
const IDLE: Duration = Duration::from_secs(4);

/// Builds the client; connects nowhere.
pub(crate) fn client(config: &CloudConfig) -> Result<reqwest::Client, Error> {
    // Another part of the process may have installed it before; either is right.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if !config.verify {
        tracing::warn!(cloud = config.name, "verify is off: the certificates of this cloud are not checked");
    }
    let refuse = |why: reqwest::Error| Error::config(&config.name, format!("TLS: {}", root_cause(&why)), "");
    match builder(config)?.build() {
        Ok(client) => Ok(client),
        // A machine without any authority still reaches clouds over plain HTTP; TLS then says "unknown issuer".
        Err(_) if config.verify && config.cacert.is_none() => {
            tracing::debug!(cloud = config.name, "this machine has no certificate authorities");
            builder(config)?.tls_certs_only([]).build().map_err(refuse)
        }
        Err(why) => Err(refuse(why)),
    }
}

fn builder(config: &CloudConfig) -> Result<reqwest::ClientBuilder, Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("moonferry/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    for (scheme, url) in config.proxies.iter().filter(|(scheme, _)| *scheme != "no") {
        let direct = config.proxies.get("no").map_or("", String::as_str).to_owned() + ",localhost,127.0.0.0/8,::1";
        let proxy = if scheme == "http" { reqwest::Proxy::http(url) } else { reqwest::Proxy::https(url) };
        let proxy = proxy.map_err(|_| {
            Error::config(&config.name, format!("the {scheme} proxy's URL is wrong"), format!("correct {scheme}_proxy"))
        })?;
        builder = builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_string(&direct)));
    }
    if let (true, Some(path)) = (config.verify, &config.cacert) {
        let bundle = reqwest::Certificate::from_pem_bundle(&read(config, "cacert", path)?).ok();
        let Some(bundle) = bundle.filter(|bundle| !bundle.is_empty()) else {
            return Err(Error::config(
                &config.name,
                format!("cacert {} has no certificate in PEM form", path.display()),
                "",
            ));
        };
        builder = builder.tls_certs_only(bundle);
    }
    if let Some(path) = &config.cert {
        let mut pem = read(config, "cert", path)?;
        if let Some(key) = &config.key {
            pem.push(b'\n');
            pem.extend(read(config, "key", key)?);
        }
        let identity = reqwest::Identity::from_pem(&pem).map_err(|_| {
            let hint = "cert and key together must hold a certificate and its private key in PEM form";
            Error::config(&config.name, format!("cert {} cannot be used", path.display()), hint)
        })?;
        builder = builder.identity(identity);
    }
    Ok(if config.verify { builder } else { builder.tls_danger_accept_invalid_certs(true) })
}

fn read(config: &CloudConfig, key: &str, path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|why| {
        let hint = format!("correct {key} in clouds.yaml");
        Error::config(&config.name, format!("cannot read {key} {}: {why}", path.display()), hint)
    })
}

/// Returns the innermost cause, which is the one that says something.
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
