// Apollo Server as its documentation tells: startStandaloneServer, data loaders in the context; with a third argument "cache", its
// response cache plugin. node benchmarks/peers/apollo/server.js UPSTREAM_PORT PORT [cache]
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import { startStandaloneServer } from '@apollo/server/standalone'
import responseCache from '@apollo/server-plugin-response-cache'
import { loaders, resolvers, typeDefs } from '../resolvers.js'

const caching = [ApolloServerPluginCacheControl({ defaultMaxAge: 60 }), responseCache()]
const server = new ApolloServer({ typeDefs, resolvers, plugins: process.argv[4] === 'cache' ? caching : [] })
await startStandaloneServer(server, {
  listen: { port: Number(process.argv[3]), host: '127.0.0.1' },
  context: async () => ({ loaders: loaders() }),
})
