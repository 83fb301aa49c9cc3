import { Cell } from "./cell";

export type View = "submissions" | "sources" | "figures" | "operations";

export const VIEWS: readonly View[] = ["submissions", "sources", "figures", "operations"];

export interface Route {
  view: View;
  /** The one thing looked at, where there is one. */
  key: string | null;
  wishes: Record<string, string>;
}

function read(): Route {
  const [path = "", query = ""] = window.location.hash.replace(/^#\/?/, "").split("?");
  const [view = "", key = ""] = path.split("/");
  return {
    view: VIEWS.find((each) => each === view) ?? "submissions",
    key: key ? decodeURIComponent(key) : null,
    wishes: Object.fromEntries(new URLSearchParams(query)),
  };
}

export const route = new Cell<Route>(read());

window.addEventListener("hashchange", () => {
  route.value = read();
});

export function address({ view, key, wishes }: Route): string {
  const query = new URLSearchParams(Object.entries(wishes).filter(([, wish]) => wish !== "")).toString();
  return `#/${view}${key === null ? "" : `/${encodeURIComponent(key)}`}${query ? `?${query}` : ""}`;
}

export function go(wanted: Partial<Route> & { view: View }): void {
  window.location.hash = address({ key: null, wishes: {}, ...wanted });
}
