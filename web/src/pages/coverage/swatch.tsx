import { type Look, letterOf } from "./legend.ts";

// A piece of the map in small: pattern and letter of a look. Decoration beside the word for it.
export function Swatch(props: { look: Look }) {
  return (
    <svg className="swatch" viewBox="0 0 28 18" aria-hidden="true">
      <rect className={`basis-${props.look}`} x="0.5" y="0.5" width="27" height="17" rx="2" />
      <Marks look={props.look} />
      <text className="swatch-letter" x="14" y="13.5" textAnchor="middle">
        {letterOf(props.look)}
      </text>
    </svg>
  );
}

// The pattern drawn out: patterns of the map live in the map's own document and load with it.
function Marks(props: { look: Look }) {
  switch (props.look) {
    case "multilateral":
      return <path className="hatch" d="M1 17L8 1M10 17l7-16M19 17l7-16" />;
    case "regional":
      return <path className="hatch" d="M4 4h.1M4 14h.1M24 4h.1M24 14h.1M8 9h.1M20 9h.1" />;
    case "global":
      return <path className="hatch" d="M1 4h26M1 14h26" />;
    case "claimed":
      return <path className="hatch" d="M4 1v16M9 1v16M19 1v16M24 1v16" />;
    case "none":
      return <path className="hatch" d="M1 1l8 16M9 1L1 17M19 1l8 16M27 1l-8 16" />;
    default:
      return null;
  }
}
