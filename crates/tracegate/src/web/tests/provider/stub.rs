//! A provider of the tests' own, which can be told to answer wrongly.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// How an ID token is made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    Nothing,
    Nonce,
    NoNonce,
    Audience,
    SeveralAudiences,
    AuthorizedParty,
    Issuer,
    Expired,
    NoExpiry,
    Future,
    Signature,
    Unsigned,
    Keyed,
    NoAuthTime,
}

/// What was asked with a code.
struct Asked {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

struct Inner {
    key: EcdsaKeyPair,
    issuer: String,
    forge: Forge,
    person: Value,
    now: i64,
    codes: HashMap<String, Asked>,
    last_question: HashMap<String, String>,
}

/// A running provider.
pub struct Stub {
    inner: Arc<Mutex<Inner>>,
    pub issuer: String,
    runtime: Runtime,
}

impl Stub {
    pub fn start() -> Stub {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Mutex::new(Inner {
            key,
            issuer: issuer.clone(),
            forge: Forge::Nothing,
            person: json!({}),
            now: 0,
            codes: HashMap::new(),
            last_question: HashMap::new(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Arc::clone(&inner));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Stub {
            inner,
            issuer,
            runtime,
        }
    }

    /// Who is in front of the provider, and what it says of them.
    pub fn person(&self, subject: &str, role: &str, organization: &str) {
        self.says(
            json!({"sub": subject, "name": format!("The {role} {subject}"),
            "realm": {"roles": [role, "offline_access"]}, "organization": organization}),
        );
    }

    pub fn says(&self, claims: Value) {
        self.inner.lock().unwrap().person = claims;
    }

    pub fn forge(&self, forge: Forge) {
        self.inner.lock().unwrap().forge = forge;
    }

    pub fn set_time(&self, now: i64) {
        self.inner.lock().unwrap().now = now;
    }

    /// What the desk asked last.
    pub fn last_question(&self, name: &str) -> Option<String> {
        self.inner.lock().unwrap().last_question.get(name).cloned()
    }

    pub fn stop(self) {
        self.runtime.shutdown_background();
    }
}

type Shared = State<Arc<Mutex<Inner>>>;

async fn discovery(State(stub): Shared) -> Json<Value> {
    let issuer = stub.lock().unwrap().issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    }))
}

async fn keys(State(stub): Shared) -> Json<Value> {
    let stub = stub.lock().unwrap();
    let point = stub.key.public_key().as_ref();
    let (x, y) = point[1..].split_at(32);
    Json(json!({"keys": [
        {"kty": "oct", "kid": "another"},
        {"kty": "EC", "crv": "P-256", "use": "sig", "kid": "stub",
         "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)},
    ]}))
}

async fn authorize(State(stub): Shared, Query(asked): Query<HashMap<String, String>>) -> Redirect {
    let mut stub = stub.lock().unwrap();
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], "tracegate");
    assert_eq!(asked["code_challenge_method"], "S256");
    let code = format!("code-{}", stub.codes.len());
    let (back, state) = (asked["redirect_uri"].clone(), asked["state"].clone());
    let issuer = stub.issuer.clone();
    stub.codes.insert(
        code.clone(),
        Asked {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: back.clone(),
        },
    );
    stub.last_question = asked;
    Redirect::to(&format!("{back}?code={code}&state={state}&iss={issuer}"))
}

async fn token(
    State(stub): Shared,
    headers: HeaderMap,
    Form(said): Form<HashMap<String, String>>,
) -> Response {
    let mut stub = stub.lock().unwrap();
    let basic = STANDARD.encode("tracegate:the%20client%27s%20secret");
    let client = headers["authorization"] == format!("Basic {basic}");
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&said["code_verifier"]));
    let asked = stub.codes.get_mut(&said["code"]);
    let asked = asked.filter(|asked| {
        client && asked.challenge == challenge && asked.redirect_uri == said["redirect_uri"]
    });
    let Some(asked) = asked else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // A code is good once.
    asked.challenge = String::new();
    let nonce = asked.nonce.clone();
    Json(json!({"id_token": stub.id_token(&nonce), "token_type": "Bearer"})).into_response()
}

impl Inner {
    fn id_token(&self, nonce: &str) -> String {
        let mut claims = self.person.clone();
        let more = json!({"iss": self.issuer, "aud": "tracegate", "nonce": nonce,
            "iat": self.now, "exp": self.now + 300, "auth_time": self.now});
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let object = claims.as_object_mut().unwrap();
        let mut header = json!({"alg": "ES256", "kid": "stub"});
        match self.forge {
            Forge::Nonce => object["nonce"] = json!("another"),
            Forge::NoNonce => drop(object.remove("nonce")),
            Forge::Audience => object["aud"] = json!("another"),
            Forge::SeveralAudiences => object["aud"] = json!(["tracegate", "another"]),
            Forge::AuthorizedParty => drop(object.insert("azp".to_owned(), json!("another"))),
            Forge::Issuer => object["iss"] = json!("https://another.example"),
            Forge::Expired => object["exp"] = json!(self.now - 61),
            Forge::NoExpiry => drop(object.remove("exp")),
            Forge::Future => object["iat"] = json!(self.now + 3600),
            Forge::Unsigned => header["alg"] = json!("none"),
            Forge::Keyed => header["alg"] = json!("HS256"),
            Forge::NoAuthTime => drop(object.remove("auth_time")),
            Forge::Nothing | Forge::Signature => {}
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let random = SystemRandom::new();
        let signature = self.key.sign(&random, signed.as_bytes()).unwrap();
        let mut signature = signature.as_ref().to_vec();
        match self.forge {
            Forge::Signature => signature[9] ^= 1,
            Forge::Unsigned => signature.clear(),
            _ => {}
        }
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
