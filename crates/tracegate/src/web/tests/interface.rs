//! A caller of the interface, and whoever reads the files of the log.

use ureq::http::{Request, Response};
use ureq::{Agent, Body};

use super::browser::Page;
use super::site::{Site, token};

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_idle_connections(0);
    config.build().into()
}

/// What the interface answers to an empty body, with every header that a caller may have to send.
pub fn call(site: &Site, method: &str, path: &str, token: Option<&str>) -> Page {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{}/api/v1{path}", site.address))
        .header("x-request-id", "visibility-0001")
        .header("if-match", "\"1\"")
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = match method {
        "GET" => agent().run(request.body(()).unwrap()),
        _ => agent().run(request.body("{}").unwrap()),
    };
    page(answer.unwrap())
}

/// The same at any path of the service, with a body and an `X-Request-ID` of the caller's.
pub fn send(site: &Site, (method, path): (&str, &str), person: &str, said: (&str, &str)) -> Page {
    let (id, body) = said;
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", site.address))
        .header("x-request-id", id)
        .header("content-type", "application/fhir+json")
        .header("authorization", format!("Bearer {}", token(person)));
    let answer = match method {
        "GET" => agent().run(request.body(()).unwrap()),
        _ => agent().run(request.body(body).unwrap()),
    };
    page(answer.unwrap())
}

/// The reference of the case that an answer tells of.
pub fn case_of(answer: &Page) -> String {
    let told: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    told["case"].as_str().expect(&answer.text).to_owned()
}

fn page(mut answer: Response<Body>) -> Page {
    let text_of = |value: &ureq::http::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = answer.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), text_of(value)));
    Page {
        status: answer.status().as_u16(),
        location: None,
        headers: headers.collect(),
        text: answer.body_mut().read_to_string().unwrap(),
    }
}

/// A file of any bytes, as far as they are text.
pub fn bytes(site: &Site, path: &str) -> String {
    let answer = agent().get(format!("{}{path}", site.address)).call();
    let bytes = answer.unwrap().body_mut().read_to_vec().unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
