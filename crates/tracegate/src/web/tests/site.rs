//! A small installation in a temporary folder: seven people, the shipped agreements, a clock that
//! stands until it is set.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use disclosure::{Actor, Case};
use jiff::{SignedDuration, Timestamp};
use ledger::{KeyType, SignerKey};
use matcher::{csv_input, index};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::browser::Browser;
use crate::chance::Chance;
use crate::cli::keys::write_private;
use crate::clock::Clock;
use crate::demo::setup;
use crate::gate::Gate;
use crate::pipeline::{publish, suspension};
use crate::settings::{Answers, Client, Log, SessionTimes, Settings, SignIn};
use crate::{http, personas, shipped, worker};

/// When the sample agreements are in force.
const NOW: &str = "2026-03-02T09:00:00Z";

const PEOPLE: &str = "\
person_id,nhs_number,given_name,middle_name,surname,previous_names,date_of_birth,sex,address,town,postcode,address_kind,restricted
P1,9990000018,Maud,Ellen,Thistlewood,Maud||Harrowgate,1984-03-27,F,14 Larch Close,Northmoor,NM1 2AB,home,
P2,9990000026,Joan,,Ashby,,1971-07-09,F,2 Mill Lane,Northmoor,NM3 4CD,home,yes
P3,9990000034,Ivo,,Pemberton,,1990-11-15,M,9 Quay Street,Northmoor,NM2 1EF,home,
P4,9990000042,Asha,,Verma,,1966-05-30,F,71 Tanner Row,Northmoor,NM4 8GH,home,
P5,9990000050,Peter,,Lund,,1958-12-12,M,3 Abbey Walk,Northmoor,NM5 5JK,home,
P6,9990000069,Noor,,Halloran,,1979-04-18,F,5 Weir Street,Northmoor,NM6 7LM,home,
P7,9990000077,Noor,,Halloran,,1979-04-18,F,5 Weir Street,Northmoor,NM6 7LM,home,
";

/// A running desk.
pub struct Site {
    pub gate: Arc<Gate>,
    pub address: String,
    runtime: Runtime,
    _folder: TempDir,
}

impl Site {
    /// A demonstration, where anybody can sign in.
    pub fn demonstration() -> Site {
        Site::start(true)
    }

    /// A demonstration whose folder of agreements is edited before they are published.
    pub fn with_agreements(edit: impl FnOnce(&Path)) -> Site {
        Site::start_with(|folder| {
            let settings = settings(folder, true);
            edit(&settings.agreements);
            settings
        })
    }

    /// A demonstration with other settings.
    pub fn with_settings(edit: impl FnOnce(&mut Settings)) -> Site {
        Site::start_with(|folder| {
            let mut settings = settings(folder, true);
            edit(&mut settings);
            settings
        })
    }

    /// An installation where nobody can sign in at the desk.
    pub fn production() -> Site {
        Site::start(false)
    }

    /// An installation whose people sign in with accounts.
    pub fn with_accounts() -> Site {
        Site::start_with(|folder| Settings {
            accounts: true,
            ..settings(folder, false)
        })
    }

    /// An installation whose people sign in through a provider at `issuer`.
    pub fn with_provider(issuer: &str) -> Site {
        let secret = |folder: &Path| {
            let file = folder.join("client.secret");
            write_private(&file, b"the client's secret\n").unwrap();
            file
        };
        Site::start_with(|folder| Settings {
            sign_in: Some(SignIn {
                issuer: issuer.to_owned(),
                client_id: "tracegate".to_owned(),
                client_secret_file: secret(folder),
                address: "https://gate.example".to_owned(),
                scope: "openid profile".to_owned(),
                roles_claim: "realm.roles".to_owned(),
                organization_claim: "organization".to_owned(),
                person_claim: "nhs_number".to_owned(),
                rank_claim: "rank".to_owned(),
                ranks: BTreeMap::new(),
                roles: BTreeMap::new(),
            }),
            ..settings(folder, false)
        })
    }

    fn start(demonstration: bool) -> Site {
        Site::start_with(|folder| settings(folder, demonstration))
    }

    fn start_with(settings: impl FnOnce(&Path) -> Settings) -> Site {
        let folder = TempDir::new().unwrap();
        let settings = settings(folder.path());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (gate, listener) = runtime.block_on(async {
            let now: Timestamp = NOW.parse().unwrap();
            setup::publish(&settings, now).await.unwrap();
            let gate = Gate::open(settings, Clock::standing(now), Chance::seeded(7));
            let gate = Arc::new(gate.await.unwrap());
            suspension::record_states(&gate).await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            (gate, listener)
        });
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = http::router(Arc::clone(&gate));
        let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
        runtime.spawn(async move { axum::serve(listener, service).await });
        Site {
            gate,
            address,
            runtime,
            _folder: folder,
        }
    }

    /// Serves something else beside the desk; its address.
    pub fn serve(&self, router: axum::Router) -> String {
        let listener = self.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        self.runtime
            .spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// A browser in which this person has signed in.
    pub fn signed_in(&self, person: &str) -> Browser {
        let mut browser = Browser::new(&self.address);
        browser.get("/sign-in");
        let page = browser.post("/sign-in", &[("person", person)]);
        assert_eq!(page.status, 303, "{}", page.text);
        browser
    }

    /// A browser in which nobody has signed in.
    pub fn visitor(&self) -> Browser {
        Browser::new(&self.address)
    }

    /// Waits for something of the service's own.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Lets the worker do everything that is due.
    pub fn work(&self) {
        self.runtime.block_on(worker::drain(&self.gate)).unwrap();
    }

    /// Publishes the log.
    pub fn publish(&self) {
        self.runtime.block_on(publish::publish(&self.gate)).unwrap();
    }

    /// Sets the clock on.
    pub fn later(&self, by: SignedDuration) {
        self.gate.clock.set(self.gate.clock.now() + by);
    }

    /// The case as it is stored.
    pub fn case(&self, id: &str) -> Case {
        let case = self.runtime.block_on(self.gate.store.case(id));
        case.unwrap().unwrap()
    }

    /// Kinds of the newest entries of the ledger, oldest of them first.
    pub fn kinds(&self) -> Vec<disclosure::EventKind> {
        let entries = self.runtime.block_on(self.gate.store.entries(0, 1000));
        entries
            .unwrap()
            .into_iter()
            .map(|entry| entry.kind)
            .collect()
    }
}

/// The token with which a persona uses the interface.
pub fn token(id: &str) -> String {
    format!("token of {id}")
}

fn client(actor: Actor) -> Client {
    Client {
        keys: Vec::new(),
        token_sha256: Some(hex::encode(Sha256::digest(token(&actor.id)))),
        id: actor.id,
        name: actor.name,
        role: actor.role,
        organization: actor.organization,
    }
}

fn settings(folder: &Path, demonstration: bool) -> Settings {
    let rows = csv_input::read_persons(PEOPLE.as_bytes()).unwrap();
    let people = folder.join("people.tgx");
    let report = index::build(rows, &people, &mut |_| {}).unwrap();
    assert_eq!(report.people, 7, "{:?}", report.faults);
    shipped::write_agreements(&folder.join("agreements")).unwrap();
    let key = SignerKey::from_seed("log.example/test", KeyType::Note, &[7; 32]).unwrap();
    let key_file = folder.join("log.key");
    write_private(&key_file, key.to_secret_text().as_bytes()).unwrap();
    Settings {
        languages: Vec::new(),
        listen: "127.0.0.1:0".parse().unwrap(),
        database: format!("sqlite:{}", folder.join("test.sqlite").display()),
        keys: folder.join("test.keys"),
        index: people,
        agreements: folder.join("agreements"),
        statistics: folder.join("statistics"),
        log: Log {
            folder: folder.join("log"),
            key_file,
            next_key_file: None,
            follows_file: None,
            marks_key_file: None,
            state_file: folder.join("log.state"),
            policy_file: None,
            warn_seconds: 60,
            stop_seconds: 600,
            tick_seconds: 1,
        },
        answers: Answers {
            tick_seconds: 3600,
            earliest_seconds: 0,
        },
        demonstration,
        sign_in: None,
        accounts: false,
        sessions: SessionTimes::default(),
        practices: setup::practices(),
        clients: personas::all().map(client).collect(),
        // The share of calls runs on real time: a fast machine must not meet it here.
        calls_per_second: 1_000_000,
        package_key_file: None,
        agencies: Vec::new(),
        email: None,
        folders: Vec::new(),
        machines: None,
    }
}
