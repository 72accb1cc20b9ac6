//! A request and an answer as plain data, so that every page is a function that tests call without a network.

use std::net::IpAddr;

use axum::http::{HeaderMap, Method};

/// The longest form that is read, in bytes.
pub(super) const MOST_FORM: usize = 16 * 1024;

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: Method,
    /// The parts of the path, decoded by nobody: ids on it are plain.
    pub path: Vec<String>,
    /// Names and values of the query.
    pub query: Vec<(String, String)>,
    /// Names and values of the form.
    pub form: Vec<(String, String)>,
    /// The token of the session.
    pub token: Option<String>,
    /// Whether a browser says that another site sent it.
    pub foreign: bool,
    /// From where.
    pub from: IpAddr,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type.
    pub kind: &'static str,
    /// The name under which a browser saves it, where it does.
    pub file: Option<String>,
    /// Where to go on, with status 303.
    pub location: Option<String>,
    /// The session's new token; an empty one forgets it.
    pub token: Option<String>,
    /// The content.
    pub body: Vec<u8>,
}

impl Answer {
    /// A page.
    pub fn page(status: u16, markup: maud::Markup) -> Self {
        let body = markup.into_string().into_bytes();
        Self { status, kind: "text/html; charset=utf-8", file: None, location: None, token: None, body }
    }

    /// Something to save.
    pub const fn file(kind: &'static str, name: String, body: Vec<u8>) -> Self {
        Self { status: 200, kind, file: Some(name), location: None, token: None, body }
    }

    /// Something that a page shows, such as a picture; its media type is set by the caller.
    pub const fn shown(body: Vec<u8>) -> Self {
        Self { status: 200, kind: "application/octet-stream", file: None, location: None, token: None, body }
    }

    /// Go on there, with a GET.
    pub fn see(location: impl Into<String>) -> Self {
        let location = Some(location.into());
        Self {
            status: 303,
            kind: "text/plain; charset=utf-8",
            file: None,
            location,
            token: None,
            body: Vec::new(),
        }
    }
}

/// The last of the values with a name.
fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().rev().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

impl Asked {
    /// A value of the query, trimmed; empty when it is not there.
    pub fn of_query(&self, name: &str) -> &str {
        value(&self.query, name).trim()
    }

    /// A value of the form, as typed.
    pub fn of_form(&self, name: &str) -> &str {
        value(&self.form, name)
    }

    /// The part of the path after the first one.
    pub fn second(&self) -> &str {
        self.path.get(1).map_or("", String::as_str)
    }

    /// From what the network gave.
    pub(super) fn of(
        method: Method,
        uri: &axum::http::Uri,
        headers: &HeaderMap,
        body: &[u8],
        from: IpAddr,
        cookie: &str,
    ) -> Self {
        let pairs = |bytes: &[u8]| {
            form_urlencoded::parse(bytes)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect()
        };
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let token = header("cookie").and_then(|text| {
            let mut all = text.split(';').filter_map(|pair| pair.trim().split_once('='));
            all.find(|(name, _)| *name == cookie).map(|(_, value)| value.to_owned())
        });
        // Browsers say where a request comes from; a program that says nothing still needs the token of a form.
        let foreign = header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
        Self {
            method,
            path: uri.path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            query: pairs(uri.query().unwrap_or_default().as_bytes()),
            form: pairs(body),
            token,
            foreign,
            from,
        }
    }
}
