import { describe, expect, it } from "vitest";
import { pathsOfTopic } from "../api/events.ts";
import { needsConfirmation, rolesProblem } from "../pages/node/account-change.tsx";
import { strictest } from "./page.tsx";
import { allowed, may, roles } from "./roles.ts";
import { stepAfter } from "./tour.tsx";
import { tourSteps } from "./tour-steps.ts";

describe("roles", () => {
  it("of an administrator never let anything out of the node", () => {
    const administrator = { roles: ["administrator" as const] };
    for (const action of [
      "release-requests.approve",
      "records.read",
      "recalls.create",
      "consents.answer",
    ] as const) {
      expect(may(administrator, action)).toBe(false);
    }
    expect(may(administrator, "accounts.change")).toBe(true);
  });

  it("are all known, and nobody may do anything without one", () => {
    for (const list of Object.values(allowed)) {
      expect(list.every((role) => roles.includes(role))).toBe(true);
    }
    expect(may({ roles: [] }, "node.read")).toBe(false);
    expect(may(null, "node.read")).toBe(false);
  });

  it("that may release are proposed by one and approved by another kind of press only", () => {
    expect(may({ roles: ["analyst"] }, "release-requests.create")).toBe(true);
    expect(may({ roles: ["analyst"] }, "release-requests.approve")).toBe(false);
  });

  it("of one account hold the administrator apart, and ask for a second person", () => {
    expect(rolesProblem([])).toBe("none");
    expect(rolesProblem(["administrator"])).toBeNull();
    expect(rolesProblem(["administrator", "auditor"])).toBe("administrator-alone");
    expect(needsConfirmation(["duty-officer", "analyst"])).toBe(false);
    expect(needsConfirmation(["analyst", "releasing-officer"])).toBe(true);
  });
});

describe("handling", () => {
  it("of a page is the strictest of what it shows", () => {
    expect(strictest([])).toBeNull();
    expect(strictest(["clear", "green"])).toBe("green");
    expect(strictest(["amber", "amber+strict", "green"])).toBe("amber+strict");
    expect(strictest(["red", "clear"])).toBe("red");
  });

  it("that is not known is taken for the strictest", () => {
    expect(strictest(["clear", "purple"])).toBe("red");
  });
});

describe("the tour", () => {
  it("goes on when what it waits for was done", () => {
    const list = tourSteps.findIndex((step) => step.id === "list");
    expect(stepAfter(list, "record-opened")).toBe(list + 1);
    expect(stepAfter(list, "today-seen")).toBe(list);
  });

  it("goes further when somebody did more than it asked", () => {
    expect(tourSteps[stepAfter(0, "verdict-changed")]?.id).toBe("end");
  });

  it("never goes back, and ends with a verdict that changed", () => {
    expect(stepAfter(tourSteps.length - 1, "record-opened")).toBe(tourSteps.length - 1);
    expect(tourSteps.at(-2)?.done).toBe("verdict-changed");
  });
});

it("every topic of the contract makes answers stale", () => {
  expect(Object.keys(pathsOfTopic).sort()).toEqual(
    [
      "accounts",
      "approvals",
      "consents",
      "disclosures",
      "ledger",
      "peers",
      "recalls",
      "records",
      "register",
      "release-requests",
    ].sort(),
  );
});
