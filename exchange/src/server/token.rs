//! SMART Backend Services (HL7 SMART App Launch 2.2, "Backend Services"): a signed assertion for an access token.
//!
//! Each assertion has its own random `jti` and lives for five minutes, so that one that was overheard is of no use twice. The access
//! token is kept until shortly before it expires.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA384, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;

use crate::http::{Ask, Http, HttpError, encode};

/// How long an assertion lives. At most five minutes by the specification.
const ASSERTION_LIVES: SignedDuration = SignedDuration::from_mins(5);
/// A token is renewed so long before it expires.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_secs(30);

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The key cannot be used.
    #[error("{path}: no P-384 or RSA key (2048 bits or more) in PKCS #8 PEM: make one with `openssl genpkey`", path = path.display())]
    Key {
        /// The file.
        path: PathBuf,
    },
    /// No randomness, or signing failed.
    #[error("the assertion cannot be signed")]
    Sign,
    /// The token server did not answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It refused.
    #[error("{url}: status {status}{said}: check client_id, key and scope with whoever registered this client", said = if error.is_empty() { String::new() } else { format!(" ({error})") })]
    Refused {
        /// The token address.
        url: String,
        /// The status.
        status: u16,
        /// Its error code (RFC 6749 section 5.2).
        error: String,
    },
    /// It answered something else.
    #[error("{url}: the answer is no token")]
    Form {
        /// The token address.
        url: String,
    },
}

enum Key {
    Es384(Box<EcdsaKeyPair>),
    Rs384(Box<RsaKeyPair>),
}

/// A client that gets tokens.
pub struct Backend {
    key: Key,
    key_id: String,
    client_id: String,
    token_url: String,
    scope: String,
    random: SystemRandom,
    token: Option<(String, Timestamp)>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Backend({})", self.client_id)
    }
}

#[derive(serde::Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<i64>,
}

#[derive(serde::Deserialize)]
struct Denied {
    error: Option<String>,
}

impl Backend {
    /// A client with the key of a PEM file.
    ///
    /// # Errors
    /// When the file holds no such key.
    pub fn new(
        key: &Path,
        key_id: &str,
        client_id: &str,
        token_url: &str,
        scope: &str,
    ) -> Result<Self, TokenError> {
        let wrong = || TokenError::Key { path: key.to_owned() };
        let random = SystemRandom::new();
        let der = crate::tls::private_key(key).map_err(|_| wrong())?;
        let ecdsa = |bytes: &[u8]| {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, bytes, &random)
                .map(|key| Key::Es384(Box::new(key)))
        };
        let key = match &der {
            PrivateKeyDer::Pkcs8(bytes) => ecdsa(bytes.secret_pkcs8_der()).or_else(|_| {
                RsaKeyPair::from_pkcs8(bytes.secret_pkcs8_der()).map(|key| Key::Rs384(Box::new(key)))
            }),
            PrivateKeyDer::Pkcs1(bytes) => {
                RsaKeyPair::from_der(bytes.secret_pkcs1_der()).map(|key| Key::Rs384(Box::new(key)))
            }
            _ => return Err(wrong()),
        };
        Ok(Self {
            key: key.map_err(|_| wrong())?,
            key_id: key_id.to_owned(),
            client_id: client_id.to_owned(),
            token_url: token_url.to_owned(),
            scope: scope.to_owned(),
            random,
            token: None,
        })
    }

    /// Throws the token away: the server did not take it.
    pub fn forget(&mut self) {
        self.token = None;
    }

    /// The token in force, or a new one.
    ///
    /// # Errors
    /// When none is given.
    pub fn token(&mut self, http: &Http, now: Timestamp) -> Result<String, TokenError> {
        if let Some((token, until)) = &self.token
            && now < *until
        {
            return Ok(token.clone());
        }
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", &self.scope),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &self.assertion(now)?),
        ]
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .join("&");
        let headers = vec![
            ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
            ("Accept", "application/json".to_owned()),
        ];
        let answer =
            http.ask(&Ask { method: "POST", url: &self.token_url, headers, body: Some(form.as_bytes()) })?;
        let url = self.token_url.clone();
        if answer.status != 200 {
            let denied = serde_json::from_slice::<Denied>(&answer.body).ok().and_then(|denied| denied.error);
            let error = crate::units::short(&denied.unwrap_or_default());
            return Err(TokenError::Refused { url, status: answer.status, error });
        }
        let granted: Granted =
            serde_json::from_slice(&answer.body).map_err(|_| TokenError::Form { url: url.clone() })?;
        let bearer = granted.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        let plain = granted.access_token.bytes().all(|b| b.is_ascii_graphic());
        if !bearer || !plain || granted.access_token.is_empty() {
            return Err(TokenError::Form { url });
        }
        // Without a lifetime five minutes are safe: the specification recommends no longer ones.
        let lives = SignedDuration::from_secs(granted.expires_in.unwrap_or(300).clamp(0, 86_400));
        let until = now.checked_add(lives - RENEWED_BEFORE).unwrap_or(now);
        self.token = Some((granted.access_token.clone(), until));
        Ok(granted.access_token)
    }

    /// A signed assertion (RFC 7523) with an id of its own.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn assertion(&self, now: Timestamp) -> Result<String, TokenError> {
        let mut id = [0; 16];
        self.random.fill(&mut id).map_err(|_| TokenError::Sign)?;
        let algorithm = match self.key {
            Key::Es384(_) => "ES384",
            Key::Rs384(_) => "RS384",
        };
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&serde_json::json!({"alg": algorithm, "kid": self.key_id, "typ": "JWT"}));
        let until = now.checked_add(ASSERTION_LIVES).map_err(|_| TokenError::Sign)?;
        let claims = part(&serde_json::json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.token_url,
            "jti": crate::digest::hex(&id), "iat": now.as_second(), "exp": until.as_second(),
        }));
        let signed = format!("{header}.{claims}");
        let signature = match &self.key {
            Key::Es384(key) => {
                key.sign(&self.random, signed.as_bytes()).map_err(|_| TokenError::Sign)?.as_ref().to_vec()
            }
            Key::Rs384(key) => {
                let mut bytes = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA384, &self.random, signed.as_bytes(), &mut bytes)
                    .map_err(|_| TokenError::Sign)?;
                bytes
            }
        };
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
