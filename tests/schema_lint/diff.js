// graphql-inspector's opinion of what has changed from one schema's file to another's, as JSON.
import { readFile } from "node:fs/promises";
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [before, after] = await Promise.all(process.argv.slice(2, 4).map(async (file) => buildSchema(await readFile(file, "utf8"))));
const found = await diff(before, after);
console.log(JSON.stringify(found.map(({ criticality, type, path }) => ({ level: criticality.level, type, path }))));
