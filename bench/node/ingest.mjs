// The official Node SDK ingests the same records into the same kind of server as `kusto bench`.
//
//   KUSTO_INTEROP_MODULES=FOLDER node ingest.mjs --program KUSTO --lines FILE [--batch-size 100000]
//       [--level N] [--repeat 1] [--in-flight 2] [--threads 2] [--json FILE]
//
// The parent starts `kusto emulator --discard`, cuts the records into files of one batch each, and
// starts itself again as the client, so that the client's processor time is that of the SDK alone.
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { main, run, start } from "../../tests/interop/support.mjs";
import { client } from "./client.mjs";

const { values: options } = parseArgs({
    options: {
        program: { type: "string" },
        lines: { type: "string" },
        "batch-size": { type: "string", default: "100000" },
        level: { type: "string", default: "" },
        repeat: { type: "string", default: "1" },
        "in-flight": { type: "string", default: "2" },
        threads: { type: "string", default: "2" },
        json: { type: "string", default: "" },
    },
});

function setting(lines, name) {
    const line = lines.find((text) => text.startsWith(`${name}: `));
    if (!line) throw new Error(`the emulator did not print ${name}`);
    return line.slice(name.length + 2);
}

/** Writes whole batches only, so that every file costs the same; returns their names. */
function cut(file, batchSize, folder) {
    const content = readFileSync(file);
    const files = [];
    let begin = 0;
    let records = 0;
    for (let end = content.indexOf(10); end !== -1; end = content.indexOf(10, end + 1)) {
        if (++records % batchSize !== 0) continue;
        const name = path.join(folder, `batch-${files.length}.csv`);
        writeFileSync(name, content.subarray(begin, end + 1));
        files.push(name);
        begin = end + 1;
    }
    if (files.length === 0) throw new Error(`${file} has less than ${batchSize} lines`);
    return files;
}

async function parent() {
    const folder = mkdtempSync(path.join(tmpdir(), "kusto-bench-node-"));
    try {
        const ca = path.join(folder, "ca.pem");
        const batchSize = Number(options["batch-size"]);
        const files = cut(options.lines, batchSize, folder);
        const { lines } = await start(
            options.program,
            ["emulator", "--discard", "--batching-span", "100", "--threads", options.threads, "--ca-out", ca],
            (line) => line === "ready");
        const plan = {
            files,
            batchSize,
            level: options.level === "" ? null : Number(options.level),
            repeat: Number(options.repeat),
            inFlight: Number(options["in-flight"]),
        };
        // The CA must be in the environment when node starts.
        const output = await run(process.execPath, [process.argv[1]], {
            NODE_EXTRA_CA_CERTS: ca,
            KUSTO_BENCH_PLAN: JSON.stringify(plan),
            KUSTO_ENGINE: setting(lines, "engine"),
            KUSTO_INGESTION: setting(lines, "ingestion"),
            KUSTO_AUTHORITY: setting(lines, "authority"),
            KUSTO_TENANT: setting(lines, "tenant"),
            KUSTO_CLIENT_ID: setting(lines, "client id"),
            KUSTO_CLIENT_SECRET: setting(lines, "client secret"),
        });
        if (options.json) writeFileSync(options.json, output);
        const { medians: [figures] } = JSON.parse(output);
        console.log(`node SDK, level ${plan.level ?? "default"}: ` +
            `${figures.raw_mb_per_second.toFixed(1)} MB/s, ` +
            `${figures.client_cpu_seconds_per_gb.toFixed(2)} CPU s/GB`);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

await main(process.env.KUSTO_BENCH_PLAN ? client : parent);
