import type { Viewer } from "./answers";
import { Cell } from "./cell";

// A token lives in this page's memory, or in this tab's storage if its owner wishes; neither outlives the tab.
const KEPT = "crossdock:token";

export type Session =
  | { is: "asking" }
  | { is: "nobody"; why: string | null }
  | { is: "somebody"; viewer: Viewer };

export const session = new Cell<Session>({ is: "asking" });

let token = sessionStorage.getItem(KEPT) ?? "";

export function authorization(): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export function hasToken(): boolean {
  return token !== "";
}

export function signInWith(given: string, isKept: boolean): void {
  token = given.trim().replace(/^bearer\s+/i, "");
  if (isKept) sessionStorage.setItem(KEPT, token);
  else sessionStorage.removeItem(KEPT);
  session.value = { is: "asking" };
}

export function signOut(why: string | null = null): void {
  token = "";
  sessionStorage.removeItem(KEPT);
  session.value = { is: "nobody", why };
}

export function may(viewer: Viewer, scope: string): boolean {
  return viewer.scopes.includes(scope);
}
