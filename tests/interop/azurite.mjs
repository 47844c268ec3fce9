// Our client uploads and posts against Azurite in place of the emulator's storage; blobs and
// messages are read back with Microsoft's storage packages and compared.
//
//   node azurite.mjs AZURITE_SINK_PROGRAM WORK_FOLDER
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { check, main, run, start } from "./support.mjs";

const [program, folder] = process.argv.slice(2);
const modules = process.env.KUSTO_INTEROP_MODULES;
const require = createRequire(path.join(modules, "index.js"));

await main(async () => {
    const blob = require("@azure/storage-blob");
    const queue = require("@azure/storage-queue");
    const { lines } = await start(process.execPath, [
        path.join(modules, "node_modules/azurite/dist/src/azurite.js"), "--inMemoryPersistence",
        "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--extentMemoryLimit", "512",
        "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
    ], (line) => line.includes("Table service is successfully listening"));
    const url = (service) => lines.find((line) =>
        line.includes(`${service} service is successfully listening`)).match(/http:\S+/)[0];
    const account = "devstoreaccount1";
    const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    const start_ = new Date(Date.now() - 300000);
    const end = new Date(Date.now() + 3600000);

    const credential = new blob.StorageSharedKeyCredential(account, key);
    const blobs = new blob.BlobServiceClient(`${url("Blob")}/${account}`, credential);
    const container = blobs.getContainerClient("ingestdata-0");
    await container.create();
    const containerUrl = await container.generateSasUrl({
        permissions: blob.ContainerSASPermissions.parse("rw"), startsOn: start_, expiresOn: end,
    });
    const queues = new queue.QueueServiceClient(`${url("Queue")}/${account}`,
        new queue.StorageSharedKeyCredential(account, key));
    const ready = queues.getQueueClient("readyforaggregation-secured");
    await ready.create();
    const queueUrl = await ready.generateSasUrl({
        permissions: queue.QueueSASPermissions.parse("a"), startsOn: start_, expiresOn: end,
    });

    // Prints a line of JSON for each batch: {"file": raw text written, "records", "blocks": "one"|"many"}.
    const output = await run(program, [folder], {
        KUSTO_CONTAINER: containerUrl, KUSTO_QUEUE: queueUrl,
    });
    const batches = output.trim().split("\n").map((line) => JSON.parse(line));
    check(batches.length === 2, "the client delivered two batches");

    const { receivedMessageItems } = await ready.receiveMessages({ numberOfMessages: 32 });
    check(receivedMessageItems.length === 2, "two messages are in the queue");
    const messages = receivedMessageItems.map((item) =>
        JSON.parse(Buffer.from(item.messageText, "base64").toString("utf8")));
    const key_names = ["Id", "BlobPath", "RawDataSize", "DatabaseName", "TableName",
        "RetainBlobOnSuccess", "FlushImmediately", "ReportLevel", "ReportMethod",
        "SourceMessageCreationTime", "AdditionalProperties"];
    for (const batch of batches) {
        const raw = readFileSync(batch.file);
        const message = messages.find((item) => item.RawDataSize === raw.length);
        check(message !== undefined, `${batch.blocks} block(s): RawDataSize is ${raw.length}, uncompressed`);
        for (const name of key_names) check(name in message, `the message has ${name}`);
        check(message.DatabaseName === "NetDefaultDB" && message.TableName === "Events", "it names the table");
        check(message.AdditionalProperties.format === "csv", "it names the format");
        check(message.AdditionalProperties.tags === JSON.stringify(["drop-by:azurite"]), "it has the tag");
        check(typeof message.AdditionalProperties.authorizationContext === "string", "it has the identity token");
        const name = decodeURIComponent(new URL(message.BlobPath).pathname.split("/").slice(3).join("/"));
        check(name.endsWith(".csv.gz"), `the blob's name says gzip: ${name}`);
        const client = container.getBlobClient(name);
        const properties = await client.getProperties();
        check(properties.contentEncoding === undefined, "no content encoding is set");
        check(gunzipSync(await client.downloadToBuffer()).equals(raw), "the blob is what was written");
        const list = await client.getBlockBlobClient().getBlockList("committed");
        const blocks = list.committedBlocks?.length ?? 0;
        check(batch.blocks === "one" ? blocks === 0 : blocks > 1, `${blocks} committed blocks (${batch.blocks})`);
        // The message's own URL opens the blob: its SAS is intact.
        const reply = await fetch(message.BlobPath);
        check(reply.ok && (await reply.arrayBuffer()).byteLength === properties.contentLength,
            "BlobPath opens the blob");
    }
});
