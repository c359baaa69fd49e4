"""The interface of a gate under foreign eyes: generated clients, schemathesis, readers of FHIR,
standardwebhooks, tlog-scales, `age`.

    python interface.py TRACEGATE PAGE CLIENTS FOLDER EXAMPLES

TRACEGATE is the program, PAGE `docs/agency-api.md`, CLIENTS the folder of the examples, FOLDER is empty. Every command
of the page and of the clients' README is run as it stands there, with Debian's `age` and foreign readers of FHIR and
of the log looking at what comes out; then schemathesis asks each operation EXAMPLES times. First it must find two
faults that are planted, which takes it 300.
"""

import base64
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tlog_scales import signing, tiles, tlog

import found
import readers
import walk

PROGRAM, PAGE, CLIENTS, FOLDER = map(Path, sys.argv[1:5])
EXAMPLES = sys.argv[5]
# 100 missed one of the planted faults, 300 found both.
EXAMPLES_FOR_PLANTED = "300"
# Who asks what: an operation that is not the caller's is answered 403, and learns nothing more.
CALLERS = {
    "Agency": "dc-amara-osei",
    "Controller": "cg-dr-miriam-okafor",
    "Agreements": "cg-dr-anton-keller",
    "Portal": "sa-leila-haddad",
    "Public": "ov-james-whitlock",
}
# Whose operations are linked with each other.
LINKED = {"Agency", "Controller", "Agreements"}
CHECKS = ",".join([
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "missing_required_header",
])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resources(gate: str) -> list[dict]:
    """The record that was collected, and what is read at /fhir/R4, page after page; so is what is refused."""
    record = json.loads((FOLDER / "record.json").read_text())
    read = [record, *(entry["resource"] for entry in record["entry"])]
    for persona, place in [("dc-amara-osei", "Task?_count=20"), ("ov-james-whitlock", "AuditEvent?_count=20"),
                           ("", "metadata"), ("cw-sofia-lindqvist", "Task"), ("dc-amara-osei", "Nothing")]:
        while place:
            page = fetch(f"{gate}/fhir/R4/{place}", persona)
            read += [page, *(entry["resource"] for entry in page.get("entry", []))]
            place = next((link["url"] for link in page.get("link", [])), "")
    cases = [resource["id"] for resource in read if resource["resourceType"] == "Task"]
    read += [fetch(f"{gate}/fhir/R4/Provenance/{case}", "dc-amara-osei") for case in cases]
    stream = [PROGRAM, "oversee", "events", "--data", FOLDER / "demo", "--by", "ov-james-whitlock"]
    events = subprocess.run(stream, capture_output=True, text=True, check=True).stdout
    read += [json.loads(event) for event in events.splitlines()]
    read += found.resources(gate, FOLDER / "demo")
    if len(read) < 50:
        raise SystemExit(f"only {len(read)} resources were read")
    return read


def check_clients() -> None:
    """Clients generated from the description ask a gate of their own."""
    folder = FOLDER / "clients-walk"
    shutil.copytree(CLIENTS, folder / "clients", ignore=shutil.ignore_patterns("venv", "gate*", "node_modules"))
    walk.save(PAGE, folder)
    try:
        said = walk.run(CLIENTS / "README.md", folder, PROGRAM, free_port())
    finally:
        walk.stop(folder)
    answers = re.findall(r"^TG-\S+ received The request", said, re.MULTILINE)
    if len(answers) != 2:
        raise SystemExit(f"the clients said something else:\n{said[-3000:]}")
    print("clients: generated ones in Python and TypeScript sent a request each, and read its status")


def fetch(address: str, persona: str) -> dict:
    headers = {"Authorization": f"Bearer {token(persona)}"} if persona else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return json.loads(refused.read())


def check_proof() -> None:
    head, note = (FOLDER / "parts/release.tlog-proof").read_text().split("\n\n", 1)
    lines = head.split("\n")
    index, path = int(lines[1].split(" ")[1]), [base64.b64decode(line) for line in lines[2:]]
    key = signing.Vkey.from_string((FOLDER / "agency/log.vkey").read_text().strip())
    checkpoint = tlog.Checkpoint.from_text(note)
    checkpoint.verify(key)
    entry = (FOLDER / "parts/release.tlog-proof.entry").read_bytes()
    proof = tlog.InclusionProof(index, checkpoint.size, path)
    proof.check(tiles.leaf_hash(entry), checkpoint.root_hash)
    print(f"release.tlog-proof: tlog-scales finds entry {index} in the log of {checkpoint.size}")


class Planted(http.server.BaseHTTPRequestHandler):
    """The gate, with two faults: rare values of `limit` are answered 500, and others undocumented."""

    gate = ""
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else None
        limit = re.search(r"[?&]limit=(\d+)", self.path)
        number = int(limit.group(1)) if limit else 0
        if 120 <= number < 140:
            self.send(500, b"{}", "application/json")
        elif 140 <= number < 160:
            self.send(418, b"{}", "application/json")
        else:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            asked = urllib.request.Request(self.gate + self.path, body, headers, method=self.command)
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    self.send(answer.status, answer.read(), answer.headers["content-type"])
            except urllib.error.HTTPError as answer:
                self.send(answer.code, answer.read(), answer.headers["content-type"])

    do_GET = do_POST = answer

    def send(self, status: int, body: bytes, kind: str | None) -> None:
        self.send_response(status)
        self.send_header("content-type", kind or "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def token(persona: str) -> str:
    lines = (FOLDER / "demo/tokens.txt").read_text().splitlines()
    return next(line.split(" ")[1] for line in lines if line.startswith(persona + " "))


def schemathesis(address: str, persona: str, examples: str, *more: str) -> subprocess.CompletedProcess:
    words = ["run", f"{address}/api/v1/openapi.json", "--url", f"{address}/api/v1",
             "--header", f"Authorization: Bearer {token(persona)}", "--max-examples", examples,
             "--mode", "all", "--seed", "2018", "--generation-database", "none", "--no-color",
             "--request-timeout", "30", "--continue-on-failure", *more]
    command = [str(Path(sys.executable).parent / "schemathesis"), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=FOLDER)


def finds_what_is_planted(gate: str) -> None:
    Planted.gate = gate
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Planted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    checks = "not_a_server_error,status_code_conformance"
    found = schemathesis(address, CALLERS["Agency"], EXAMPLES_FOR_PLANTED, "--include-operation-id", "listRequests",
                         "--checks", checks, "--phases", "fuzzing")
    server.shutdown()
    for fault in ["Server error", "Undocumented status code"]:
        if f"{fault}: 1" not in found.stdout:
            raise SystemExit(f"schemathesis did not find the planted fault ({fault}):\n{found.stdout[-3000:]}")
    print("schemathesis: found both planted faults")


def finds_nothing(gate: str, tag: str, persona: str) -> str:
    """What to say of a tag whose operations all answer as described."""
    since = time.monotonic()
    done = schemathesis(gate, persona, EXAMPLES, "--include-tag", tag, "--checks", CHECKS,
                        "--phases", ",".join(["examples", "coverage", "fuzzing", *(["stateful"] if tag in LINKED else [])]))
    if done.returncode != 0:
        raise SystemExit(f"schemathesis, {tag}:\n{done.stdout[-6000:]}{done.stderr[-2000:]}")
    count = re.search(r"(\d+) generated", done.stdout)
    return f"schemathesis, {tag}: {count.group(1)} calls in {time.monotonic() - since:.0f} s, nothing found"


def main() -> None:
    port = free_port()
    gate = f"http://127.0.0.1:{port}"
    check_clients()
    try:
        walk.run(PAGE, FOLDER, PROGRAM, port)
        print(f"{PAGE.name}: every command worked; Debian's age opened the package")
        check_proof()
        readers.must_be_valid(resources(gate))
        finds_what_is_planted(gate)
        # Making up calls is most of the work, so the callers share the machine's cores.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for line in pool.map(lambda caller: finds_nothing(gate, *caller), CALLERS.items()):
                print(line, flush=True)
    finally:
        walk.stop(FOLDER)


main()
