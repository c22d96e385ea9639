// The detached signature over a statement, as docs/formats/signature.md has it.
import { canonical } from "./canonical.ts";
import type { OfficerKey } from "./key-file.ts";

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export interface Signed {
  key: string;
  signature: string;
}

// Signs any statement by its own type. Pages sign acts only: signAct.
export async function signStatement(
  key: OfficerKey,
  statement: { readonly type?: unknown },
): Promise<Signed> {
  const { signature: _, ...payload } = statement as { type?: unknown; signature?: unknown };
  if (typeof payload.type !== "string" || payload.type === "") {
    throw new Error("a statement without a type cannot be signed");
  }
  const encoder = new TextEncoder();
  const header = base64url(
    encoder.encode(
      canonical({ alg: "EdDSA", b64: false, crit: ["b64"], kid: key.id, typ: payload.type }),
    ),
  );
  const signature = await key.sign(encoder.encode(`${header}.${canonical(payload)}`));
  return { key: key.publicKey, signature: `${header}..${base64url(signature)}` };
}

// Signs `act` as this page shows it: its canonical form is made here, of the object that was shown,
// not taken from a text that a node sends beside it.
export async function signAct(key: OfficerKey, act: { readonly type?: unknown }): Promise<Signed> {
  if (act.type !== "comity-act") {
    throw new Error(`only acts are signed here, found type ${String(act.type)}`);
  }
  return signStatement(key, act);
}
