// What Relay asks: relay-compiler writes their artifacts and the manifest that the gateway is given.
import { graphql } from "relay-runtime";

export const documents = () => [
  graphql`
    query documentsQuoteQuery($input: QuoteInput!) {
      quote(input: $input) { lines { sku quantity total { amount currency } } }
    }
  `,
  graphql`
    mutation documentsOrderMutation($input: SubmitOrderInput!) {
      submitOrder(input: $input) { submission { id } problems { code } }
    }
  `,
  graphql`
    query documentsPartialQuery($number: String!) {
      customer(number: $number) { number relationship { owner } }
    }
  `,
  graphql`
    query documentsDeferredQuery($input: QuoteInput!) {
      quote(input: $input) { lines { sku ...documents_total @defer(label: "total") } }
    }
  `,
  graphql`
    fragment documents_total on QuoteLine { total { amount currency } }
  `,
  graphql`
    subscription documentsLifeSubscription($shipment: String) {
      shipmentEvents(shipment: $shipment) { type status }
    }
  `,
];
