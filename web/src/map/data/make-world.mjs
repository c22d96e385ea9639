// Makes web/public/map/world.json, the boundary file of the coverage map, from world-atlas (Natural Earth).
// Run by hand when the map shall change; the outcome is committed. What it does and why: README.md beside it.
//
//   node make-world.mjs FOLDER OUT
//
// FOLDER holds node_modules with world-atlas 2.0.2, topojson-client 3, topojson-server 3, topojson-simplify 3 and d3-geo 3.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, out] = process.argv.slice(2);
if (!folder || !out) throw new Error("usage: node make-world.mjs FOLDER OUT");
const require = createRequire(join(resolve(folder), "x.js"));
const { feature, quantize } = require("topojson-client");
const { topology } = require("topojson-server");
const { presimplify, simplify, sphericalTriangleArea } = require("topojson-simplify");
const load = async (name) => import(require.resolve(name));
const { geoArea, geoCentroid, geoContains } = await load("d3-geo");

// ISO 3166-1: numeric code of the source, code of our party.
const codes = new Map(
  `004 AF 008 AL 012 DZ 020 AD 024 AO 028 AG 031 AZ 032 AR 036 AU 040 AT 044 BS 048 BH 050 BD 051 AM 052 BB 056 BE
   064 BT 068 BO 070 BA 072 BW 076 BR 084 BZ 090 SB 096 BN 100 BG 104 MM 108 BI 112 BY 116 KH 120 CM 124 CA 132 CV
   140 CF 144 LK 148 TD 152 CL 156 CN 170 CO 174 KM 178 CG 180 CD 188 CR 191 HR 192 CU 196 CY 203 CZ 204 BJ 208 DK
   212 DM 214 DO 218 EC 222 SV 226 GQ 231 ET 232 ER 233 EE 242 FJ 246 FI 250 FR 262 DJ 266 GA 268 GE 270 GM 275 PS
   276 DE 288 GH 296 KI 300 GR 308 GD 320 GT 324 GN 328 GY 332 HT 336 VA 340 HN 348 HU 352 IS 356 IN 360 ID 364 IR
   368 IQ 372 IE 376 IL 380 IT 384 CI 388 JM 392 JP 398 KZ 400 JO 404 KE 408 KP 410 KR 414 KW 417 KG 418 LA 422 LB
   426 LS 428 LV 430 LR 434 LY 438 LI 440 LT 442 LU 450 MG 454 MW 458 MY 462 MV 466 ML 470 MT 478 MR 480 MU 484 MX
   492 MC 496 MN 498 MD 499 ME 504 MA 508 MZ 512 OM 516 NA 520 NR 524 NP 528 NL 548 VU 554 NZ 558 NI 562 NE 566 NG
   578 NO 583 FM 584 MH 585 PW 586 PK 591 PA 598 PG 600 PY 604 PE 608 PH 616 PL 620 PT 624 GW 626 TL 634 QA 642 RO
   643 RU 646 RW 659 KN 662 LC 670 VC 674 SM 678 ST 682 SA 686 SN 688 RS 690 SC 694 SL 702 SG 703 SK 704 VN 705 SI
   706 SO 710 ZA 716 ZW 724 ES 728 SS 729 SD 740 SR 748 SZ 752 SE 756 CH 760 SY 762 TJ 764 TH 768 TG 776 TO 780 TT
   784 AE 788 TN 792 TR 795 TM 798 TV 800 UG 804 UA 807 MK 818 EG 826 GB 834 TZ 840 US 854 BF 858 UY 860 UZ 862 VE
   882 WS 887 YE 894 ZM 158 TWN-ENTITY 184 COK-ENTITY 344 HKG-ENTITY 446 MAC-ENTITY 570 NIU-ENTITY`
    .trim()
    .split(/\s+/)
    .flatMap((word, i, words) => (i % 2 ? [] : [[word, words[i + 1]]])),
);
const codesByName = new Map([["Kosovo", "KOS-ENTITY"]]); // the source has no number for it

// Pieces that the source gives to one member of the United Nations and another member claims as its own with
// the support of the General Assembly: drawn plain. One point within each (resolution 68/262).
const plainPieces = [[34.3, 45.2]];

// A state below this share of the globe is drawn as a point besides (about 15,000 km²): nobody could see or hit it.
const pointAreaMax = 15_000 / 510_072_000;
// Parts of a state below this share (about 600 km²) are left out, the largest part of each state is kept.
const partAreaMin = 600 / 510_072_000;
// How much of the detail stays; how fine the grid is.
const triangleMin = 1.2e-6;
const grid = 20_000;

const read = (name) =>
  JSON.parse(readFileSync(require.resolve(`world-atlas/${name}.json`), "utf8"));
const shapes = (atlas) => feature(atlas, atlas.objects.countries).features;
const share = (geometry) => geoArea(geometry) / (4 * Math.PI);
const polygon = (coordinates) => ({ type: "Polygon", coordinates });
const parts = (geometry) =>
  geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
const code = (shape) => codes.get(shape.id) ?? codesByName.get(shape.properties.name) ?? null;

const areas = [];
const points = new Map();
// Kiribati lies on both sides of the antimeridian and its middle in open sea: the point is at its capital.
const chosenMiddles = new Map([["KI", [173.0, 1.4]]]);
const middle = (shape) =>
  chosenMiddles.get(code(shape)) ?? geoCentroid(shape).map((x) => Math.round(x * 100) / 100);
for (const shape of shapes(read("countries-50m"))) {
  if (shape.id === "010") continue; // Antarctica: no party, and it takes a tenth of the page
  // 036 stands twice in the source: Australia, and two reefs of it.
  const party = shape.properties.name === "Ashmore and Cartier Is." ? null : code(shape);
  const all = parts(shape.geometry).sort((a, b) => share(polygon(b)) - share(polygon(a)));
  const plain = all.filter((p) => plainPieces.some((point) => geoContains(polygon(p), point)));
  const own =
    plain.length > 0 && plain.length < all.length ? all.filter((p) => !plain.includes(p)) : all;
  const kept = own.filter((p, i) => i === 0 || share(polygon(p)) >= partAreaMin);
  if (party !== null && share(shape.geometry) < pointAreaMax) points.set(party, middle(shape));
  areas.push({ party, coordinates: kept });
  if (own !== all) areas.push({ party: null, coordinates: plain });
}
const drawn = new Set(areas.map((a) => a.party));
for (const shape of shapes(read("countries-10m"))) {
  const party = code(shape);
  if (party !== null && !drawn.has(party)) points.set(party, middle(shape));
}

const collection = {
  type: "FeatureCollection",
  features: areas.map(({ party, coordinates }) => ({
    type: "Feature",
    ...(party === null ? {} : { id: party }),
    properties: {},
    geometry: { type: "MultiPolygon", coordinates },
  })),
};
let map = presimplify(topology({ areas: collection }), sphericalTriangleArea);
map = quantize(simplify(map, triangleMin), grid);
for (const geometry of map.objects.areas.geometries) delete geometry.properties;
map.objects.points = {
  type: "GeometryCollection",
  geometries: [...points]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, coordinates]) => ({ type: "Point", id, coordinates })),
};
// With a transform the points would be read on the grid as well: they are written so.
const { scale, translate } = map.transform;
for (const point of map.objects.points.geometries)
  point.coordinates = point.coordinates.map((x, i) => Math.round((x - translate[i]) / scale[i]));
map.source =
  "Natural Earth 1:50m (public domain) by world-atlas 2.0.2 (ISC), simplified by make-world.mjs";
writeFileSync(out, `${JSON.stringify(map)}\n`);
const missing = [...codes.values()].filter((c) => !drawn.has(c) && !points.has(c));
console.log(
  `${areas.length} areas, ${points.size} points, not drawn: ${missing.join(" ") || "none"}`,
);
