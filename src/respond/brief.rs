//! Answers without a document, and what stands in the head of every answer.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

use super::{ALLOW, BRIEFLY, Payload};

const ANYBODY: HeaderValue = HeaderValue::from_static("*");
const EXPOSED: HeaderValue = HeaderValue::from_static("ETag, Last-Modified, Link");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");

/// A CORS preflight, and any other OPTIONS: `If-None-Match` is not a header that browsers send without asking.
pub(super) fn preflight() -> Response<Payload> {
    let mut response = blank(Payload::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, ALLOW);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW);
    let asked = HeaderValue::from_static("If-None-Match, If-Modified-Since, Accept, Cache-Control");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

pub(super) fn missing() -> Response<Payload> {
    with(brief(StatusCode::NOT_FOUND, "There is no feed here.\n"), header::CACHE_CONTROL, BRIEFLY)
}

/// An answer with what stands in the head of every answer but a 304.
pub(super) fn blank(payload: Payload) -> Response<Payload> {
    let mut response = Response::new(payload);
    everywhere(response.headers_mut());
    beside_bodies(response.headers_mut());
    response
}

/// What stands in the head of every answer. Scripts of other sites may read it, a 304 that they asked for among them.
pub(super) fn everywhere(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// What stands there besides, but for a 304, which says nothing of what the client has already: RFC 9110 §15.4.5.
pub(super) fn beside_bodies(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, CROSS_ORIGIN);
}

pub(super) fn brief(status: StatusCode, text: &'static str) -> Response<Payload> {
    let mut response = blank(Payload::Text(text));
    *response.status_mut() = status;
    with(response, header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))
}

pub(super) fn with(mut response: Response<Payload>, name: HeaderName, value: HeaderValue) -> Response<Payload> {
    response.headers_mut().insert(name, value);
    response
}
