"""Whom a call comes from: the machine's token, and its officer's identity, signed for this one call."""

import hashlib
import secrets
import time
import tomllib
from pathlib import Path

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Machine(httpx.Auth):
    """The machine of a folder that `tracegate agency keygen` has made."""

    requires_request_body = requires_response_body = True

    def __init__(self, folder: str) -> None:
        self.settings = tomllib.loads(Path(folder, "agency.toml").read_text())
        secret = bytes.fromhex(Path(folder, "signing.key").read_text())
        self.key = Ed25519PrivateKey.from_private_bytes(secret)
        self.token, self.good_until = "", 0.0

    def sign(self, kind: str, **claims: object) -> str:
        once = {"iat": int(time.time()), "jti": secrets.token_hex(16)}
        return jwt.encode({**once, **claims}, self.key, "EdDSA", headers={"typ": kind})

    def auth_flow(self, request: httpx.Request):
        if time.time() > self.good_until:
            given = (yield self.ask_for_token()).raise_for_status().json()
            self.token, self.good_until = given["access_token"], time.time() + given["expires_in"] - 30
        request.headers["Authorization"] = f"Bearer {self.token}"
        if request.method == "POST":
            request.headers["Officer-Identity"] = self.identity(request)
        yield request

    def ask_for_token(self) -> httpx.Request:
        client, gate = self.settings["client"], self.settings["gate"]
        assertion = self.sign("JWT", iss=client, sub=client, aud=gate, exp=int(time.time()) + 60)
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
        return httpx.Request("POST", f"{gate}/oauth/token", data=form)

    def identity(self, request: httpx.Request) -> str:
        officer, body = self.settings["officer"], hashlib.sha256(request.content).hexdigest()
        return self.sign("officer+jwt", sub=officer["id"], rank=officer["rank"], htm=request.method,
                         htu=str(request.url.copy_with(query=None)), body_sha256=body)
