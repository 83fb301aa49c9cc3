// The same answers without GraphQL: node's own HTTP server, one path a question, all calls at once where they can be.
// node benchmarks/peers/node/server.js UPSTREAM_PORT PORT
import { createServer } from 'node:http'
import { availabilities } from '../availability.js'
import * as systems from '../systems.js'

const answers = {
  async '/quote'({ skus, customer, company }) {
    const asked = skus.map((sku) => ({ company, customer, sku, quantity: '10' }))
    const [items, prices, available] = await Promise.all([
      systems.items(company, skus),
      systems.prices(asked),
      availabilities(company, skus),
    ])
    return {
      items: skus.map((sku, at) => ({
        sku: items.get(sku).sku,
        price: prices[at] && priced(prices[at]),
        availability: available[at],
      })),
    }
  },
  async '/item'({ sku, company }) {
    const { name, uom, hazardous } = (await systems.items(company, [sku])).get(sku)
    return { item: { sku, name, uom, hazardous } }
  },
  async '/portal'({ customer, company }) {
    const [customers, orders] = await Promise.all([
      systems.customers(company, [customer]),
      systems.ordersOf(company, customer, 20),
    ])
    const skus = new Set(orders.flatMap((order) => order.lines.map((line) => line.sku)))
    const [items, shipments] = await Promise.all([
      systems.items(company, skus),
      systems.shipments(company, orders.map((order) => order.number)),
    ])
    const parcels = [...shipments.values()].flat().flatMap((shipment) => shipment.parcels)
    const numbers = [...new Set(parcels.map((parcel) => parcel.trackingNumber).filter(Boolean))]
    const found = numbers.length ? await systems.trackings(numbers) : []
    const tracked = new Map(numbers.map((number, at) => [number, found[at] && tracking(found[at])]))
    const edges = orders.map((order) => ({ node: detailed(order, items, shipments, tracked) }))
    return { customer: { name: customers.get(customer).name, orders: { edges } } }
  },
  async '/list'({ company, placedTo }) {
    const orders = await systems.orders(company, placedTo, 100)
    const customers = await systems.customers(company, new Set(orders.map((order) => order.customer)))
    const edges = orders.map(({ number, status, placedAt, customer }) => ({
      node: { number, status, placedAt, customer: { name: customers.get(customer).name } },
    }))
    return { orders: { edges } }
  },
}

const priced = ({ unit, breaks }) => ({
  unit,
  breaks: breaks.map((step) => ({ minimum: step.minimum, unit: { amount: step.unit.amount } })),
})
const tracking = ({ status, events }) => ({ status, events: events.map(({ at, description }) => ({ at, description })) })

function detailed(order, items, shipments, tracked) {
  return {
    number: order.number,
    lines: order.lines.map(({ number, sku }) => ({ number, item: items.has(sku) ? { name: items.get(sku).name } : null })),
    shipments: (shipments.get(order.number) ?? []).map(({ number, parcels }) => ({
      number,
      parcels: parcels.map(({ trackingNumber }) => ({ trackingNumber, tracking: tracked.get(trackingNumber) ?? null })),
    })),
  }
}

createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', async () => {
    try {
      const { variables } = JSON.parse(Buffer.concat(parts).toString())
      const body = JSON.stringify({ data: await answers[request.url](variables) })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
    } catch (error) {
      console.error(error)
      response.writeHead(500).end()
    }
  })
}).listen(Number(process.argv[3]), '127.0.0.1')
