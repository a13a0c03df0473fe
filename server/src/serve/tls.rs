//! A certificate and its key, from files. Making or renewing them is the administrator's.

use crate::config::Tls;
use crate::error::Error;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

pub(super) fn read(tls: &Tls) -> Result<RustlsConfig, Error> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read_file(&tls.certificate)?).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| bad(&tls.certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&read_file(&tls.key)?).map_err(|_| bad(&tls.key, "key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the versions that it comes with")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_| bad(&tls.key, "key for this certificate"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source })
}

fn bad(path: &Path, what: &'static str) -> Error {
    Error::BadPem { path: path.to_owned(), what }
}
