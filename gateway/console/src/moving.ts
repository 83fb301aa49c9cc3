/** The key that lies `by` places behind the chosen one; the first where none is chosen. */
export function moved(keys: string[], chosen: string | null, by: number): string | null {
  const at = chosen === null ? -1 : keys.indexOf(chosen);
  if (at === -1) return keys[0] ?? null;
  return keys[Math.max(0, Math.min(keys.length - 1, at + by))] ?? null;
}
