// node segment_node.mjs URL KEY: says the same as the Python tests do.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host, flushAt: 15, flushInterval: 200, maxRetries: 5 })
const failed = []
analytics.on('error', (error) => failed.push(String(error.reason ?? error)))

analytics.page({ anonymousId: 'a1', name: 'Pricing', properties: { url: 'https://x.example/pricing' } })
analytics.track({ anonymousId: 'a1', userId: 'u1', event: 'Signed Up', properties: { plan: 'pro' } })
analytics.identify({ userId: 'u1', anonymousId: 'a1', traits: { email: 'ann@example.com', firstName: 'Ann', phone: '+49 30 1234567' } })
analytics.track({ userId: 'u1', event: 'Order Completed', properties: { total: 12.5 }, timestamp: new Date('2024-02-29T12:30:15.123Z') })
analytics.group({ userId: 'u1', groupId: 'g1', traits: { name: 'Acme', employees: 7 } })
analytics.screen({ userId: 'u1', name: 'Home' })
analytics.alias({ userId: 'u1', previousId: 'u0' })
await analytics.closeAndFlush()
console.log(JSON.stringify(failed))
