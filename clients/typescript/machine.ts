/** Whom a call comes from: the machine's token, and its officer's identity, signed for this one call. */

import { createHash, createPrivateKey, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import { type JWTPayload, SignJWT } from "jose";
import { parse } from "smol-toml";

type Settings = { gate: string; client: string; officer: { id: string; rank: string } };

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** What comes before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8 = "302e020100300506032b657004220420";

/** The machine of a folder that `tracegate agency keygen` has made. */
export class Machine {
  readonly settings: Settings;
  private readonly key;
  private token = "";
  private goodUntil = 0;

  constructor(folder: string) {
    this.settings = parse(readFileSync(`${folder}/agency.toml`, "utf8")) as Settings;
    const secret = readFileSync(`${folder}/signing.key`, "utf8").trim();
    this.key = createPrivateKey({ key: Buffer.from(PKCS8 + secret, "hex"), format: "der", type: "pkcs8" });
  }

  onRequest = async ({ request }: { request: Request }): Promise<Request> => {
    if (Date.now() > this.goodUntil) await this.askForToken();
    request.headers.set("Authorization", `Bearer ${this.token}`);
    if (request.method === "POST") request.headers.set("Officer-Identity", await this.identity(request));
    return request;
  };

  private sign(kind: string, claims: JWTPayload): Promise<string> {
    const header = { alg: "EdDSA", typ: kind };
    return new SignJWT(claims).setProtectedHeader(header).setIssuedAt().setJti(randomUUID()).sign(this.key);
  }

  private async askForToken(): Promise<void> {
    const { client, gate } = this.settings;
    const exp = Math.floor(Date.now() / 1000) + 60;
    const assertion = await this.sign("JWT", { iss: client, sub: client, aud: gate, exp });
    const form = { grant_type: "client_credentials", client_assertion_type: ASSERTION, client_assertion: assertion };
    const answer = await fetch(`${gate}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
    if (!answer.ok) throw new Error(`no token: ${await answer.text()}`);
    const given = (await answer.json()) as { access_token: string; expires_in: number };
    this.token = given.access_token;
    this.goodUntil = Date.now() + (given.expires_in - 30) * 1000;
  }

  private async identity(request: Request): Promise<string> {
    const { id, rank } = this.settings.officer;
    const body = createHash("sha256").update(Buffer.from(await request.clone().arrayBuffer())).digest("hex");
    const htu = request.url.split("?")[0];
    return this.sign("officer+jwt", { sub: id, rank, htm: request.method, htu, body_sha256: body });
  }
}
