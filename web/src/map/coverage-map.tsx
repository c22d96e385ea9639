// The world as areas and points, each with the letter and pattern of its basis. One stop of the Tab key: arrow keys go
// from state to state, Enter shows the articles. The table on the same page says all of it in words.
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import type { CoverageRow } from "../api/types.ts";
import { Data, Text, useT } from "../i18n/text.tsx";
import { letter, lookOf } from "../pages/coverage/legend.ts";
import { useLookText } from "../pages/coverage/parts.tsx";
import { type MapMark, signOf } from "../pages/coverage/suppositions.ts";
import { usePartyText } from "../pages/exchange/parts.tsx";
import { Banner, Loading } from "../ui/banner.tsx";
import { Select } from "../ui/field.tsx";
import {
  type Direction,
  marks,
  next,
  readWorld,
  type Shape,
  type View,
  views,
  type World,
} from "./world.ts";

async function load(): Promise<World> {
  const answer = await fetch("/map/world.json", { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`/map/world.json: ${answer.status}`);
  return readWorld(await answer.json());
}

const keys: { readonly [key: string]: Direction } = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

interface MapProps {
  rows: ReadonlyMap<string, CoverageRow>;
  selected: string | null;
  select: (party: string) => void;
  label: string;
  // What would change, by party: a sign behind the letter and a broken border.
  marked?: ReadonlyMap<string, MapMark>;
}

export default function CoverageMap(props: MapProps) {
  const t = useT();
  const world = useQuery({
    queryKey: ["/map/world.json"],
    queryFn: load,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const [view, setView] = useState<View>("world");
  return (
    <figure className="map">
      <Select
        label={<Text k="coverage.view" />}
        value={view}
        onChange={(value) => setView(value as View)}
        choices={(Object.keys(views) as View[]).map((name) => ({
          value: name,
          label: t(`coverage.view.${name}` as const),
        }))}
      />
      {world.isPending ? <Loading /> : null}
      {world.error ? (
        <Banner tone="warn">
          <p>
            <Text k="coverage.no-map" /> <Data code>{world.error.message}</Data>
          </p>
        </Banner>
      ) : null}
      {world.data ? <Drawing {...props} world={world.data} view={view} /> : null}
      <figcaption className="soft">
        <Text k="coverage.boundaries" />{" "}
        {world.data?.source ? (
          <span lang="en">
            <Data>{world.data.source}</Data>
          </span>
        ) : null}
      </figcaption>
    </figure>
  );
}

function Drawing(props: MapProps & { world: World; view: View }) {
  const { world, rows, selected, select, marked } = props;
  const t = useT();
  const lookText = useLookText();
  const name = usePartyText();
  const help = useId();
  const places = useMemo(() => {
    const out = new Map<string, Shape>();
    for (const [party, shape] of marks(world)) if (rows.has(party)) out.set(party, shape);
    return out;
  }, [world, rows]);
  const own = useMemo(
    () => [...rows.values()].find((row) => row.basis === "own")?.party ?? null,
    [rows],
  );
  const [active, setActive] = useState<string | null>(null);
  // Where the Tab key enters: the state last visited, the one that is chosen, the own party, or any.
  const entry =
    [active, selected, own].find((party) => party !== null && places.has(party)) ??
    places.keys().next().value ??
    null;
  const drawing = useRef<SVGSVGElement>(null);

  const go = (party: string | null) => {
    if (party === null) return;
    setActive(party);
    drawing.current
      ?.querySelector<SVGElement>(`[data-party="${CSS.escape(party)}"]`)
      ?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent, party: string) => {
    const direction = keys[event.key];
    if (direction) {
      event.preventDefault();
      go(next(places, party, direction));
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      select(party);
    } else if (event.key === "Home" && own !== null && places.has(own)) {
      event.preventDefault();
      go(own);
    }
  };

  const labelOf = (row: CoverageRow) => {
    const look = lookOf(row);
    const of = { party: name(row.party), basis: lookText(look) };
    const sure = look === "none" || look === "own" || look === "claimed";
    const plain = sure
      ? t("coverage.state-plain", of)
      : t("coverage.state-label", { ...of, state: t.word("coverage-state", row.state) });
    const mark = marked?.get(row.party);
    if (!mark) return plain;
    return t("what-if.state-label", {
      state: plain,
      change: t(`what-if.mark.${mark}` as const),
    });
  };

  // What can be pointed at: each party once, by its point where it has one.
  const target = (shape: Shape) => {
    const row = shape.party === null ? undefined : rows.get(shape.party);
    if (!row) return {};
    const onClick = () => {
      setActive(row.party);
      select(row.party);
    };
    // The area of a state that has a point can be clicked too; for the keyboard it is there once.
    if (places.get(row.party) !== shape) return { onClick };
    return {
      "data-party": row.party,
      role: "button",
      tabIndex: row.party === entry ? 0 : -1,
      "aria-pressed": row.party === selected,
      "aria-label": labelOf(row),
      onClick,
      onFocus: () => setActive(row.party),
      onKeyDown: (event: KeyboardEvent) => onKeyDown(event, row.party),
    };
  };
  const look = (shape: Shape) => {
    const row = shape.party === null ? undefined : rows.get(shape.party);
    const chosen = row !== undefined && row.party === selected ? " map-chosen" : "";
    const changed = row !== undefined && marked?.has(row.party) ? " map-marked" : "";
    return row ? `basis-${lookOf(row)}${chosen}${changed}` : "map-plain";
  };
  const hatch = (shape: Shape) => {
    const row = shape.party === null ? undefined : rows.get(shape.party);
    const look = row ? lookOf(row) : "own";
    return look === "bilateral" || look === "own" ? null : look;
  };
  const titleOf = (shape: Shape) =>
    shape.party === null ? null : <title>{name(shape.party)}</title>;
  const box = views[props.view];
  // Letters and points keep their size on the page however close the map is looked at.
  const scale = box[2] / views.world[2];

  return (
    <>
      <p id={help} className="visually-hidden">
        <Text k="coverage.map-help" />
      </p>
      {/* The map is not mirrored: east is on the right in every language. */}
      {/* biome-ignore-start lint/a11y/useSemanticElements: a group within a drawing */}
      {/* biome-ignore-start lint/a11y/noAriaHiddenOnFocusable: letters take no focus */}
      <svg
        ref={drawing}
        className="map-drawing"
        viewBox={box.join(" ")}
        role="group"
        aria-label={props.label}
        aria-describedby={help}
        direction="ltr"
      >
        <defs>
          <Patterns scale={scale} />
        </defs>
        {world.areas.map((shape, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the shapes of one file
          <g key={i} {...target(shape)} className={`map-area ${look(shape)}`}>
            {titleOf(shape)}
            <path d={shape.path} />
            {hatch(shape) ? (
              <path d={shape.path} className="map-hatch" fill={`url(#map-${hatch(shape)})`} />
            ) : null}
          </g>
        ))}
        {world.points.map((shape, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the shapes of one file
          <g key={i} {...target(shape)} className={`map-point ${look(shape)}`}>
            {titleOf(shape)}
            <circle cx={shape.x} cy={shape.y} r={4.5 * scale} />
          </g>
        ))}
        <g className="map-letters" aria-hidden="true" fontSize={9 * scale}>
          {[...world.areas, ...world.points].map((shape, i) => {
            const row = shape.party === null ? undefined : rows.get(shape.party);
            if (!row || places.get(row.party) !== shape) return null;
            if (!shape.room || (shape.path === "" && scale > 0.5)) return null;
            return (
              <text
                // biome-ignore lint/suspicious/noArrayIndexKey: the shapes of one file
                key={i}
                x={shape.x}
                y={shape.y + 3 * scale}
                textAnchor="middle"
                strokeWidth={2.2 * scale}
              >
                {letter(row)}
                {marked?.has(row.party) ? signOf(marked.get(row.party) as MapMark) : null}
              </text>
            );
          })}
        </g>
      </svg>
      {/* biome-ignore-end lint/a11y/useSemanticElements: as above */}
      {/* biome-ignore-end lint/a11y/noAriaHiddenOnFocusable: as above */}
    </>
  );
}

function Patterns(props: { scale: number }) {
  const s = props.scale;
  const size = 6 * s;
  const pattern = (name: string, d: string) => (
    <pattern id={`map-${name}`} width={size} height={size} patternUnits="userSpaceOnUse">
      <path className="hatch" d={d} strokeWidth={0.9 * s} />
    </pattern>
  );
  return (
    <>
      {pattern("multilateral", `M0 ${size}L${size} 0`)}
      {pattern("regional", `M${1.5 * s} ${1.5 * s}h${s}M${4.5 * s} ${4.5 * s}h${s}`)}
      {pattern("global", `M0 ${size / 2}H${size}`)}
      {pattern("claimed", `M${size / 2} 0V${size}`)}
      {pattern("none", `M0 0L${size} ${size}M${size} 0L0 ${size}`)}
    </>
  );
}
