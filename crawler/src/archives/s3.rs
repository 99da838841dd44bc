//! A bucket that is asked by the S3 protocol: its addresses, signatures, and listing.
//!
//! Where it lies and as whom we ask is said by the environment variables that all AWS tools read:
//! `AWS_ENDPOINT_URL` for a mirror, `AWS_REGION`, and credentials. Without credentials requests
//! are not signed: public data needs none.

use super::courier::with_causes;
use crate::Error;
use object_store::{
    ClientOptions, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer},
    client::HttpRequest,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// What is encoded in a key: all but the unreserved characters (RFC 3986 section 2.3) and `/`,
/// as signatures demand it.
const IN_A_KEY: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// And in the values of a query.
const IN_A_VALUE: AsciiSet = IN_A_KEY.add(b'/');

/// Variables of which each says that there are credentials.
const CREDENTIALS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

const HINT: &str = "look at the environment variables that begin with `AWS_`";

/// A bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    store: AmazonS3,
    root: String,
    region: String,
    signed: bool,
    requester_pays: bool,
}

impl Bucket {
    pub(super) fn open(name: &str, options: ClientOptions, environment: &[(String, String)]) -> Result<Self, Error> {
        let mut builder = AmazonS3Builder::new().with_client_options(options);
        for (key, value) in environment.iter().filter(|(key, _)| key.starts_with("AWS_")) {
            if let Ok(key) = key.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
        let signed = has_credentials(environment);
        // Retries are ours to count and to space.
        let never = RetryConfig { max_retries: 0, ..RetryConfig::default() };
        builder = builder.with_bucket_name(name).with_retry(never).with_skip_signature(!signed).with_allow_http(true);
        let region = set(&builder, AmazonS3ConfigKey::Region).unwrap_or_else(|| "us-east-1".to_owned());
        let root = root(&builder, name, &region);
        let requester_pays = is_on(&builder, AmazonS3ConfigKey::RequestPayer);
        let store = builder.build().map_err(|error| {
            Error::archive(&format!("s3://{name}"), &format!("cannot be asked: {}", with_causes(&error)), HINT)
        })?;
        Ok(Self { store, root, region, signed, requester_pays })
    }

    /// Where the object of this key lies.
    pub(super) fn address(&self, key: &str) -> Result<Url, Error> {
        address(&format!("{}/{}", self.root, utf8_percent_encode(key, &IN_A_KEY)))
    }

    /// Signs a request, where there are credentials. A signature ages within minutes, so a request
    /// is signed after all waiting.
    pub(super) async fn sign(&self, request: &mut HttpRequest) -> Result<(), Error> {
        if self.signed {
            let credential = self.store.credentials().get_credential().await.map_err(|error| {
                let problem = format!("is not asked, for want of credentials: {}", with_causes(&error));
                Error::archive(&self.root, &problem, HINT)
            })?;
            AwsAuthorizer::new(&credential, "s3", &self.region)
                .with_request_payer(self.requester_pays)
                .authorize(request, None);
        }
        Ok(())
    }

    /// Where a page of the keys that begin with `prefix` is asked for (`ListObjectsV2`); without
    /// `deep`, only of those in its folder.
    pub(super) fn page_address(&self, prefix: &str, deep: bool, token: Option<&str>) -> Result<Url, Error> {
        let encoded = |text: &str| utf8_percent_encode(text, &IN_A_VALUE).to_string();
        let token = token.map(|token| format!("continuation-token={}&", encoded(token))).unwrap_or_default();
        let delimiter = if deep { "" } else { "delimiter=%2F&" };
        let query = format!("{token}{delimiter}list-type=2&prefix={}", encoded(prefix));
        address(&format!("{}?{query}", self.root))
    }
}

/// One page of a bucket's listing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) keys: Vec<String>,
    /// What the next page is asked for with, if there is one.
    pub(super) next: Option<String>,
}

impl Page {
    /// Reads a `ListBucketResult`. Its namespace is not looked at: mirrors write several.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
        let root = document.root_element();
        if root.tag_name().name() != "ListBucketResult" {
            return Err(format!("`{}` instead of `ListBucketResult`", root.tag_name().name()));
        }
        let is = |name| move |node: &roxmltree::Node<'_, '_>| node.tag_name().name() == name;
        let contents = root.children().filter(is("Contents"));
        let keys = contents.filter_map(|object| object.children().find(is("Key"))?.text().map(str::to_owned)).collect();
        let next = root.children().find(is("NextContinuationToken")).and_then(|node| node.text()).map(str::to_owned);
        Ok(Self { keys, next })
    }
}

fn address(text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|error| Error::archive(text, &format!("is no address: {error}"), HINT))
}

fn has_credentials(environment: &[(String, String)]) -> bool {
    let value = |key: &str| environment.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    match value("AWS_SKIP_SIGNATURE") {
        // A machine's own role is found only by asking, which this lets happen.
        Some(skip) => matches!(skip.to_ascii_lowercase().as_str(), "false" | "0" | "no" | "off"),
        None => CREDENTIALS.iter().any(|key| value(key).is_some_and(|value| !value.is_empty())),
    }
}

/// The address that all keys of the bucket follow.
fn root(builder: &AmazonS3Builder, name: &str, region: &str) -> String {
    let endpoint = set(builder, AmazonS3ConfigKey::S3Endpoint).or_else(|| set(builder, AmazonS3ConfigKey::Endpoint));
    match (endpoint, is_on(builder, AmazonS3ConfigKey::VirtualHostedStyleRequest)) {
        // Then the endpoint is the bucket's own.
        (Some(endpoint), true) => endpoint.trim_end_matches('/').to_owned(),
        (Some(endpoint), false) => format!("{}/{name}", endpoint.trim_end_matches('/')),
        (None, true) => format!("https://{name}.s3.{region}.amazonaws.com"),
        (None, false) => format!("https://s3.{region}.amazonaws.com/{name}"),
    }
}

fn set(builder: &AmazonS3Builder, key: AmazonS3ConfigKey) -> Option<String> {
    builder.get_config_value(&key).filter(|value| !value.is_empty())
}

fn is_on(builder: &AmazonS3Builder, key: AmazonS3ConfigKey) -> bool {
    set(builder, key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(environment: &[(&str, &str)]) -> Bucket {
        let environment: Vec<_> = environment.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Bucket::open("crawl", ClientOptions::new(), &environment).unwrap()
    }

    #[test]
    fn the_environment_says_where_a_bucket_lies_and_who_asks() {
        let keys = ("AWS_ACCESS_KEY_ID", "me");
        let secret = ("AWS_SECRET_ACCESS_KEY", "secret");
        for (environment, address, signed) in [
            (&[][..], "https://s3.us-east-1.amazonaws.com/crawl/a%20b/%2Bc.warc.gz", false),
            (
                &[("AWS_REGION", "eu-west-1"), keys, secret],
                "https://s3.eu-west-1.amazonaws.com/crawl/a%20b/%2Bc.warc.gz",
                true,
            ),
            (&[("AWS_ENDPOINT_URL", "http://mirror:9000/")], "http://mirror:9000/crawl/a%20b/%2Bc.warc.gz", false),
            (
                &[("AWS_ENDPOINT_URL", "https://crawl.mirror"), ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")],
                "https://crawl.mirror/a%20b/%2Bc.warc.gz",
                false,
            ),
            (
                &[keys, secret, ("AWS_SKIP_SIGNATURE", "true")],
                "https://s3.us-east-1.amazonaws.com/crawl/a%20b/%2Bc.warc.gz",
                false,
            ),
            (&[("AWS_SKIP_SIGNATURE", "false")], "https://s3.us-east-1.amazonaws.com/crawl/a%20b/%2Bc.warc.gz", true),
        ] {
            let bucket = bucket(environment);
            assert_eq!((bucket.address("a b/+c.warc.gz").unwrap().as_str(), bucket.signed), (address, signed));
        }
    }

    #[test]
    fn pages_of_a_listing_are_read() {
        let bucket = bucket(&[]);
        let asked = |prefix, deep, token| bucket.page_address(prefix, deep, token).unwrap().query().unwrap().to_owned();
        assert_eq!(asked("a b/+c", true, None), "list-type=2&prefix=a%20b%2F%2Bc");
        assert_eq!(asked("", false, Some("1/=")), "continuation-token=1%2F%3D&delimiter=%2F&list-type=2&prefix=");
        let xml = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Prefix>x/</Prefix>\
            <NextContinuationToken>more</NextContinuationToken><Contents><Size>1</Size><Key>x/a&amp;b</Key></Contents>\
            <Contents><Key>x/c</Key></Contents><CommonPrefixes><Prefix>x/d/</Prefix></CommonPrefixes></ListBucketResult>";
        let page = Page { keys: vec!["x/a&b".into(), "x/c".into()], next: Some("more".into()) };
        assert_eq!(Page::read(xml.as_bytes()), Ok(page));
        let empty = Page { keys: Vec::new(), next: None };
        assert_eq!(Page::read(b"<ListBucketResult></ListBucketResult>"), Ok(empty));
        for wrong in [&b"<Error><Code>SlowDown</Code></Error>"[..], b"<ListBucketResult>", b"\xff", b""] {
            assert!(Page::read(wrong).is_err());
        }
    }

    #[test]
    fn half_a_credential_is_told() {
        let half = [("AWS_ACCESS_KEY_ID".to_owned(), "me".to_owned())];
        let error = Bucket::open("crawl", ClientOptions::new(), &half).unwrap_err();
        assert!(error.to_string().contains("s3://crawl") && error.hint().unwrap().contains("AWS_"), "{error}");
    }
}
