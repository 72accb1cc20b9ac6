//! Certificates for tests.

use std::path::{Path, PathBuf};

use exchange::tls::Identity;

use super::peers::write;

pub struct Made {
    pub ca: PathBuf,
    pub identity: Identity,
    pub expired: Identity,
}

/// A CA with one good and one expired certificate for 127.0.0.1.
pub fn certificates(dir: &Path, name: &str) -> Made {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
    let ca_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let ca = params.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(params, ca_key);
    let path = write(dir, &format!("{name}-ca.pem"), &ca.pem());
    let leaf = |kind: &str, until: i32| {
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        Identity {
            certificate: write(dir, &format!("{name}-{kind}.pem"), &certificate.pem()),
            key: write(dir, &format!("{name}-{kind}.key"), &key.serialize_pem()),
        }
    };
    Made { ca: path, identity: leaf("good", 2090), expired: leaf("expired", 2021) }
}
