// What both interoperability tests need: child processes that end with the test, and checks.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const children = [];

/** Starts a program and resolves with its lines on stdout once `isReady(line)` is true. */
export function start(command, args, isReady, environment = {}) {
    const child = spawn(command, args, {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, ...environment },
    });
    children.push(child);
    return new Promise((resolve, reject) => {
        const lines = [];
        const timer = setTimeout(() => reject(new Error(`${command}: not ready after 60 s`)), 60000);
        createInterface({ input: child.stdout }).on("line", (line) => {
            lines.push(line);
            if (isReady(line)) {
                clearTimeout(timer);
                resolve({ child, lines });
            }
        });
        child.on("error", reject);
        child.on("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
    });
}

/** Runs a program to its end and resolves with its standard output. */
export function run(command, args, environment = {}) {
    const child = spawn(command, args, {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, ...environment },
    });
    children.push(child);
    return new Promise((resolve, reject) => {
        let text = "";
        child.stdout.on("data", (part) => (text += part));
        child.on("error", reject);
        child.on("close", (code) =>
            code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}: ${text}`)));
    });
}

export function check(condition, message) {
    if (!condition) throw new Error(`check failed: ${message}`);
    console.log(`ok: ${message}`);
}

/** Runs `body`, stops every child, and ends the process with its verdict. */
export async function main(body) {
    let status = 1;
    try {
        await body();
        status = 0;
    } catch (error) {
        console.error(error);
    }
    for (const child of children) {
        child.removeAllListeners("exit");
        child.kill("SIGTERM");
    }
    process.exit(status);
}
