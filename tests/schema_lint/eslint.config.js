// graphql-eslint's rules for schemas, all of them, and its rules for Relay. What differs from the rules as they come says why.
// Run it where schema.graphql lies, with --config: `make schema-lint`.
import graphql from "@graphql-eslint/eslint-plugin";

const all = {
  ...graphql.configs["flat/schema-recommended"].rules,
  ...graphql.configs["flat/schema-all"].rules,
  ...graphql.configs["flat/schema-relay"].rules,
};

const stricter = {
  // As it comes it asks it of types and root fields only.
  "@graphql-eslint/require-description": [
    "error",
    { types: true, rootField: true, DirectiveDefinition: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true },
  ],
  // As it comes it asks for an argument named input, not for a type named after its mutation.
  "@graphql-eslint/input-name": ["error", { checkInputType: true, checkMutations: true, caseSensitiveInputType: false }],
};

const narrower = {
  // Lists are walked forwards only, as Relay's specification allows: the sources' own pages go one way.
  "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
  // As it comes it wants every list of the schema to be one of edges. What belongs to one record (an order's lines, a parcel's
  // lots) comes with it whole, and has no pages.
  "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
};

const off = {
  // Types are put in order by the printer. Fields, arguments and values stand as they are read: what identifies a record first, a
  // status's stages in the order in which they are passed through.
  "@graphql-eslint/alphabetize": "off",
  // It forbids the root types Mutation and Subscription: orders are handed in by the one, and followed by the other.
  "@graphql-eslint/no-root-type": "off",
  // It wants an id on every type. Records have one, and implement Node; values (money, an address, a line) have no identity apart
  // from the record they are part of. tests/schema/test_relay.py holds that whatever has an id is a Node or an Event.
  "@graphql-eslint/strict-id-in-types": "off",
  // It wants an argument `deletionDate` of @deprecated, which GraphQL does not have. The day stands in the reason, and
  // tests/schema/test_deprecations.py holds that it does.
  "@graphql-eslint/require-deprecation-date": "off",
  // It wants the whole of Query in each payload. A payload holds the submission, and all that hangs on it; the rest is a second
  // operation, so that a write's long deadline and its scopes are never those of unrelated reads.
  "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
};

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: "schema.graphql" } } },
    plugins: { "@graphql-eslint": graphql },
    rules: { ...all, ...stricter, ...narrower, ...off },
  },
];
