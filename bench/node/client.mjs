// The measured process: see ingest.mjs.
import { createRequire } from "node:module";
import { createReadStream, createWriteStream, readFileSync, rmSync, statSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";

const database = "NetDefaultDB";

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

async function discarded() {
    const reply = await fetch(`${process.env.KUSTO_ENGINE}/admin/discarded`);
    if (!reply.ok) throw new Error(`/admin/discarded: ${reply.status}`);
    return reply.json();
}

/** What one user of the SDK would write: a file for each batch. */
function ingestion(ingest, level, ingestClient, properties) {
    if (level === null) return (file) => ingestClient.ingestFromFile(file, properties);
    // The SDK cannot be told a level; it leaves files alone that are compressed already. So this
    // does what it does itself, to a temporary file, with another level.
    return async (file, size) => {
        const zipped = `${file}.${Math.random().toString(36).slice(2)}.csv.gz`;
        await pipeline(createReadStream(file), zlib.createGzip({ level }), createWriteStream(zipped));
        const descriptor = new ingest.FileDescriptor(zipped, undefined, size);
        await ingestClient.ingestFromFile(descriptor, properties);
        rmSync(zipped);
    };
}

/** Takes the next file as soon as one is done, `inFlight` at a time. */
async function all(files, inFlight, one) {
    let next = 0;
    const worker = async () => {
        while (next < files.length) await one(files[next++]);
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
}

async function settled(blobs) {
    const limit = Date.now() + 60000;
    for (;;) {
        const seen = await discarded();
        if (seen.blobs + seen.failed >= blobs) return seen;
        if (Date.now() > limit) throw new Error(`${seen.blobs} blobs of ${blobs} after 60 s`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

function version(name) {
    const file = path.join(process.env.KUSTO_INTEROP_MODULES, "node_modules", name, "package.json");
    return JSON.parse(readFileSync(file, "utf8")).version;
}

export async function client() {
    const plan = JSON.parse(process.env.KUSTO_BENCH_PLAN);
    const require = createRequire(path.join(process.env.KUSTO_INTEROP_MODULES, "index.js"));
    const data = require("azure-kusto-data");
    const ingest = require("azure-kusto-ingest");
    const { KUSTO_ENGINE, KUSTO_INGESTION } = process.env;
    const engine = new data.Client(
        data.KustoConnectionStringBuilder.withTokenProvider(KUSTO_ENGINE, token));
    await engine.execute(database, ".create-merge table Bench (Time: datetime, Level: string, " +
        "Host: string, Micros: long, Trace: string, Text: string)");
    const properties = new ingest.IngestionProperties({
        database, table: "Bench", format: ingest.DataFormat.CSV,
    });
    const ingestClient = new ingest.IngestClient(
        data.KustoConnectionStringBuilder.withTokenProvider(KUSTO_INGESTION, token), properties);
    const one = ingestion(ingest, plan.level, ingestClient, properties);
    const sizes = new Map(plan.files.map((file) => [file, statSync(file).size]));
    const put = (file) => one(file, sizes.get(file));

    // Sign-in, resources, connections and compiled code are there before anything is measured.
    await all(Array(plan.inFlight).fill(plan.files[0]), plan.inFlight, put);
    const work = Array.from({ length: plan.repeat }, () => plan.files).flat();
    const rawBytes = work.reduce((sum, file) => sum + sizes.get(file), 0);
    const before = await settled(plan.inFlight);
    const start = process.hrtime.bigint();
    const cpuStart = process.cpuUsage();
    await all(work, plan.inFlight, put);
    const used = process.cpuUsage(cpuStart);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const peak = process.resourceUsage().maxRSS * 1024;

    const after = await settled(plan.inFlight + work.length);
    const seen = after.announced_bytes - before.announced_bytes;
    if (after.failed !== 0 || seen !== rawBytes)
        throw new Error(`the server has ${seen} bytes of ${rawBytes}, ${after.failed} failed`);
    const wireBytes = after.bytes - before.bytes;
    process.stdout.write(JSON.stringify({
        kind: "bench_node",
        environment: {
            node: process.version,
            zlib: process.versions.zlib,
            sdk: version("azure-kusto-ingest"),
            processor: cpus()[0]?.model ?? "unknown",
            processors: cpus().length,
        },
        options: {
            compression: `zlib:${plan.level ?? "default"}`,
            batch_size: plan.batchSize,
            in_flight: plan.inFlight,
        },
        medians: [{
            raw_mb_per_second: rawBytes / 1e6 / seconds,
            wire_mb_per_second: wireBytes / 1e6 / seconds,
            client_cpu_seconds_per_gb: (used.user + used.system) / 1e6 / (rawBytes / 1e9),
            ratio: rawBytes / wireBytes,
            seconds,
            peak_rss_bytes: peak,
            raw_bytes: rawBytes,
            batches: work.length,
        }],
    }) + "\n");
    ingestClient.close?.();
    engine.close?.();
}
