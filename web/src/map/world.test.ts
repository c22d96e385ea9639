import { describe, expect, it } from "vitest";
import register from "../../../register/parties.toml?raw";
import text from "../../public/map/world.json?raw";
import {
  mapHeight,
  mapWidth,
  marks,
  next,
  readWorld,
  type Shape,
  shapesMax,
  views,
} from "./world.ts";

const file = JSON.parse(text);
const parties = [
  ...register.matchAll(/code = "([^"]+)"\nname = "[^"]+"\nkind = "(state|observer|entity)"/g),
].map((m) => m[1] as string);

const world = readWorld(file);

describe("the boundary file", () => {
  it("has every state, observer and entity of the register, and no party that it does not know", () => {
    expect(parties.length).toBeGreaterThanOrEqual(195);
    const drawn = new Set(marks(world).keys());
    expect(parties.filter((p) => !drawn.has(p))).toEqual([]);
    expect([...drawn].filter((p) => !parties.includes(p))).toEqual([]);
  });

  it("has small states as points", () => {
    const points = new Set(world.points.map((p) => p.party));
    for (const small of ["MT", "SG", "BH", "SM", "TV", "VA", "MC", "LI", "NR"])
      expect(points, small).toContain(small);
    for (const large of ["RU", "CN", "BR", "AU"]) expect(points, large).not.toContain(large);
  });

  it("draws nothing outside of the plane, and every area is a path", () => {
    for (const shape of [...world.areas, ...world.points]) {
      expect(shape.x).toBeGreaterThanOrEqual(0);
      expect(shape.x).toBeLessThanOrEqual(mapWidth);
      expect(shape.y).toBeGreaterThanOrEqual(0);
      expect(shape.y).toBeLessThanOrEqual(mapHeight);
    }
    for (const area of world.areas) expect(area.path).toMatch(/^M[-\d.,]+/);
    expect(world.source).toContain("Natural Earth");
  });

  it("is small", () => {
    expect(text.length).toBeLessThan(300_000);
  });

  it("has every party within some closer view", () => {
    const boxes = Object.entries(views).filter(([name]) => name !== "world");
    const out = [...marks(world).values()].filter(
      (m) =>
        !boxes.some(([, [x, y, w, h]]) => m.x >= x && m.x <= x + w && m.y >= y && m.y <= y + h),
    );
    expect(out.map((m) => m.party)).toEqual([]);
  });
});

describe("a file of an operator", () => {
  const shape = (n: number) => ({
    type: "Topology",
    arcs: [],
    objects: {
      areas: {
        type: "GeometryCollection",
        geometries: Array.from({ length: n }, () => ({ type: "MultiPolygon", arcs: [] })),
      },
      points: { type: "GeometryCollection", geometries: [] },
    },
  });

  it("is refused with a reason when it is something else", () => {
    expect(() => readWorld(null)).toThrow(/no TopoJSON/);
    expect(() => readWorld({ type: "FeatureCollection", features: [] })).toThrow(/no TopoJSON/);
    expect(() => readWorld({ type: "Topology", objects: {}, arcs: [] })).toThrow(/objects\.areas/);
  });

  it("holds the bound", () => {
    expect(readWorld(shape(shapesMax)).areas).toHaveLength(shapesMax);
    expect(() => readWorld(shape(shapesMax + 1))).toThrow(/at most/);
  });
});

describe("the next state in a direction", () => {
  const at = (x: number, y: number): Shape => ({ party: "", path: "", x, y, room: true });
  const shapes = new Map([
    ["XA", at(0, 0)],
    ["XB", at(10, 1)],
    ["XC", at(8, 9)],
    ["XD", at(0, -5)],
  ]);

  it("is the nearest straight ahead", () => {
    expect(next(shapes, "XA", "right")).toBe("XB");
    expect(next(shapes, "XA", "down")).toBe("XB");
    expect(next(shapes, "XA", "up")).toBe("XD");
    expect(next(shapes, "XB", "left")).toBe("XA");
  });

  it("ends at the rim, and is none of what is not there", () => {
    expect(next(shapes, "XA", "left")).toBeNull();
    expect(next(shapes, "QQ", "left")).toBeNull();
  });

  it("reaches every state of the real map from every other", () => {
    const all = marks(world);
    const reached = new Set(["RU"]);
    const queue = ["RU"];
    for (let party = queue.pop(); party; party = queue.pop())
      for (const direction of ["left", "right", "up", "down"] as const) {
        const to = next(all, party, direction);
        if (to && !reached.has(to)) {
          reached.add(to);
          queue.push(to);
        }
      }
    expect([...all.keys()].filter((p) => !reached.has(p))).toEqual([]);
  });
});
