"use strict";

/* global Cookies, GraphiQL, GraphiQLPluginExplorer, React, ReactDOM */

const endpoint = new URL("/graphql", window.location.href);

function subscriptionUrl() {
  const url = new URL(endpoint);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function fetcher() {
  const csrfToken = Cookies.get("csrftoken");
  return GraphiQL.createFetcher({
    url: endpoint.href,
    subscriptionUrl: subscriptionUrl(),
    headers: csrfToken ? { "x-csrftoken": csrfToken } : {},
  });
}

async function defaults() {
  try {
    // What the reader typed on an earlier visit is kept by GraphiQL and must not be overwritten.
    if (window.localStorage.getItem("graphiql:query") !== null) {
      return {};
    }
    const response = await fetch("/explorer/defaults.json");
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

async function start() {
  const { query, variables } = await defaults();
  const page = React.createElement(GraphiQL, {
    fetcher: fetcher(),
    plugins: [GraphiQLPluginExplorer.explorerPlugin()],
    query,
    variables,
    defaultEditorToolsVisibility: "variables",
    inputValueDeprecation: true,
  });
  ReactDOM.createRoot(document.getElementById("explorer")).render(page);
}

start();
