"""What the controller's own staff read: whom the trace of a case has found, and what that person says of it."""

import csv
import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

OFFICER, CASEWORKER, ASKED_ABOUT = "dc-amara-osei", "cw-sofia-lindqvist", "su-asked-about"


def resources(gate: str, demo: Path) -> list[dict]:
    """`Patient/$match` and `Consent` of a case that is asked for now, about somebody who objects."""
    with (demo / "people.csv").open() as people:
        person = next(row for row in csv.DictReader(people) if row["restricted"] != "true" and row["nhs_number"]
                      and row["middle_name"] and row["address_kind"] == "home" and not row["death_date"])
    object_to_it(gate, person)
    case = ask(gate, demo, person)
    patient = {"resourceType": "Patient", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number",
                                                          "value": person["nhs_number"]}]}
    asked = {"resourceType": "Parameters", "parameter": [
        {"name": "resource", "resource": patient}, {"name": "case", "valueString": case},
        {"name": "reason", "valueCode": "trace"}]}
    found = call(gate, demo, CASEWORKER, "POST", "/fhir/R4/Patient/$match", asked)
    if found.get("total") != 1:
        raise SystemExit(f"$match found nobody: {found}")
    consent = call(gate, demo, CASEWORKER, "GET", f"/fhir/R4/Consent/{case}")
    return [found, *(entry["resource"] for entry in found["entry"]), consent]


def ask(gate: str, demo: Path, person: dict) -> str:
    """A request that only a person can decide, once its trace is made; with the agency's budget used up, a person
    lets it go on."""
    request = {
        "agency_reference": "NP/1", "purpose": "serious_crime", "subject_role": "suspect",
        "requester": {"organization": "police-northmoor", "unit": "major-crime", "officer_id": OFFICER,
                      "name": "DC Amara Osei", "rank": "constable"},
        "authoriser": {"officer_id": "insp-ruth-hale", "name": "Inspector Ruth Hale", "rank": "inspector",
                       "signed_at": "2026-10-01T08:00:00Z"},
        "grounds": {"gateway": "L3", "offence": "serious_fraud"},
        "justification": {"necessity": "cannot be found otherwise", "proportionality": "contact only",
                          "harm": "others at risk", "link": "cannot be questioned", "likelihood": "likely",
                          "consent": "not_asked_prejudice",
                          "attempts": [{"what": "visit", "on": "2026-09-20", "result": "moved"}]},
        "subject": {"given_name": person["given_name"], "middle_name": person["middle_name"],
                    "surname": person["surname"], "nhs_number": person["nhs_number"],
                    "date_of_birth": person["date_of_birth"], "postcode": person["postcode"]},
        "fields": ["name", "last_known_address"],
    }
    case = call(gate, demo, OFFICER, "POST", "/api/v1/requests", request)["case"]
    for _ in range(100):
        seen = call(gate, demo, CASEWORKER, "GET", f"/api/v1/cases/{case}")
        if seen["state"] == "casework_review":
            return case
        if seen["state"] == "submitted" and seen["checks"]["answers"]:
            call(gate, demo, CASEWORKER, "POST", f"/api/v1/cases/{case}/clauses/budgets",
                 {"met": True, "reason": "A rehearsal."}, seen["version"])
        time.sleep(0.2)
    raise SystemExit(f"{case} is still {seen['state']}")


def call(gate: str, demo: Path, persona: str, method: str, path: str, body: dict | None = None, seen: int = 0) -> dict:
    lines = (demo / "tokens.txt").read_text().splitlines()
    token = next(line.split(" ")[1] for line in lines if line.startswith(persona + " "))
    kind = "application/fhir+json" if path.startswith("/fhir") else "application/json"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind, "X-Request-ID": str(uuid.uuid4()),
               "If-Match": f'"{seen}"'}
    sent = urllib.request.Request(gate + path, json.dumps(body).encode() if body else None, headers, method=method)
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        raise SystemExit(f"{method} {path}: {refused.code} {refused.read().decode()}") from refused


def object_to_it(gate: str, person: dict) -> None:
    """At the person's own desk, which has no other door than a browser's."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def submit(path: str, **fields: str) -> None:
        page = opener.open(gate + path, timeout=30).read().decode()
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', page).group(1)
        form = urllib.parse.urlencode({"form_token": token, **fields}).encode()
        opener.open(urllib.request.Request(gate + path, form, {"Origin": gate}), timeout=30)

    submit("/sign-in", number=person["nhs_number"], person=ASKED_ABOUT)
    submit("/yours/choices", step="object", objection="My brother must not learn where I am.")
