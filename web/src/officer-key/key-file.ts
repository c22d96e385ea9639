// An officer's key file (docs/formats/officers.md), opened in this browser with the passphrase. Key
// and passphrase stay here: what leaves is a signature.
//
// PKCS#8 PEM, PBES2 (RFC 8018): PBKDF2 with HMAC-SHA-256, AES-256-CBC, Ed25519 within.
import { body, DerError, elements, integer, oid, sequence, tags } from "./der.ts";

export const keyFileBytesMax = 16 * 1024;
export const roundsMin = 600_000;
export const roundsMax = 2_000_000;
export const passphraseBytesMin = 12;
export const passphraseBytesMax = 1_024;

const oids = {
  pbes2: "1.2.840.113549.1.5.13",
  pbkdf2: "1.2.840.113549.1.5.12",
  hmacSha256: "1.2.840.113549.2.9",
  aes256Cbc: "2.16.840.1.101.3.4.1.42",
} as const;

// Why a key file was not opened. "passphrase" is also what a damaged file looks like.
export type KeyFileProblem =
  | "too-large"
  | "not-encrypted"
  | "not-a-key-file"
  | "other-scheme"
  | "few-rounds"
  | "many-rounds"
  | "passphrase-length"
  | "passphrase"
  | "other-key"
  | "no-browser-support";

export class KeyFileError extends Error {
  readonly problem: KeyFileProblem;
  constructor(problem: KeyFileProblem, message: string) {
    super(message);
    this.name = "KeyFileError";
    this.problem = problem;
  }
}

interface Sealed {
  salt: Uint8Array<ArrayBuffer>;
  rounds: number;
  iv: Uint8Array<ArrayBuffer>;
  data: Uint8Array<ArrayBuffer>;
}

const label = "ENCRYPTED PRIVATE KEY";

function fromPem(text: string): Uint8Array<ArrayBuffer> {
  if (text.length > keyFileBytesMax) {
    throw new KeyFileError("too-large", `a key file has at most ${keyFileBytesMax} bytes`);
  }
  const match = /^-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----\s*$/.exec(
    text.trimStart(),
  );
  if (!match) throw new KeyFileError("not-a-key-file", "expected one PEM block");
  if (match[1] !== label) {
    const open = match[1]?.endsWith("PRIVATE KEY") === true;
    throw new KeyFileError(
      open ? "not-encrypted" : "not-a-key-file",
      `found BEGIN ${match[1]}, expected BEGIN ${label}`,
    );
  }
  try {
    return Uint8Array.from(atob((match[2] ?? "").replace(/\s/g, "")), (c) => c.charCodeAt(0));
  } catch {
    throw new KeyFileError("not-a-key-file", "the PEM block is no base64");
  }
}

function sealedOf(der: Uint8Array<ArrayBuffer>): Sealed {
  try {
    const outer = elements(der);
    if (outer.length !== 1) throw new DerError("has more than one element");
    const [algorithm, data] = sequence(outer[0]);
    const [scheme, parameters] = sequence(algorithm);
    if (oid(scheme) !== oids.pbes2) throw new KeyFileError("other-scheme", "expected PBES2");
    const [derivation, cipher] = sequence(parameters);
    const [derivationName, derivationParameters] = sequence(derivation);
    if (oid(derivationName) !== oids.pbkdf2)
      throw new KeyFileError("other-scheme", "expected PBKDF2");
    const [salt, rounds, ...options] = sequence(derivationParameters);
    // A length of the key may stand before the function; it is 32 for this cipher.
    if (options[0]?.tag === tags.integer && integer(options.shift()) !== 32) {
      throw new KeyFileError("other-scheme", "expected a key of 32 bytes");
    }
    // Absent it means HMAC-SHA-1, which is not taken.
    if (!options[0] || oid(sequence(options[0])[0]) !== oids.hmacSha256) {
      throw new KeyFileError("other-scheme", "expected HMAC-SHA-256");
    }
    const [cipherName, iv] = sequence(cipher);
    if (oid(cipherName) !== oids.aes256Cbc) {
      throw new KeyFileError("other-scheme", "expected AES-256-CBC");
    }
    return {
      salt: body(salt, tags.octets),
      rounds: integer(rounds),
      iv: body(iv, tags.octets),
      data: body(data, tags.octets),
    };
  } catch (error) {
    if (error instanceof DerError) {
      throw new KeyFileError("not-a-key-file", `the key file ${error.message}`);
    }
    throw error;
  }
}

// An opened key. It can sign and say who it is; it cannot be read out again.
export interface OfficerKey {
  // base64url of the raw 32 bytes of the public key.
  readonly publicKey: string;
  // First 16 hexadecimal digits of SHA-256 over them.
  readonly id: string;
  readonly sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;
}

export async function openKeyFile(text: string, passphrase: string): Promise<OfficerKey> {
  const sealed = sealedOf(fromPem(text));
  if (sealed.rounds < roundsMin) {
    throw new KeyFileError("few-rounds", `${sealed.rounds} rounds, expected at least ${roundsMin}`);
  }
  if (sealed.rounds > roundsMax) {
    throw new KeyFileError("many-rounds", `${sealed.rounds} rounds, expected at most ${roundsMax}`);
  }
  const secret = new TextEncoder().encode(passphrase);
  if (secret.length < passphraseBytesMin || secret.length > passphraseBytesMax) {
    throw new KeyFileError(
      "passphrase-length",
      `a passphrase has ${passphraseBytesMin} to ${passphraseBytesMax} bytes`,
    );
  }
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) {
    throw new KeyFileError("no-browser-support", "WebCrypto needs https or a loopback address");
  }
  const base = await subtle.importKey("raw", secret, "PBKDF2", false, ["deriveKey"]);
  const key = await subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt: sealed.salt, iterations: sealed.rounds },
    base,
    { name: "AES-CBC", length: 256 },
    false,
    ["decrypt"],
  );
  let opened: Uint8Array<ArrayBuffer>;
  try {
    opened = new Uint8Array(
      await subtle.decrypt({ name: "AES-CBC", iv: sealed.iv }, key, sealed.data),
    );
  } catch {
    throw new KeyFileError("passphrase", "the passphrase does not open this file");
  }
  try {
    return await importOpened(subtle, opened);
  } finally {
    opened.fill(0);
  }
}

async function importOpened(
  subtle: SubtleCrypto,
  opened: Uint8Array<ArrayBuffer>,
): Promise<OfficerKey> {
  // Ed25519 by RFC 8410. Another kind of key, or what a wrong passphrase left by chance, has no such
  // identifier.
  const ed25519 = [0x06, 0x03, 0x2b, 0x65, 0x70];
  const found = opened.findIndex((_, i) => ed25519.every((byte, k) => opened[i + k] === byte));
  if (opened[0] !== tags.sequence) {
    throw new KeyFileError("passphrase", "the passphrase does not open this file");
  }
  if (found < 0 || found > 12) throw new KeyFileError("other-key", "the file holds no Ed25519 key");
  let signing: CryptoKey;
  let x: string | undefined;
  try {
    // Readable for as long as it takes to learn the public key, then only for signing.
    const readable = await subtle.importKey("pkcs8", opened, "Ed25519", true, ["sign"]);
    x = (await subtle.exportKey("jwk", readable)).x;
    signing = await subtle.importKey("pkcs8", opened, "Ed25519", false, ["sign"]);
  } catch (error) {
    const unsupported = error instanceof DOMException && error.name === "NotSupportedError";
    throw new KeyFileError(
      unsupported ? "no-browser-support" : "other-key",
      unsupported
        ? "this browser cannot sign with Ed25519"
        : "the file holds no usable Ed25519 key",
    );
  }
  if (!x) throw new KeyFileError("other-key", "the public key could not be derived");
  const raw = Uint8Array.from(atob(x.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
    c.charCodeAt(0),
  );
  const digest = new Uint8Array(await subtle.digest("SHA-256", raw));
  const id = [...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    publicKey: x,
    id,
    sign: async (bytes) => new Uint8Array(await subtle.sign("Ed25519", signing, bytes)),
  };
}
