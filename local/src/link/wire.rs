//! The server over HTTP: one function per request, each with a plain answer or a [`RemoteError`].
//! Nothing is remembered here, and nothing is written on this laptop.

use crate::error::{RemoteError, Result};
use guildhall_sync::protocol::check::Report;
use guildhall_sync::protocol::errand::{
    ASK, AskErrand, DEVICES, DeviceLine, ERRAND_REPORT, ErrandReport, TAKE_BACK, TakeBackErrands, TakenBack,
};
use guildhall_sync::protocol::history::{
    HISTORY, HISTORY_ENTRY, HistoryAnswer, HistoryEntry, HistoryEntryRequest, HistoryRequest,
};
use guildhall_sync::protocol::{
    LIVE, PULL, PUSH, Pull, Push, PushAnswer, REFRESH, REPORT, Refresh, Refusal, SIGN_IN, SIGN_OUT, SignIn,
    SignedIn, TESTIFY, Testified, Testify, Tokens,
};
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode, Url, header, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;

mod frames;
mod hints;

pub use frames::FrameStream;
pub use hints::HintStream;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest silence inside an answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
/// The largest refusal or small answer that is read.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;
const ZSTD_LEVEL: i32 = 3;

/// A way to one server.
#[derive(Clone, Debug)]
pub struct Wire {
    client: Client,
    url: Url,
}

impl Wire {
    /// `ca_file` is a certificate in PEM that the server's is signed with, for a guild with an
    /// authority of its own.
    pub fn new(server: &str, ca_file: Option<&Path>) -> Result<Self> {
        let url = read_address(server)?;
        // Twice is as good as once: the first provider stays.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(IDLE_TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .tcp_nodelay(true)
            .user_agent(concat!("guildhall/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = ca_file {
            builder = builder.add_root_certificate(read_certificate(path)?);
        }
        let unusable = |error: reqwest::Error| unreachable(&url, &error);
        Ok(Self { client: builder.build().map_err(unusable)?, url: url.clone() })
    }

    /// The server's address in its plain form.
    pub fn server(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Whether a Guildhall server answers now.
    pub async fn is_reachable(&self) -> bool {
        let asked = self.client.get(self.at("/healthz")).timeout(LOOK_TIMEOUT).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    pub async fn sign_in(&self, request: &SignIn) -> Result<SignedIn> {
        self.read(self.send(self.post(SIGN_IN, request)).await?).await
    }

    pub async fn refresh(&self, request: &Refresh) -> Result<Tokens> {
        self.read(self.send(self.post(REFRESH, request)).await?).await
    }

    pub async fn sign_out(&self, access: &str) -> Result<()> {
        self.send(self.client.post(self.at(SIGN_OUT)).bearer_auth(access)).await.map(|_| ())
    }

    pub async fn push(&self, access: &str, request: &Push) -> Result<PushAnswer> {
        let json = serde_json::to_vec(request).expect("a push has only string keys");
        let body = zstd::encode_all(json.as_slice(), ZSTD_LEVEL).expect("memory takes what is written");
        let request = self.client.post(self.at(PUSH)).bearer_auth(access);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = request.header(header::CONTENT_ENCODING, "zstd").body(body);
        self.read(self.send(request).await?).await
    }

    /// None when there is nothing new.
    pub async fn pull(&self, access: &str, request: &Pull) -> Result<Option<FrameStream>> {
        let answer = self.send(self.post(PULL, request).bearer_auth(access)).await?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        Ok(Some(FrameStream::new(answer)?))
    }

    pub async fn report(&self, access: &str, report: &Report) -> Result<()> {
        self.send(self.post(REPORT, report).bearer_auth(access)).await.map(|_| ())
    }

    pub async fn report_errands(&self, access: &str, report: &ErrandReport) -> Result<()> {
        self.send(self.post(ERRAND_REPORT, report).bearer_auth(access)).await.map(|_| ())
    }

    pub async fn testify(&self, access: &str, request: &Testify) -> Result<Testified> {
        self.read(self.send(self.post(TESTIFY, request).bearer_auth(access)).await?).await
    }

    /// Hints that the server's order of commits has grown, for as long as the connection holds.
    pub async fn live(&self, access: &str) -> Result<HintStream> {
        let request = self.client.get(self.at(LIVE)).bearer_auth(access);
        Ok(HintStream::new(self.send(request).await?))
    }

    pub async fn history(&self, access: &str, request: &HistoryRequest) -> Result<HistoryAnswer> {
        self.read(self.send(self.post(HISTORY, request).bearer_auth(access)).await?).await
    }

    pub async fn history_entry(&self, access: &str, request: &HistoryEntryRequest) -> Result<HistoryEntry> {
        self.read(self.send(self.post(HISTORY_ENTRY, request).bearer_auth(access)).await?).await
    }

    pub async fn devices(&self, access: &str) -> Result<Vec<DeviceLine>> {
        self.read(self.send(self.client.get(self.at(DEVICES)).bearer_auth(access)).await?).await
    }

    pub async fn ask_errand(&self, access: &str, request: &AskErrand) -> Result<()> {
        self.send(self.post(ASK, request).bearer_auth(access)).await.map(|_| ())
    }

    pub async fn take_back_errands(&self, access: &str, request: &TakeBackErrands) -> Result<TakenBack> {
        self.read(self.send(self.post(TAKE_BACK, request).bearer_auth(access)).await?).await
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    fn post(&self, path: &str, body: &impl Serialize) -> RequestBuilder {
        self.client.post(self.at(path)).json(body)
    }

    /// Sends a request; an answer that is not a success becomes an error.
    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let answer = request.send().await.map_err(|error| unreachable(&self.url, &error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let retry_after_ms = retry_after_ms(&answer);
        let body = self.read_bytes(answer).await?;
        let stranger = || RemoteError::NotGuildhall { url: self.server().to_owned(), status };
        let refusal: Refusal = serde_json::from_slice(&body).map_err(|_| stranger())?;
        Err(RemoteError::Refused { refusal, retry_after_ms }.into())
    }

    async fn read<T: DeserializeOwned>(&self, answer: Response) -> Result<T> {
        let status = answer.status().as_u16();
        let body = self.read_bytes(answer).await?;
        let stranger = RemoteError::NotGuildhall { url: self.server().to_owned(), status };
        Ok(serde_json::from_slice(&body).map_err(|_| stranger)?)
    }

    async fn read_bytes(&self, mut answer: Response) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| unreachable(&self.url, &error))? {
            body.extend_from_slice(&piece);
            if body.len() > MAX_ANSWER_BYTES {
                let what = format!("an answer of more than {MAX_ANSWER_BYTES} bytes");
                return Err(RemoteError::Unreadable { what }.into());
            }
        }
        Ok(body)
    }
}

fn read_address(server: &str) -> Result<Url> {
    let with_scheme = if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
    let not_one = || RemoteError::NotAnAddress { url: server.to_owned() };
    let url = Url::parse(&with_scheme).map_err(|_| not_one())?;
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if is_loopback(host) => Ok(url),
        ("http", Some(_)) => Err(RemoteError::Insecure { url: server.to_owned() }.into()),
        _ => Err(not_one().into()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_certificate(path: &Path) -> Result<Certificate> {
    let unusable = |what: String| RemoteError::Certificate { path: path.display().to_string(), what };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    Ok(Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?)
}

/// The innermost cause says what happened: refused, no such host, certificate, time-out.
fn unreachable(url: &Url, error: &reqwest::Error) -> RemoteError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    RemoteError::Unreachable { url: url.as_str().trim_end_matches('/').to_owned(), what: cause.to_string() }
}

fn retry_after_ms(answer: &Response) -> Option<u64> {
    let seconds: u64 = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::read_address;

    #[test]
    fn passwords_travel_only_encrypted_or_inside_this_machine() {
        for good in [
            "https://guild.example",
            "guild.example",
            "http://127.0.0.1:7420",
            "http://[::1]:1",
            "http://localhost:9",
        ] {
            assert!(read_address(good).is_ok(), "{good}");
        }
        for bad in
            ["http://guild.example", "http://10.0.0.1", "ftp://guild.example", "", "https://", "file:///etc"]
        {
            assert!(read_address(bad).is_err(), "{bad}");
        }
    }
}
