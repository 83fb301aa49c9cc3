// Mercurius with jit as its documentation tells: Fastify, Mercurius' own loaders for what is batched; with a third argument "cache",
// mercurius-cache over all resolvers. node benchmarks/peers/mercurius/server.js UPSTREAM_PORT PORT [cache]
import Fastify from 'fastify'
import mercurius from 'mercurius'
import mercuriusCache from 'mercurius-cache'
import { availabilities } from '../availability.js'
import { connection, resolvers, typeDefs } from '../resolvers.js'
import * as systems from '../systems.js'

const byNumber = (read, keyOf) => async (queries) => {
  const keys = queries.map(({ obj }) => keyOf(obj))
  const found = await read(queries[0].obj.company, [...new Set(keys)])
  return keys.map((key) => found.get(key) ?? null)
}
const uncached = (loader) => ({ loader, opts: { cache: false } })

const loaders = {
  Item: {
    price: uncached((queries) =>
      systems.prices(queries.map(({ obj, params }) => ({ company: obj.company, sku: obj.sku, ...params }))),
    ),
    availability: uncached((queries) => availabilities(queries[0].obj.company, queries.map(({ obj }) => obj.sku))),
  },
  Order: {
    customer: uncached(byNumber(systems.customers, (order) => order.customer)),
    shipments: uncached(async (queries) => {
      const found = await systems.shipments(queries[0].obj.company, queries.map(({ obj }) => obj.number))
      return queries.map(({ obj }) => found.get(obj.number) ?? [])
    }),
  },
  OrderLine: { item: uncached(byNumber(systems.items, (line) => line.sku)) },
  Parcel: {
    tracking: uncached((queries) => systems.trackings(queries.map(({ obj }) => obj.trackingNumber))),
  },
}

const one = async (read, company, number) => (await read(company, [number])).get(number) ?? null
const app = Fastify()
app.register(mercurius, {
  schema: typeDefs,
  jit: 1,
  resolvers: {
    Query: {
      item: (_, { sku, company }) => one(systems.items, company, sku),
      items: async (_, { skus, company }) => {
        const found = await systems.items(company, skus)
        return skus.map((sku) => found.get(sku) ?? null)
      },
      customer: (_, { number, company }) => one(systems.customers, company, number),
      orders: async (_, { company, placedTo, first }) => connection(await systems.orders(company, placedTo, first)),
    },
    Customer: resolvers.Customer,
    Order: { lines: resolvers.Order.lines },
  },
  loaders,
})
if (process.argv[4] === 'cache') app.register(mercuriusCache, { all: true, ttl: 60 })
await app.listen({ port: Number(process.argv[3]), host: '127.0.0.1' })
