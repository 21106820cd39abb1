// node rudderstack_node.mjs URL KEY: says the same as the Python tests do.
import Analytics from '@rudderstack/rudder-sdk-node'

const [dataPlaneUrl, writeKey] = process.argv.slice(2)
const failed = []
const analytics = new Analytics(writeKey, { dataPlaneUrl, flushInterval: 200, errorHandler: (error) => failed.push(String(error)) })

analytics.page({ anonymousId: 'a1', name: 'Pricing', properties: { url: 'https://x.example/pricing' } })
analytics.track({ anonymousId: 'a1', userId: 'u1', event: 'Signed Up', properties: { plan: 'pro' } })
analytics.identify({ userId: 'u1', anonymousId: 'a1', traits: { email: 'ann@example.com', firstName: 'Ann', phone: '+49 30 1234567' } })
analytics.track({ userId: 'u1', event: 'Order Completed', properties: { total: 12.5 }, originalTimestamp: new Date('2024-02-29T12:30:15.123Z') })
analytics.group({ userId: 'u1', groupId: 'g1', traits: { name: 'Acme', employees: 7 } })
analytics.screen({ userId: 'u1', name: 'Home' })
analytics.alias({ userId: 'u1', previousId: 'u0' })
await analytics.flush()
console.log(JSON.stringify(failed))
process.exit(0)
