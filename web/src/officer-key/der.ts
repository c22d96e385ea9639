// As much of DER (ITU-T X.690) as an encrypted private key needs: tags, definite lengths in their
// only spelling, nothing else.
export class DerError extends Error {}

export interface Element {
  tag: number;
  body: Uint8Array<ArrayBuffer>;
}

export const tags = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

// The elements of `bytes`, one after the other, to the last byte.
export function elements(bytes: Uint8Array<ArrayBuffer>): Element[] {
  const out: Element[] = [];
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new DerError("ends within an element");
    return value;
  };
  while (at < bytes.length) {
    const tag = byte();
    let length = byte();
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count < 1 || count > 3)
        throw new DerError("has a length that is not definite or too long");
      length = 0;
      for (let i = 0; i < count; ++i) length = length * 256 + byte();
      if (length < 0x80 || (count > 1 && length < 256 ** (count - 1))) {
        throw new DerError("has a length in a longer spelling than needed");
      }
    }
    if (length > bytes.length - at) throw new DerError("ends within an element");
    out.push({ tag, body: bytes.slice(at, at + length) });
    at += length;
  }
  return out;
}

// The elements within a sequence.
export function sequence(element: Element | undefined): Element[] {
  return elements(body(element, tags.sequence));
}

export function body(element: Element | undefined, tag: number): Uint8Array<ArrayBuffer> {
  if (element?.tag !== tag) {
    throw new DerError(`has tag ${element?.tag ?? "none"} where ${tag} was expected`);
  }
  return element.body;
}

// A positive integer that fits a number.
export function integer(element: Element | undefined): number {
  const bytes = body(element, tags.integer);
  if (bytes.length < 1 || bytes.length > 5 || (bytes[0] ?? 0x80) >= 0x80) {
    throw new DerError("has a number out of range");
  }
  return bytes.reduce((sum, value) => sum * 256 + value, 0);
}

// An object identifier as dotted numbers.
export function oid(element: Element | undefined): string {
  const bytes = body(element, tags.oid);
  const numbers: number[] = [];
  let value = 0;
  for (const part of bytes) {
    value = value * 128 + (part & 0x7f);
    if (part < 0x80) {
      if (numbers.length === 0) numbers.push(Math.min(2, Math.floor(value / 40)), value % 40);
      else numbers.push(value);
      value = 0;
    }
  }
  return numbers.join(".");
}
