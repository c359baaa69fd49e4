"""Tracegate's log under a foreign witness, and a foreign log under Tracegate's witness.

    python interop.py TRACEGATE FOLDER

TRACEGATE is the program; FOLDER is empty. `aics-witness` cosigns the log of a demonstration, whose
public head then verifies with `tlog-scales` and `tracegate ledger verify`; `tracegate witness`
cosigns a growing log made by `aics-tlog`, with Ed25519 and with ML-DSA-44, and refuses its fork.
"""

import hashlib
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import aics_tlog
from aics_witness.feeder import WitnessClient, WitnessRejected
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tlog_scales import signing, tlog

PROGRAM, FOLDER = sys.argv[1], Path(sys.argv[2])
WITNESS_NAME = "aics.example/w1"
ORIGIN = "foreign.example/log"


def run(*words: object) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{words} failed: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def wait(address: str, path: str, ready) -> bytes:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
                body = answer.read()
            if ready(body):
                return body
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{address}{path} did not come to it")


def our_log_under_their_witness(started: list) -> None:
    config = FOLDER / "aics" / "witness.json"
    config.parent.mkdir()
    address, gate = free_address(), free_address()
    aics = [sys.executable, "-m", "aics_witness"]
    vkey = run(*aics, "init", "--config", config, "--name", WITNESS_NAME, "--listen", address)
    data = FOLDER / "demo"
    run(PROGRAM, "demo", "--once", "--people", 3000, "--requests", 60, "--data", data)
    log_key = (data / "log.vkey").read_text().strip()
    origin = log_key.split("+")[0]
    run(*aics, "add-log", "--config", config, "--origin", origin, "--vkey", log_key)
    started.append(subprocess.Popen([*aics, "serve", "--config", str(config)]))
    policy = FOLDER / "policy.txt"
    policy.write_text(
        f"log {log_key}\nwitness aics {vkey} http://{address}\nquorum aics\n"
    )
    settings = data / "tracegate.toml"
    text = settings.read_text().replace("[log]\n", f'[log]\npolicy_file = "{policy}"\n', 1)
    settings.write_text(text)
    started.append(
        subprocess.Popen([PROGRAM, "demo", "--listen", gate, "--data", str(data)])
    )
    checkpoint = wait(gate, "/log/checkpoint", lambda body: WITNESS_NAME.encode() in body)
    head = tlog.Checkpoint.from_text(checkpoint.decode())
    for key in (log_key, vkey):
        head.verify(signing.Vkey.from_string(key))
    run(PROGRAM, "ledger", "verify", f"http://{gate}/log", "--policy", policy)
    print("aics-witness cosigned our log of", head.size, "entries")


def their_log_under_our_witness(started: list) -> None:
    secret = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
    log_key = aics_tlog.vkey_from_ed25519(ORIGIN, secret.public_key())
    logs = FOLDER / "logs.txt"
    logs.write_text(aics_tlog.format_vkey(log_key) + "\n")
    words = [PROGRAM, "witness", "serve", "--logs", logs, "--state", FOLDER / "w.sqlite", "--create"]
    keys = []
    for kind in ("witness", "witness-ml-dsa-44"):
        file = FOLDER / f"{kind}.key"
        keys.append(run(PROGRAM, "keys", "generate", kind, "--name", "ours.example/w", "--out", file))
        words += ["--key", file]
    address = free_address()
    words += ["--listen", address]
    started.append(subprocess.Popen([str(word) for word in words]))
    wait(address, "/health", lambda body: body == b"ok\n")
    client = WitnessClient(f"http://{address}", keys[0])
    tree = aics_tlog.MerkleTree()
    for size in (1, 5, 300):
        for index in range(tree.size, size):
            tree.append(f"entry {index}".encode())
        note = sign(tree, secret)
        lines = client.submit(note, tree.consistency_proof)
        tlog.Checkpoint.from_text(note + lines).verify(signing.Vkey.from_string(keys[0]))
        # What it shows to monitors carries both cosignatures.
        shown = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
        head = tlog.Checkpoint.from_text(wait(address, shown, bool).decode())
        if head.size != size:
            raise SystemExit(f"the witness shows {head.size} entries, not {size}")
        for key in keys:
            head.verify(signing.Vkey.from_string(key))
    fork = aics_tlog.MerkleTree()
    for index in range(400):
        fork.append(f"entry {index + 1}".encode())
    try:
        client.submit(sign(fork, secret), fork.consistency_proof)
    except WitnessRejected:
        print("tracegate witness cosigned their log three times and refused its fork")
    else:
        raise SystemExit("a fork was cosigned")


def sign(tree: aics_tlog.MerkleTree, secret: Ed25519PrivateKey) -> str:
    head = aics_tlog.Checkpoint(ORIGIN, tree.size, tree.root())
    return aics_tlog.sign_checkpoint(head, secret, ORIGIN).serialise()


def main() -> None:
    started: list[subprocess.Popen] = []
    try:
        their_log_under_our_witness(started)
        our_log_under_their_witness(started)
    finally:
        for process in started:
            process.kill()
            process.wait()


main()
