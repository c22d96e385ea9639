import { describe, expect, it } from "vitest";
import { DerError, elements, integer, oid, tags } from "./der.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("DER", () => {
  it("reads elements to the last byte", () => {
    const found = elements(bytes(0x02, 0x01, 0x05, 0x04, 0x02, 0xaa, 0xbb));
    expect(found.map((element) => element.tag)).toEqual([tags.integer, tags.octets]);
    expect([...(found[1]?.body ?? [])]).toEqual([0xaa, 0xbb]);
  });

  it("reads long lengths in their shortest spelling", () => {
    const long = bytes(0x04, 0x81, 0x80, ...new Array<number>(128).fill(7));
    expect(elements(long)[0]?.body.length).toBe(128);
  });

  it.each([
    ["a tag alone", bytes(0x02)],
    ["a body that is cut", bytes(0x04, 0x03, 0x01, 0x02)],
    ["an indefinite length", bytes(0x30, 0x80, 0x00, 0x00)],
    ["a length spelled longer than needed", bytes(0x04, 0x81, 0x01, 0x00)],
    [
      "a length with a leading zero",
      bytes(0x04, 0x82, 0x00, 0x80, ...new Array<number>(128).fill(0)),
    ],
    ["a length of four bytes", bytes(0x04, 0x84, 0x00, 0x00, 0x00, 0x01, 0x00)],
  ])("refuses %s", (_, input) => {
    expect(() => elements(input)).toThrow(DerError);
  });

  it("reads numbers and identifiers", () => {
    expect(integer({ tag: tags.integer, body: bytes(0x09, 0x27, 0xc0) })).toBe(600_000);
    expect(() => integer({ tag: tags.integer, body: bytes(0x80) })).toThrow(DerError);
    expect(() => integer({ tag: tags.octets, body: bytes(1) })).toThrow(DerError);
    const pbes2 = bytes(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d);
    expect(oid({ tag: tags.oid, body: pbes2 })).toBe("1.2.840.113549.1.5.13");
    const aes = bytes(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a);
    expect(oid({ tag: tags.oid, body: aes })).toBe("2.16.840.1.101.3.4.1.42");
  });
});
