// Grafast under grafserv as its documentation tells: a plan a field, loadOne for what is batched, GRAPHILE_ENV=production.
// node benchmarks/peers/grafast/server.js UPSTREAM_PORT PORT
import './withResolvers.js'
import { createServer } from 'node:http'
import { get, lambda, loadOne, each, makeGrafastSchema } from 'grafast'
import { grafserv } from 'grafserv/node'
import { availabilities } from '../availability.js'
import { typeDefs } from '../resolvers.js'
import * as systems from '../systems.js'

const byNumber = (read) => async (specs) => {
  const found = await read(specs[0][0], [...new Set(specs.map(([, number]) => number))])
  return specs.map(([, number]) => found.get(number) ?? null)
}
const items = byNumber(systems.items)
const customers = byNumber(systems.customers)
const prices = (specs) =>
  systems.prices(specs.map(([company, customer, sku, quantity]) => ({ company, customer, sku, quantity })))
const available = (specs) => availabilities(specs[0][0], specs.map(([, sku]) => sku))
const found = (specs) => Promise.all(specs.map((spec) => systems.orders(...spec)))
const placed = (specs) => Promise.all(specs.map((spec) => systems.ordersOf(...spec)))
const shipments = async (specs) => {
  const rows = await systems.shipments(specs[0][0], specs.map(([, number]) => number))
  return specs.map(([, number]) => rows.get(number) ?? [])
}
const numbered = ([company, lines]) => lines.map(({ number, sku }) => ({ number, company, sku }))

const schema = makeGrafastSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        item: (_, { $sku, $company }) => loadOne([$company, $sku], items),
        items: (_, { $skus, $company }) => each($skus, ($sku) => loadOne([$company, $sku], items)),
        customer: (_, { $number, $company }) => loadOne([$company, $number], customers),
        orders: (_, { $company, $placedTo, $first }) => loadOne([$company, $placedTo, $first], found),
      },
    },
    Item: {
      plans: {
        price: ($item, { $customer, $quantity }) =>
          loadOne([get($item, 'company'), $customer, get($item, 'sku'), $quantity], prices),
        availability: ($item) => loadOne([get($item, 'company'), get($item, 'sku')], available),
      },
    },
    Customer: {
      plans: {
        orders: ($customer, { $first }) => loadOne([get($customer, 'company'), get($customer, 'number'), $first], placed),
      },
    },
    OrderConnection: { plans: { edges: ($orders) => $orders } },
    OrderEdge: { plans: { node: ($order) => $order } },
    Order: {
      plans: {
        customer: ($order) => loadOne([get($order, 'company'), get($order, 'customer')], customers),
        lines: ($order) => lambda([get($order, 'company'), get($order, 'lines')], numbered, true),
        shipments: ($order) => loadOne([get($order, 'company'), get($order, 'number')], shipments),
      },
    },
    OrderLine: { plans: { item: ($line) => loadOne([get($line, 'company'), get($line, 'sku')], items) } },
    Parcel: {
      plans: {
        tracking: ($parcel) => loadOne(get($parcel, 'trackingNumber'), systems.trackings),
      },
    },
  },
})

const server = createServer()
const served = grafserv({ schema, preset: { grafserv: { graphqlPath: '/graphql', graphiql: false, websockets: false } } })
await served.addTo(server)
server.listen(Number(process.argv[3]), '127.0.0.1')
