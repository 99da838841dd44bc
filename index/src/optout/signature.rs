//! Ed25519 (RFC 8032): whoever keeps a dataset signs what was done to it.

use crate::Error;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use schema::{hex, sha256_hex};

/// What stands before the 32 bytes of a public key in its DER (RFC 8410 section 4): the structure, and the algorithm's number.
const PUBLIC_DER: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const HINT: &str = "`openssl genpkey -algorithm ed25519` makes one, and so does Pinakes where none is named";

/// A key to sign with.
pub struct Key(Ed25519KeyPair);

/// A key to verify with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl Key {
    /// A new one, by chance.
    pub fn generate() -> Result<Self, Error> {
        Ed25519KeyPair::generate().map(Self).map_err(|_| failed("the system gives no random numbers"))
    }

    /// Reads a key as OpenSSL writes it: PEM with PKCS #8 in it.
    pub fn parse(pem: &str) -> Result<Self, Error> {
        let der = der_of(pem, "PRIVATE KEY")?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(Self).map_err(|_| failed("it is no Ed25519 key"))
    }

    /// The key as [`Self::parse`] reads it.
    pub fn pem(&self) -> Result<String, Error> {
        let der = self.0.to_pkcs8v1().map_err(|_| failed("it cannot be written"))?;
        Ok(pem_of(der.as_ref(), "PRIVATE KEY"))
    }

    /// The other half of it.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }

    /// Signs `bytes`; in hexadecimal.
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        hex(self.0.sign(bytes).as_ref())
    }
}

impl PublicKey {
    /// Reads a public key: PEM as OpenSSL writes it, or 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if let Some(bytes) = bytes_of(text).filter(|bytes| bytes.len() == 32) {
            return Ok(Self(bytes));
        }
        let der = der_of(text, "PUBLIC KEY")?;
        let bytes = der.strip_prefix(&PUBLIC_DER).filter(|bytes| bytes.len() == 32);
        bytes.map(|bytes| Self(bytes.to_vec())).ok_or_else(|| failed("it is no Ed25519 key"))
    }

    /// The key as PEM.
    pub fn pem(&self) -> String {
        pem_of(&[PUBLIC_DER.as_slice(), &self.0].concat(), "PUBLIC KEY")
    }

    /// The key in hexadecimal.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// By which people compare keys: `SHA256:` and the digest of its bytes.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", sha256_hex(&self.0))
    }

    /// Whether `signature`, in hexadecimal, is that of `bytes` by this key.
    pub(crate) fn has_signed(&self, bytes: &[u8], signature: &str) -> bool {
        let signature = bytes_of(signature);
        signature.is_some_and(|signature| UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, &signature).is_ok())
    }
}

/// What lower-case hexadecimal digits stand for.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if !text.len().is_multiple_of(2) || !text.bytes().all(is_digit) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

fn der_of(pem: &str, what: &str) -> Result<Vec<u8>, Error> {
    let missing = || failed(&format!("it holds no `-----BEGIN {what}-----`"));
    let (_, after) = pem.split_once(&format!("-----BEGIN {what}-----")).ok_or_else(missing)?;
    let (body, _) = after.split_once(&format!("-----END {what}-----")).ok_or_else(missing)?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).map_err(|_| failed("what stands between its first line and its last is no base64"))
}

fn pem_of(der: &[u8], what: &str) -> String {
    let text = STANDARD.encode(der);
    let lines: String = text.as_bytes().chunks(64).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    format!("-----BEGIN {what}-----\n{lines}-----END {what}-----\n")
}

fn failed(problem: &str) -> Error {
    Error::Key { problem: problem.to_owned(), hint: HINT }
}
