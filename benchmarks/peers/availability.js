// What can be promised, as sources/atp.py works it out with its default rules, on whole millionths instead of decimals.
import { plans, stock } from './systems.js'

const DAYS = 30
const parsed = (text) => Math.round(Number(text) * 1e6)
const shown = (millionths) => String(millionths / 1e6)

export async function availabilities(company, skus) {
  const [stocked, planned] = await Promise.all([stock(company, skus), plans(company, skus)])
  const places = new Map(stocked.warehouses.map(({ code, name }) => [code, { code, name }]))
  const planOf = new Map(planned.plans.map((plan) => [`${plan.sku} ${plan.warehouse}`, plan]))
  const rows = new Map()
  for (const row of stocked.stock) {
    if (rows.has(row.sku)) rows.get(row.sku).push(row)
    else rows.set(row.sku, [row])
  }
  const today = stocked.today
  const last = new Date(Date.parse(today) + DAYS * 86_400_000).toISOString().slice(0, 10)
  return skus.map((sku) => (rows.has(sku) ? availability(rows.get(sku), planOf, places, today, last) : null))
}

function availability(rows, planOf, places, today, last) {
  const timelines = rows.map((row) => timeline(row, planOf.get(`${row.sku} ${row.warehouse}`), today, last))
  const sum = merged(timelines)
  return {
    available: shown(sum[0].level),
    warehouses: rows.map((row, at) => ({
      warehouse: places.get(row.warehouse),
      available: shown(timelines[at][0].level),
    })),
    timeline: sum.map(({ date, level }) => ({ date, available: shown(level) })),
  }
}

// The source's own, where it gives one. Else: overdue supply is not relied upon; overdue demand is owed today. Each day gives what no later day needs.
function timeline(row, plan, today, last) {
  if (plan?.atp) return plan.atp.map(({ date, available }) => ({ date, level: parsed(available) }))
  const net = new Map([[today, parsed(row.onHand) - parsed(row.unsellable) - parsed(row.safetyStock)]])
  for (const { date, quantity } of plan?.supply ?? []) {
    if (date >= today && date <= last) net.set(date, (net.get(date) ?? 0) + parsed(quantity))
  }
  for (const { date, quantity } of plan?.demand ?? []) {
    const day = date < today ? today : date
    if (day <= last) net.set(day, (net.get(day) ?? 0) - parsed(quantity))
  }
  const days = [...net.keys()].sort()
  let running = 0
  const levels = days.map((day) => (running += net.get(day)))
  let lowest = Infinity
  for (let at = levels.length - 1; at >= 0; at--) levels[at] = Math.max(0, (lowest = Math.min(lowest, levels[at])))
  return changes(days, levels)
}

function merged(timelines) {
  const steps = new Map()
  for (const buckets of timelines) {
    let before = 0
    for (const { date, level } of buckets) {
      steps.set(date, (steps.get(date) ?? 0) + level - before)
      before = level
    }
  }
  const days = [...steps.keys()].sort()
  let running = 0
  return changes(days, days.map((day) => (running += steps.get(day))))
}

function changes(days, levels) {
  const found = []
  for (let at = 0; at < days.length; at++) {
    if (!found.length || levels[at] !== found[found.length - 1].level) found.push({ date: days[at], level: levels[at] })
  }
  return found
}
