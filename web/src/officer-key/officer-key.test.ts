// Keys made by the openssl command from the seed of RFC 8032 section 7.1, test 2:
//   openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000
import { describe, expect, it } from "vitest";
import { KeyFileError, type KeyFileProblem, openKeyFile } from "./key-file.ts";
import { signAct, signStatement } from "./sign.ts";

const passphrase = "a long enough secret";

const good = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGcMFgGCSqGSIb3DQEFDTBLMCoGCSqGSIb3DQEFDDAdBAgoi+RaitZBvgIDCSfA
MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBAkLHi2LWvarzFt6h8Tl5KABEDo
d7MkKIKUtu7iJTXNEUb6DX0lx3zjgOKWAOxBUxAWuS/wYw7ZQGztNEYcJeHmq52E
JOeFkMNMXDuG4C+gTiSJ
-----END ENCRYPTED PRIVATE KEY-----
`;
const fewRounds = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGcMFgGCSqGSIb3DQEFDTBLMCoGCSqGSIb3DQEFDDAdBAhag19u3k/PyAIDCSe/
MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBB2Ma+F8mUhyJJMx4bbI6y0BEB/
fOVujHZ7osVpiby85sv4cvue/g/Bi7tT2Z5sbrriVANoTN5MnCc1gGpSh8PKVipx
9yvdpO0DFrZ08qXaJNfZ
-----END ENCRYPTED PRIVATE KEY-----
`;
const aes128 = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGcMFgGCSqGSIb3DQEFDTBLMCoGCSqGSIb3DQEFDDAdBAhUP2jyM8rXSgIDCSfA
MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAECBBA2/+YBhlCiklOKPK6GxjXHBEA9
ksGFTnwax2ypB2qA1axpTSrXmqRitW026OZG9Hi1pePWk68jYB4h8+j9sEz7BBJ8
Hf62qS+xS97JyQQ/jErx
-----END ENCRYPTED PRIVATE KEY-----
`;
const sha1 = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGOMEoGCSqGSIb3DQEFDTA9MBwGCSqGSIb3DQEFDDAPBAj+kWBEVc6K5QIDCSfA
MB0GCWCGSAFlAwQBKgQQ/R5wkFF3O9xMtVoKVyDujQRALq2ZXZIeFc/qPMFECwtq
TDS+lA2H5nmYws6C8FI1ciZhcL1cczf/25fOyBr1pW92tCvT6kpGN7FygVg78Nv0
rg==
-----END ENCRYPTED PRIVATE KEY-----
`;
const p256 = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHtMFgGCSqGSIb3DQEFDTBLMCoGCSqGSIb3DQEFDDAdBAjrKXUJ5WyQXQIDCSfA
MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCzM2Qt2KXbUx3HEExTExQLBIGQ
ULs4J1W2ApftkvsRvtYyoWMYKs4urYLp95q/QiMQX5/JJ+pRYXc0UO59/fzlU1j2
SI7c9mQY0rFnTuoupBd1JBDxkRypP8chHPF6BIeWOV6A7hHGQ7kmGGAy0EGGbCSG
ddG+0qn/CrLwh7+RGADdT8QtPFhc4w4p6MuE+pO3VVvCIoijSzRduPMoiY46qcO4
-----END ENCRYPTED PRIVATE KEY-----
`;
const open = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7
-----END PRIVATE KEY-----
`;

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  const text = pem.split("\n").slice(1, -2).join("");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function pemOf(der: Uint8Array): string {
  const text = btoa(String.fromCharCode(...der));
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${text}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

async function problemOf(text: string, secret = passphrase): Promise<KeyFileProblem | "opened"> {
  try {
    await openKeyFile(text, secret);
    return "opened";
  } catch (error) {
    if (error instanceof KeyFileError) return error.problem;
    throw error;
  }
}

describe("a key file", () => {
  it("opens under its passphrase and knows its public key and id", async () => {
    const key = await openKeyFile(good, passphrase);
    expect(key.publicKey).toBe("PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw");
    expect(key.id).toBe("39f713d0a644253f");
  });

  it("opens with other line ends and blanks round it", async () => {
    expect(await problemOf(`\n${good.replaceAll("\n", "\r\n")}\n`)).toBe("opened");
  });

  it.each<[string, string, KeyFileProblem]>([
    ["another passphrase", "a long enough secreT", "passphrase"],
    ["a passphrase of 11 bytes", "elevenbytes", "passphrase-length"],
    ["a passphrase of 1025 bytes", "x".repeat(1_025), "passphrase-length"],
  ])("is refused under %s", async (_, secret, problem) => {
    expect(await problemOf(good, secret)).toBe(problem);
  });

  it("takes passphrases at the bounds of their length for what they are: wrong ones", async () => {
    expect(await problemOf(good, "x".repeat(12))).toBe("passphrase");
    expect(await problemOf(good, "x".repeat(1_024))).toBe("passphrase");
    // Bytes count, not characters: six of two bytes are enough.
    expect(await problemOf(good, "é".repeat(6))).toBe("passphrase");
  });

  it.each<[string, string, KeyFileProblem]>([
    ["one round fewer than asked for", fewRounds, "few-rounds"],
    ["another cipher", aes128, "other-scheme"],
    ["another hash", sha1, "other-scheme"],
    ["a key of another kind", p256, "other-key"],
    ["a key that is not encrypted", open, "not-encrypted"],
    ["no key at all", "no key at all", "not-a-key-file"],
    ["nothing", "", "not-a-key-file"],
    ["two keys", good + good, "not-a-key-file"],
    ["a certificate", good.replaceAll("ENCRYPTED PRIVATE KEY", "CERTIFICATE"), "not-a-key-file"],
    ["a cut file", `${good.slice(0, 120)}\n-----END ENCRYPTED PRIVATE KEY-----`, "not-a-key-file"],
    ["more than 16 KiB", good + " ".repeat(16 * 1024), "too-large"],
  ])("with %s is refused", async (_, text, problem) => {
    expect(await problemOf(text)).toBe(problem);
  });

  it("with more rounds than a machine should be made to do is refused before they are done", async () => {
    // 600,000 is 09 27 C0; 2,000,001 is 1E 84 81.
    const der = derOf(good);
    const at = der.findIndex((_, i) =>
      [0x02, 0x03, 0x09, 0x27, 0xc0].every((byte, k) => der[i + k] === byte),
    );
    expect(at).toBeGreaterThan(0);
    const written = (rounds: number[]) => {
      const changed = derOf(good);
      changed.set(rounds, at + 2);
      return pemOf(changed);
    };
    expect(await problemOf(written([0x1e, 0x84, 0x81]))).toBe("many-rounds");
    expect(await problemOf(written([0x1e, 0x84, 0x80]))).toBe("passphrase");
  });

  it("never opens as the same key when a byte of it is turned", async () => {
    for (const back of [1, 17, 33, 64]) {
      const changed = derOf(good);
      const index = changed.length - back;
      changed[index] = (changed[index] ?? 0) ^ 1;
      const text = pemOf(changed);
      const key = await openKeyFile(text, passphrase).catch(() => null);
      expect(key?.id).not.toBe("39f713d0a644253f");
    }
  });
});

describe("a signature", () => {
  it("is that of docs/formats/signature.md", async () => {
    const key = await openKeyFile(good, passphrase);
    const signed = await signStatement(key, { type: "comity-example", party: "XA", number: 1 } as {
      type: string;
    });
    expect(signed).toEqual({
      key: "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
      signature:
        "eyJhbGciOiJFZERTQSIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il0sImtpZCI6IjM5ZjcxM2QwYTY0NDI1M2YiLCJ0eXAiOiJjb21pdHktZXhhbXBsZSJ9..NEGOzEgMD8pPmOqfkeQKE_rmaEb9ddmLieFr0o3pHWLsGJb1NLlqKoGe6V73dbwNbPdXcHCUpWcqT9__9UUdCw",
    });
  });

  it("does not depend on the order of members, nor on a signature that is there", async () => {
    const key = await openKeyFile(good, passphrase);
    const one = { type: "comity-act", a: 1, b: { d: [1, "x"], c: null } };
    const two = { b: { c: null, d: [1, "x"] }, a: 1, type: "comity-act", signature: "earlier" };
    expect((await signAct(key, one)).signature).toBe((await signAct(key, two)).signature);
  });

  it("is made over acts only", async () => {
    const key = await openKeyFile(good, passphrase);
    await expect(signAct(key, { type: "comity-disclosure" })).rejects.toThrow("comity-disclosure");
    await expect(signAct(key, {})).rejects.toThrow();
  });
});
