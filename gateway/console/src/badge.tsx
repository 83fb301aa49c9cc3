import { MoodIcon } from "./icons";
import type { Mood } from "./words";

export function Badge({ mood, word, means }: { mood: Mood; word: string; means?: string }) {
  return (
    <span class={`badge ${mood}`} title={means}>
      <MoodIcon mood={mood} />
      {word}
    </span>
  );
}
