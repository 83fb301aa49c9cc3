import { useEffect, useState } from "react";
import { ask, type Session } from "../gateway";
import { CustomersDocument, type CustomersQuery } from "./graphql/graphql";

export type Customer = NonNullable<CustomersQuery["customers"]>["edges"][number]["node"];

const PAUSE_MS = 150;
const named = (each: Customer) => `${each.number} · ${each.name}${each.company === "US" ? "" : ` (${each.company})`}`;

/** Who buys: found by number or name as one types; the browser's own list of suggestions does the rest. */
export function Party({ session, choose }: { session: Session; choose: (chosen: Customer | null) => void }) {
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<Customer[]>([]);
  const [trouble, setTrouble] = useState("");

  useEffect(() => {
    let isWanted = true;
    const search = typed.split(" · ")[0] ?? "";
    const pause = setTimeout(() => {
      ask(session, CustomersDocument, { search }).then(
        ({ data, faults }) => {
          if (!isWanted) return;
          setFound(data.customers?.edges.map(({ node }) => node) ?? []);
          setTrouble(faults[0]?.message ?? "");
        },
        (error: Error) => isWanted && setTrouble(error.message),
      );
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(pause);
    };
  }, [session, typed]);

  const chosen = found.find((each) => named(each) === typed) ?? null;
  useEffect(() => choose(chosen), [chosen?.id]);

  return (
    <>
      <label>
        Customer
        <input type="search" list="customers" value={typed} placeholder="Number or name" autoComplete="off" autoFocus
          aria-describedby="customer-note" onChange={(event) => setTyped(event.target.value)} />
      </label>
      <datalist id="customers">{found.map((each) => <option key={each.id} value={named(each)} />)}</datalist>
      <small id="customer-note" className={trouble ? "bad" : ""}>
        {trouble || (chosen && `${chosen.currency}, ${chosen.paymentTerms ?? "no terms known"}`)
          || (typed && !found.length ? "Nobody by that number or name" : "Choose one of the list")}
      </small>
    </>
  );
}
