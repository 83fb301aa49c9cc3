// Figures as they are read.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export function number(value) {
  return grouped.format(value);
}

export function plural(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function duration(seconds) {
  if (seconds >= 3600 && seconds % 3600 === 0) {
    return `${seconds / 3600} h`;
  }
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${number(seconds)} s`;
}

/** Three figures are enough for a time, and as many places in each row. */
export function milliseconds(value) {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`;
}
