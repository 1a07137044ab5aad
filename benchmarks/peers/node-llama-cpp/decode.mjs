// The measurement of `bench decode` on node-llama-cpp, whose llama.cpp has kernels for each processor:
//   node decode.mjs MODEL.gguf [--streams 1,8] [--lora LORA.gguf] [--threads 2] [--tokens 64] [--rounds 3] [--prefill 512]
// Prints one JSON object. node-llama-cpp is looked for from the working directory.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";
import {parseArgs} from "node:util";
import {pathToFileURL} from "node:url";

const PROMPT = "The quick brown fox jumps over the lazy dog, and then?";
const CONTEXT = 512;

const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {
        streams: {type: "string", default: "1,8"},
        lora: {type: "string"},
        threads: {type: "string", default: "2"},
        tokens: {type: "string", default: "64"},
        rounds: {type: "string", default: "3"},
        prefill: {type: "string", default: "0"}
    }
});
if (positionals.length !== 1) {
    console.error("usage: node decode.mjs MODEL.gguf [--streams 1,8] [--lora LORA.gguf] [--threads 2] [--tokens 64] [--rounds 3] [--prefill 512]");
    process.exit(2);
}
const threads = Number(values.threads);
const tokens = Number(values.tokens);
const rounds = Number(values.rounds);

const require = createRequire(pathToFileURL(process.cwd() + "/"));
const {getLlama, LlamaLogLevel} = await import(pathToFileURL(require.resolve("node-llama-cpp")).href);

const llama = await getLlama({gpu: false, build: "never", maxThreads: threads, logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath: positionals[0]});
const prompt = model.tokenize(`<|im_start|>user\n${PROMPT}<|im_end|>\n<|im_start|>assistant\n`, true);

// Tokens a second of all streams while all of them decode: from the last one's first token to the first one's last.
function tokensPerSecond(arrivals) {
    const from = Math.max(...arrivals.map((times) => times[0]));
    const to = Math.min(...arrivals.map((times) => times.at(-1)));
    if (to <= from) throw new Error("the streams did not run at the same time");
    return arrivals.flat().filter((time) => time > from && time <= to).length / ((to - from) / 1e9);
}

async function run(sequences) {
    return tokensPerSecond(await Promise.all(sequences.map(async (sequence) => {
        await sequence.clearHistory();
        const arrivals = [];
        for await (const _ of sequence.evaluate(prompt, {temperature: 0, yieldEogToken: true})) {
            arrivals.push(Number(process.hrtime.bigint()));
            if (arrivals.length === tokens) break;
        }
        return arrivals;
    })));
}

const rows = [];
for (const streams of values.streams.split(",").map(Number)) {
    const context = await model.createContext({
        sequences: streams,
        contextSize: CONTEXT,
        threads,
        lora: values.lora ? {adapters: [{filePath: values.lora, scale: 1}]} : undefined
    });
    const sequences = Array.from({length: streams}, () => context.getSequence());
    await run(sequences);
    let best = 0;
    for (let round = 0; round < rounds; round++) best = Math.max(best, await run(sequences));
    rows.push({streams, adapter: values.lora ? 1 : 0, tokensPerSecond: best});
    await context.dispose();
}
// Tokens of a prompt a second until the first token is there
if (Number(values.prefill) > 0) {
    const context = await model.createContext({
        contextSize: Number(values.prefill) + 64,
        batchSize: Number(values.prefill),
        threads,
        lora: values.lora ? {adapters: [{filePath: values.lora, scale: 1}]} : undefined
    });
    const sequence = context.getSequence();
    let best = 0;
    for (let round = 0; round <= rounds; round++) {
        await sequence.clearHistory();
        const words = model.tokenize(`w${round} ` + "and then ".repeat(Number(values.prefill)), false).slice(0, Number(values.prefill));
        const from = process.hrtime.bigint();
        for await (const _ of sequence.evaluate(words, {temperature: 0, yieldEogToken: true})) break;
        const seconds = Number(process.hrtime.bigint() - from) / 1e9;
        if (round > 0) best = Math.max(best, words.length / seconds);
    }
    rows.push({prompt: Number(values.prefill), adapter: values.lora ? 1 : 0, tokensPerSecond: best});
    await context.dispose();
}
const status = readFileSync("/proc/self/status", "utf8");
const mib = (name) => Math.round(Number(status.match(new RegExp(name + ":\\s+(\\d+)"))[1]) / 1024);
console.log(JSON.stringify({benchmark: "node-llama-cpp", model: positionals[0], threads, tokens, rows,
    residentMiB: mib("VmRSS"), peakMiB: mib("VmHWM")}));
process.exit(0);
