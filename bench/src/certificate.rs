//! A certificate for PostgreSQL on this machine.

use std::fs;

/// Where systems have the certificates of authorities.
const SYSTEM: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The certificate and its key, both as PEM.
pub(crate) fn for_this_machine() -> Result<(String, String), rcgen::Error> {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    Ok((own.cert.pem(), own.signing_key.serialize_pem()))
}

/// It and those that the system trusts: as many as a function reads on Lambda.
pub(crate) fn among_others(certificate: &str) -> String {
    let system = SYSTEM.iter().find_map(|file| fs::read_to_string(file).ok());
    format!("{}\n{certificate}", system.unwrap_or_default())
}
