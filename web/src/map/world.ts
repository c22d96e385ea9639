// The boundary file of the coverage map, read, checked and drawn. The file is an operator's to replace
// (data/README.md says its form), so everything about it is checked and nothing about it is assumed. Pure.
import { geoEqualEarth, geoPath } from "d3-geo";
import type { Geometry } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

// The plane that is drawn on; the page scales it. Equal Earth: every state has the size that it has.
export const mapWidth = 1000;
export const mapHeight = 480;
// A file with more shapes than this is not drawn: each is an element of the page.
export const shapesMax = 2_000;
// A shape that is smaller has no room for its letter (in units of the plane).
const letterSizeMin = 13;

// An area or a point of the map. `party` null: drawn plain, the register says nothing about it.
export type Shape = {
  readonly party: string | null;
  readonly path: string; // of an area; "" for a point
  readonly x: number; // where its letter or its point stands
  readonly y: number;
  readonly room: boolean; // whether a letter fits
};

export type World = {
  readonly areas: readonly Shape[];
  readonly points: readonly Shape[];
  readonly source: string;
};

export class WorldError extends Error {}

function topologyOf(
  file: unknown,
): Topology<{ areas: GeometryCollection; points: GeometryCollection }> {
  const topology = file as Partial<Topology> | null;
  if (typeof topology !== "object" || topology === null || topology.type !== "Topology")
    throw new WorldError('no TopoJSON: expected {"type": "Topology", …}');
  for (const name of ["areas", "points"]) {
    const found = topology.objects?.[name];
    if (found?.type !== "GeometryCollection")
      throw new WorldError(`objects.${name} is no GeometryCollection`);
    if (found.geometries.length > shapesMax)
      throw new WorldError(
        `objects.${name} has ${found.geometries.length} shapes, at most ${shapesMax}`,
      );
  }
  return topology as Topology<{ areas: GeometryCollection; points: GeometryCollection }>;
}

export function readWorld(file: unknown): World {
  const topology = topologyOf(file);
  const areas = feature(topology, topology.objects.areas);
  const points = feature(topology, topology.objects.points);
  // Turned so that the seam lies in the Bering Strait and cuts no state in two.
  const projection = geoEqualEarth()
    .rotate([-11, 0])
    .fitExtent(
      [
        [4, 4],
        [mapWidth - 4, mapHeight - 4],
      ],
      areas,
    );
  const path = geoPath(projection).digits(1);
  const partyOf = (id: string | number | undefined) => (typeof id === "string" ? id : null);
  return {
    areas: areas.features.map((shape) => {
      const main = largestPart(shape.geometry);
      const [x, y] = path.centroid(main);
      const [[left, top], [right, bottom]] = path.bounds(main);
      return {
        party: partyOf(shape.id),
        path: path(shape) ?? "",
        x: rounded(x),
        y: rounded(y),
        room: Math.min(right - left, bottom - top) >= letterSizeMin,
      };
    }),
    points: points.features.flatMap((shape): Shape[] => {
      if (shape.geometry.type !== "Point") return [];
      const [longitude = 0, latitude = 0] = shape.geometry.coordinates;
      const at = projection([longitude, latitude]);
      if (!at) return [];
      return [
        { party: partyOf(shape.id), path: "", x: rounded(at[0]), y: rounded(at[1]), room: true },
      ];
    }),
    source: sourceOf(topology),
  };
}

function sourceOf(file: object): string {
  const { source } = file as { source?: unknown };
  return typeof source === "string" ? source : "";
}

// The part in which the letter stands: for a state with islands the largest one, not the sea between.
function largestPart(geometry: Geometry): Geometry {
  if (geometry.type !== "MultiPolygon" || geometry.coordinates.length < 2) return geometry;
  const flat = geoPath();
  let best: Geometry = geometry;
  let size = -1;
  for (const coordinates of geometry.coordinates) {
    const part: Geometry = { type: "Polygon", coordinates };
    const area = flat.area(part);
    if (area > size) {
      best = part;
      size = area;
    }
  }
  return best;
}

const rounded = (x: number) => (Number.isFinite(x) ? Math.round(x * 10) / 10 : 0);

// Where each party can be pointed at: its point where it has one, else its area.
export function marks(world: World): ReadonlyMap<string, Shape> {
  const out = new Map<string, Shape>();
  for (const shape of [...world.areas, ...world.points])
    if (shape.party !== null) out.set(shape.party, shape);
  return out;
}

export type Direction = "left" | "right" | "up" | "down";

// The party that lies next in a direction: nearest first, those beside the way count as farther. Null at
// the rim. The map is not mirrored, so left is west in every language.
export function next(
  shapes: ReadonlyMap<string, Shape>,
  from: string,
  direction: Direction,
): string | null {
  const start = shapes.get(from);
  if (!start) return null;
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [party, shape] of shapes) {
    const dx = shape.x - start.x;
    const dy = shape.y - start.y;
    const level = direction === "left" || direction === "right";
    const along = (level ? dx : dy) * (direction === "left" || direction === "up" ? -1 : 1);
    const aside = level ? dy : dx;
    if (party === from || along <= 0) continue;
    // Twice the distance aside: what lies straight ahead comes first, nothing is out of reach.
    const cost = along + 2 * Math.abs(aside);
    if (cost < least) {
      best = party;
      least = cost;
    }
  }
  return best;
}

// Parts of the map that can be looked at closer, as boxes of the plane [x, y, width, height]. Named after the
// continents, cut generously: no line of theirs says what belongs where.
export const views = {
  world: [0, 0, mapWidth, mapHeight],
  africa: [400, 160, 270, 275],
  americas: [10, 30, 390, 440], // from the Cook Islands on
  asia: [550, 40, 330, 260],
  europe: [410, 25, 220, 135],
  oceania: [760, 190, 240, 270],
} as const;

export type View = keyof typeof views;
