// What every client does: say each event as a line, and end after so many. node <client>.js <url> <count>

export const [url, count] = [process.argv[2], Number(process.argv[3])];
export const webSocketUrl = url.replace("http", "ws");
export const SUBSCRIPTION =
  'subscription Life { shipmentEvents(shipment: "S1") { type status late shipment { number } } }';
export const QUERY = 'query Systems { sources { name } }';

let heard = 0;

export function say(what) {
  // Apollo adds __typename to every query.
  process.stdout.write(JSON.stringify(what, (name, value) => (name === "__typename" ? undefined : value)) + "\n");
}

export function told(answer) {
  say(answer.errors ? { errors: answer.errors } : answer.data.shipmentEvents);
  heard += 1;
  if (heard === count) setTimeout(() => process.exit(0), 50);
}

export function failed(error) {
  process.stderr.write(String(error?.stack ?? JSON.stringify(error)) + "\n");
  process.exit(1);
}
