import type { CodegenConfig } from "@graphql-codegen/cli";

// Decimals stay strings: a JavaScript number would round them.
const config: CodegenConfig = {
  schema: "../../../schema.graphql",
  documents: ["documents.ts"],
  emitLegacyCommonJSImports: false,
  importExtension: ".js",
  generates: {
    "./gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        strictScalars: true,
        scalars: { Decimal: "string", Date: "string", DateTime: "string" },
      },
    },
  },
};

export default config;
