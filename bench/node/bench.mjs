// The official Node SDK at its defaults against `kusto emulator --discard` in a process of its own:
// the same records as `kusto bench`, a file for each batch. Its gzip has zlib's default level, 6.
//
//   KUSTO_INTEROP_MODULES=FOLDER node bench.mjs KUSTO_PROGRAM BATCH_FILE BATCHES AT_A_TIME JSON_FILE
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import os from "node:os";
import path from "node:path";

const [program, file, batchesText, widthText, output] = process.argv.slice(2);
const batches = Number(batchesText);
const width = Number(widthText);

/// The cluster's addresses, by label, once it is ready.
function serve(ca) {
    const server = spawn(program, ["emulator", "--discard", "--ca-out", ca, "--batching-span", "100"],
        { stdio: ["ignore", "pipe", "inherit"] });
    const settings = {};
    return new Promise((resolve, reject) => {
        server.on("exit", () => reject(new Error("the local cluster has stopped")));
        createInterface({ input: server.stdout }).on("line", (line) => {
            const colon = line.indexOf(": ");
            if (colon > 0) settings[line.slice(0, colon)] = line.slice(colon + 2);
            if (line === "ready") resolve({ server, settings });
        });
    });
}

async function parent() {
    const folder = mkdtempSync(path.join(os.tmpdir(), "kusto-node-"));
    const ca = path.join(folder, "ca.pem");
    const { server, settings } = await serve(ca);
    server.removeAllListeners("exit");
    try {
        // The CA must be in the environment when node starts.
        const child = spawn(process.execPath, process.argv.slice(1), {
            stdio: "inherit",
            env: { ...process.env, NODE_EXTRA_CA_CERTS: ca, KUSTO_BENCH_CHILD: JSON.stringify(settings) },
        });
        process.exitCode = await new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 1)));
    } finally {
        server.kill("SIGTERM");
        rmSync(folder, { recursive: true, force: true });
    }
}

async function child(settings) {
    const require = createRequire(path.join(process.env.KUSTO_INTEROP_MODULES, "index.js"));
    const data = require("azure-kusto-data");
    const ingest = require("azure-kusto-ingest");
    const token = async () => {
        const reply = await fetch(`${settings.authority}/${settings.tenant}/oauth2/v2.0/token`, {
            method: "POST",
            body: new URLSearchParams({
                grant_type: "client_credentials",
                client_id: settings["client id"],
                client_secret: settings["client secret"],
                scope: "https://kusto.kusto.windows.net/.default",
            }),
        });
        return (await reply.json()).access_token;
    };
    const connection = (url) =>
        data.KustoConnectionStringBuilder.withTokenProvider(url, token);
    const database = "NetDefaultDB";
    await new data.Client(connection(settings.engine)).execute(database, ".create table Bench " +
        "(Time: datetime, Level: string, Host: string, Micros: long, Trace: string, Text: string)");
    const properties = new ingest.IngestionProperties({
        database, table: "Bench", format: ingest.DataFormat.CSV,
    });
    const client = new ingest.IngestClient(connection(settings.ingestion), properties);
    const text = readFileSync(file);
    let records = 0;
    for (const byte of text) if (byte === 10) ++records;

    await client.ingestFromFile(file, properties); // warm: tokens, resources, connections
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    let next = 0;
    await Promise.all(Array.from({ length: width }, async () => {
        while (next++ < batches) await client.ingestFromFile(file, properties);
    }));
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const spent = process.cpuUsage(cpu);
    const raw = batches * statSync(file).size;
    const result = {
        kind: "node",
        sdk: JSON.parse(readFileSync(path.join(process.env.KUSTO_INTEROP_MODULES,
            "node_modules/azure-kusto-ingest/package.json"))).version,
        node: process.version,
        compression: "zlib:6",
        at_a_time: width,
        records: batches * records,
        raw_bytes: raw,
        seconds,
        records_per_second: batches * records / seconds,
        raw_mb_per_second: raw / 1e6 / seconds,
        client_cpu_seconds_per_gb: (spent.user + spent.system) / 1e6 / (raw / 1e9),
        peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    };
    const seen = await counts(settings.engine, batches + 1);
    if (seen.blobs !== batches + 1 || seen.failed !== 0)
        throw new Error(`the cluster has seen ${JSON.stringify(seen)}`);
    writeFileSync(output, JSON.stringify(result) + "\n");
    console.log(result);
    process.exit(0);
}

async function counts(engine, blobs) {
    for (let i = 0; ; ++i) {
        const seen = await (await fetch(`${engine}/admin/discarded`)).json();
        if (seen.blobs + seen.failed >= blobs || i === 200) return seen;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

if (process.env.KUSTO_BENCH_CHILD) await child(JSON.parse(process.env.KUSTO_BENCH_CHILD));
else await parent();
