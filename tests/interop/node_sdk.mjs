// The official Node SDK ingests files into the local cluster over TLS through its public API and
// reads them back: the emulator's protocol is what Microsoft's client speaks.
//
//   node node_sdk.mjs KUSTO_PROGRAM WORK_FOLDER
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { check, main, run, start } from "./support.mjs";

const [program, folder] = process.argv.slice(2);
const modules = process.env.KUSTO_INTEROP_MODULES;
const require = createRequire(path.join(modules, "index.js"));

function setting(lines, name) {
    const line = lines.find((text) => text.startsWith(`${name}: `));
    if (!line) throw new Error(`the emulator did not print ${name}`);
    return line.slice(name.length + 2);
}

async function parent() {
    const ca = path.join(folder, "ca.pem");
    const { lines } = await start(program, ["emulator", "--ca-out", ca], (line) => line === "ready");
    // The CA must be in the environment when node starts.
    const output = await run(process.execPath, [process.argv[1], program, folder], {
        NODE_EXTRA_CA_CERTS: ca,
        KUSTO_INTEROP_CHILD: "1",
        KUSTO_ENGINE: setting(lines, "engine"),
        KUSTO_INGESTION: setting(lines, "ingestion"),
        KUSTO_AUTHORITY: setting(lines, "authority"),
        KUSTO_TENANT: setting(lines, "tenant"),
        KUSTO_CLIENT_ID: setting(lines, "client id"),
        KUSTO_CLIENT_SECRET: setting(lines, "client secret"),
    });
    process.stdout.write(output);
}

async function token() {
    const { KUSTO_AUTHORITY, KUSTO_TENANT, KUSTO_CLIENT_ID, KUSTO_CLIENT_SECRET } = process.env;
    const reply = await fetch(`${KUSTO_AUTHORITY}/${KUSTO_TENANT}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
            grant_type: "client_credentials",
            client_id: KUSTO_CLIENT_ID,
            client_secret: KUSTO_CLIENT_SECRET,
            scope: "https://kusto.kusto.windows.net/.default",
        }),
    });
    if (!reply.ok) throw new Error(`token: ${reply.status} ${await reply.text()}`);
    return (await reply.json()).access_token;
}

async function child() {
    const data = require("azure-kusto-data");
    const ingest = require("azure-kusto-ingest");
    const { KUSTO_ENGINE, KUSTO_INGESTION } = process.env;
    const engine = new data.Client(
        data.KustoConnectionStringBuilder.withTokenProvider(KUSTO_ENGINE, token));
    const ingestion = data.KustoConnectionStringBuilder.withTokenProvider(KUSTO_INGESTION, token);

    const database = "NetDefaultDB";
    const rows = async (query) => {
        const result = await engine.execute(database, query);
        return [...result.primaryResults[0].rows()].map((row) => row.toJSON());
    };
    const settled = async (table, count) => {
        const limit = Date.now() + 60000;
        for (;;) {
            const [{ Count }] = await rows(`['${table}'] | count`);
            if (Number(Count) >= count) return Number(Count);
            if (Date.now() > limit) throw new Error(`${table}: ${Count} rows of ${count} after 60 s`);
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
    };

    // A CSV file with a header and quoted fields.
    const csv = path.join(modules, "node_modules/vega-datasets/data/airports.csv");
    const records = readFileSync(csv, "utf8").trimEnd().split("\n").length - 1;
    await engine.execute(database, ".create table Airports (iata: string, name: string, " +
        "city: string, state: string, country: string, latitude: real, longitude: real)");
    const csvProperties = new ingest.IngestionProperties({
        database, table: "Airports", format: ingest.DataFormat.CSV, ignoreFirstRecord: true,
    });
    const client = new ingest.IngestClient(ingestion, csvProperties);
    const result = await client.ingestFromFile(csv, csvProperties);
    check(result !== undefined, "ingestFromFile (CSV) returned");
    check((await settled("Airports", records)) === records, `all ${records} airports are rows`);
    const [row] = await rows("Airports | where iata == 'SFO' | project name, latitude");
    check(row.name === "San Francisco International" && Math.abs(row.latitude - 37.619) < 0.001,
        `a row reads back: ${JSON.stringify(row)}`);

    // JSON lines with an inline mapping, from a stream.
    const movies = JSON.parse(
        readFileSync(path.join(modules, "node_modules/vega-datasets/data/movies.json"), "utf8"));
    const lines = path.join(folder, "movies.json");
    writeFileSync(lines, movies.map((movie) => JSON.stringify(movie)).join("\n"));
    await engine.execute(database, ".create table Movies (Title: string, Rating: real, All: dynamic)");
    const jsonProperties = new ingest.IngestionProperties({
        database, table: "Movies", format: ingest.DataFormat.JSON,
        ingestionMappingColumns: [
            ingest.JsonColumnMapping.withPath("Title", "$.Title"),
            ingest.JsonColumnMapping.withPath("Rating", "$['IMDB Rating']"),
            ingest.JsonColumnMapping.withPath("All", "$"),
        ],
        ingestByTags: ["movies-1"],
        ingestIfNotExists: JSON.stringify(["movies-1"]),
    });
    const jsonClient = new ingest.IngestClient(ingestion, jsonProperties);
    await jsonClient.ingestFromFile(lines, jsonProperties);
    check((await settled("Movies", movies.length)) === movies.length,
        `all ${movies.length} movies are rows`);
    const rated = movies.filter((movie) => movie["IMDB Rating"] > 8.5).length;
    const [{ Count: found }] = await rows("Movies | where Rating > 8.5 | count");
    check(Number(found) === rated, `${rated} movies are rated above 8.5`);

    // The same again: suppressed by its tag. A file after it shows that the queue was worked off.
    await jsonClient.ingestFromFile(lines, jsonProperties);
    await client.ingestFromFile(csv, csvProperties);
    await settled("Airports", 2 * records);
    check((await settled("Movies", movies.length)) === movies.length,
        "ingestIfNotExists suppressed the second ingestion");

    // What is wrong is refused, in the form that the SDK understands.
    let refusal;
    await engine.execute(database, "NoSuchTable | count").catch((error) => (refusal = error));
    check(refusal !== undefined && /NoSuchTable/.test(String(refusal) + JSON.stringify(refusal.response?.data ?? "")),
        "an unknown table is an error that names it");

    client.close?.();
    jsonClient.close?.();
    engine.close?.();
}

await main(process.env.KUSTO_INTEROP_CHILD ? child : parent);
