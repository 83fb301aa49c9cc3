// The schema's text, its resolvers and its data loaders, for the servers that execute resolvers as GraphQL.js does.
import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { availabilities } from './availability.js'
import * as systems from './systems.js'

export const typeDefs = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

const byNumber = (read) => async (keys) => {
  const found = await read(keys[0].company, keys.map((key) => key.number))
  return keys.map((key) => found.get(key.number) ?? null)
}
const loader = (batch, cacheKeyFn) => new DataLoader(batch, { cacheKeyFn })
const numbered = (key) => key.number

// One request's.
export const loaders = () => ({
  item: loader(byNumber(systems.items), numbered),
  price: loader(systems.prices, (key) => `${key.sku} ${key.quantity}`),
  availability: loader((keys) => availabilities(keys[0].company, keys.map(numbered)), numbered),
  customer: loader(byNumber(systems.customers), numbered),
  shipments: loader(async (keys) => {
    const found = await systems.shipments(keys[0].company, keys.map(numbered))
    return keys.map((key) => found.get(key.number) ?? [])
  }, numbered),
  tracking: new DataLoader(systems.trackings),
})

export const connection = (rows) => ({ edges: rows.map((node) => ({ node })) })

export const resolvers = {
  Query: {
    item: (_, { sku, company }, { loaders }) => loaders.item.load({ company, number: sku }),
    items: (_, { skus, company }, { loaders }) => loaders.item.loadMany(skus.map((number) => ({ company, number }))),
    customer: (_, { number, company }, { loaders }) => loaders.customer.load({ company, number }),
    orders: async (_, { company, placedTo, first }) => connection(await systems.orders(company, placedTo, first)),
  },
  Item: {
    price: ({ company, sku }, { customer, quantity }, { loaders }) =>
      loaders.price.load({ company, customer, sku, quantity }),
    availability: ({ company, sku }, _, { loaders }) => loaders.availability.load({ company, number: sku }),
  },
  Customer: {
    orders: async ({ company, number }, { first }) => connection(await systems.ordersOf(company, number, first)),
  },
  Order: {
    customer: ({ company, customer }, _, { loaders }) => loaders.customer.load({ company, number: customer }),
    lines: ({ company, lines }) => lines.map(({ number, sku }) => ({ number, company, sku })),
    shipments: ({ company, number }, _, { loaders }) => loaders.shipments.load({ company, number }),
  },
  OrderLine: {
    item: ({ company, sku }, _, { loaders }) => loaders.item.load({ company, number: sku }),
  },
  Parcel: {
    tracking: ({ trackingNumber }, _, { loaders }) => loaders.tracking.load(trackingNumber),
  },
}
