// The systems' REST calls for the peers written for Node: undici, keep-alive, a batch a call, as the hand-written endpoint asks.
import { Agent, request, setGlobalDispatcher } from 'undici'

setGlobalDispatcher(new Agent({ connections: 256, keepAliveTimeout: 60_000 }))

const upstream = Number(process.argv[2])
const [ERP, , WMS, CARRIER] = [0, 1, 2, 3].map((role) => `http://127.0.0.1:${upstream + role}`)
const headers = { authorization: 'Bearer sandbox' }
const posted = { ...headers, 'content-type': 'application/json' }

async function get(root, path, params, key, keys) {
  const query = [new URLSearchParams(params).toString(), ...Array.from(keys, (each) => `${key}=${encodeURIComponent(each)}`)]
  const answer = await request(`${root}${path}?${query.filter(Boolean).join('&')}`, { headers })
  return answer.body.json()
}

export async function items(company, skus) {
  const found = await get(ERP, '/items', { company }, 'sku', skus)
  return new Map(found.items.map((row) => [row.sku, row]))
}

// Of { company, customer, sku, quantity }: a price or null each.
export async function prices(asked) {
  const lines = asked.map((each, at) => ({ ref: String(at), ...each, uom: null, shipTo: null, on: null }))
  const answer = await request(`${ERP}/prices`, { method: 'POST', headers: posted, body: JSON.stringify({ lines }) })
  const priced = new Map((await answer.body.json()).prices.map((row) => [row.ref, price(row)]))
  return lines.map((line) => priced.get(line.ref) ?? null)
}

function price({ unit, currency, breaks }) {
  return {
    unit: { amount: unit, currency },
    breaks: breaks.map((step) => ({ minimum: step.minimum, unit: { amount: step.unit, currency } })),
  }
}

export const stock = (company, skus) => get(WMS, '/stock', { company }, 'sku', skus)
export const plans = (company, skus) => get(ERP, '/supply-demand', { company, days: 30 }, 'sku', skus)

export async function customers(company, numbers) {
  const found = await get(ERP, '/customers', { company }, 'number', numbers)
  return new Map(found.customers.map((row) => [row.number, row]))
}

export async function ordersOf(company, number, first) {
  const found = await get(ERP, '/orders/by-customer', { company, limit: first }, 'number', [number])
  return found.pages[0].orders
}

export async function orders(company, placedTo, first) {
  return (await get(ERP, '/orders/search', { company, placedTo, limit: first }, '', [])).orders
}

// By order.
export async function shipments(company, orders) {
  const found = await get(WMS, '/shipments/by-order', { company }, 'order', orders)
  const grouped = new Map()
  for (const row of found.shipments) {
    if (grouped.has(row.order)) grouped.get(row.order).push(row)
    else grouped.set(row.order, [row])
  }
  return grouped
}

export async function trackings(numbers) {
  const found = await get(CARRIER, '/tracking', {}, 'trackingNumber', numbers)
  const rows = new Map(found.tracking.map((row) => [row.trackingNumber, row]))
  return numbers.map((number) => rows.get(number) ?? null)
}
