// What every client asks; their types come from schema.graphql (`codegen.ts`).
import { graphql } from "./gql/index.js";

export const QUOTE = graphql(`
  query Quote($input: QuoteInput!) {
    quote(input: $input) { lines { sku quantity total { amount currency } } }
  }
`);
export const ORDER = graphql(`
  mutation Order($input: SubmitOrderInput!) {
    submitOrder(input: $input) { submission { id } problems { code } }
  }
`);
export const PARTIAL = graphql(`
  query Partial($number: String!) {
    customer(number: $number) { number relationship { owner } }
  }
`);
export const LIFE = graphql(`
  subscription Life($shipment: String) {
    shipmentEvents(shipment: $shipment) { type status }
  }
`);
