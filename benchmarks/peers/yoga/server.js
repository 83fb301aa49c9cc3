// GraphQL Yoga with its JIT plugin as its documentation tells, documents' caches on as they are by default; with a third argument
// "cache", its response cache plugin. node benchmarks/peers/yoga/server.js UPSTREAM_PORT PORT [cache]
import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import { useResponseCache } from '@graphql-yoga/plugin-response-cache'
import { createSchema, createYoga } from 'graphql-yoga'
import { loaders, resolvers, typeDefs } from '../resolvers.js'

const cached = process.argv[4] === 'cache' ? [useResponseCache({ session: () => null, ttl: 60_000 })] : []
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [useGraphQlJit(), ...cached],
  context: () => ({ loaders: loaders() }),
  graphiql: false,
  logging: 'error',
})
createServer(yoga).listen(Number(process.argv[3]), '127.0.0.1')
