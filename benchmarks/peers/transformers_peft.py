"""The figures of `./lorikeet bench gpu`, measured of transformers and PEFT: Qwen2.5-7B's geometry, random weights, bfloat16.

    python3 benchmarks/peers/transformers_peft.py [--compile SECONDS] [--out FILE.json]

Needs torch, transformers, peft and one CUDA device of 80 GB. Takes about two minutes, and with --compile, which also measures
decoding with a static cache under torch.compile, up to so many seconds more for each of two batch sizes.
"""

import argparse
import json
import signal
import statistics
import time

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Qwen2Config

VOCABULARY = 152_064
figures = {}


def note(name, value, unit):
    figures[name] = {"value": round(value, 3), "unit": unit}
    print(f"{name}: {value:.4g} {unit}", flush=True)


def model(lora):
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=3584,
        intermediate_size=18_944,
        num_hidden_layers=28,
        num_attention_heads=28,
        num_key_value_heads=4,
        max_position_embeddings=32_768,
        rope_theta=1e6,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        use_sliding_window=False,
    )
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        made = AutoModelForCausalLM.from_config(config, attn_implementation="sdpa")
    torch.set_default_dtype(torch.float32)
    if lora:
        made = get_peft_model(made, LoraConfig(r=8, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
    return made


def tokens(rows, length):
    return torch.randint(0, VOCABULARY, (rows, length), device="cuda")


def milliseconds(work, repeat, warm=1):
    """Median wall time; the device has finished before and after."""
    times = []
    for _ in range(warm + repeat):
        torch.cuda.synchronize()
        begun = time.perf_counter()
        work()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(times[warm:])


def decode(lora, rows):
    made = model(lora).eval()
    ids = tokens(rows, 100)

    def generate(new):
        with torch.no_grad():
            made.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                min_new_tokens=new,
                max_new_tokens=new,
                do_sample=False,
                pad_token_id=0,
            )

    few, many = milliseconds(lambda: generate(8), 2), milliseconds(lambda: generate(40), 2)
    step = (many - few) / 32
    name = f"decode, {rows} rows, {'LoRA' if lora else 'base'}"
    note(name, step, "ms/step")
    note(name + ", throughput", rows * 1e3 / step, "tokens/s")
    if rows == 1:
        prompt = tokens(1, 1024)
        with torch.no_grad():
            note(f"prefill 1024, {'LoRA' if lora else 'base'}", milliseconds(lambda: made(prompt, logits_to_keep=1), 8), "ms")


def decode_compiled(rows, seconds):
    """The peer at its best: a static cache and compiled steps. Given up after so many seconds, and that is noted."""

    def give_up(_signal, _frame):
        raise TimeoutError(f"not compiled within {seconds} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    name = f"decode compiled, {rows} rows, LoRA"
    try:
        made = model(True).eval()
        ids = tokens(rows, 100)
        cache = transformers.StaticCache(config=made.config, max_cache_len=256)

        def generate(new):
            cache.reset()
            with torch.no_grad():
                made.generate(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    past_key_values=cache,
                    min_new_tokens=new,
                    max_new_tokens=new,
                    do_sample=False,
                    pad_token_id=0,
                )

        begun = time.perf_counter()
        generate(8)
        note(name + ", first answer", time.perf_counter() - begun, "s")
        few, many = milliseconds(lambda: generate(8), 2), milliseconds(lambda: generate(40), 2)
        step = (many - few) / 32
        note(name, step, "ms/step")
        note(name + ", throughput", rows * 1e3 / step, "tokens/s")
    except Exception as problem:  # any failure of the compiler leaves the other figures standing
        print(f"{name}: {type(problem).__name__}: {str(problem)[:300]}", flush=True)
    finally:
        signal.alarm(0)
        torch._dynamo.reset()


def train():
    made = model(True).train()
    trained = [p for p in made.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, fused=True)

    def step(batches):
        for batch in batches:
            (made(input_ids=batch, labels=batch).loss / len(batches)).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()

    def measure(name, batches, repeat):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        took = milliseconds(lambda: step(batches), repeat)
        note(f"train {name}", took, "ms/step")
        note(f"train {name}, throughput", sum(b.numel() for b in batches) * 1e3 / took, "tokens/s")
        note(f"train {name}, peak memory", torch.cuda.max_memory_allocated() / 2**30, "GiB")

    measure("16 rows of 64 as one batch", [tokens(16, 64)], 3)
    measure("16 rows of 64 as 16 micro-batches", [tokens(1, 64) for _ in range(16)], 2)
    measure("1 row of 2048", [tokens(1, 2048)], 3)
    made.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    made.enable_input_require_grads()
    measure("16 rows of 64 as 16 micro-batches, recomputation", [tokens(1, 64) for _ in range(16)], 1)
    measure("1 row of 2048, recomputation", [tokens(1, 2048)], 3)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", help="also writes the figures there as JSON")
    arguments.add_argument("--compile", type=int, default=0, metavar="SECONDS", help="also measures compiled decoding")
    parsed = arguments.parse_args()
    out = parsed.out
    versions = {
        "device": torch.cuda.get_device_name(0),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }
    print(versions)
    for lora, rows in ((True, 1), (False, 1), (True, 32), (False, 32)):
        decode(lora, rows)
        torch.cuda.empty_cache()
    train()
    if parsed.compile:
        for rows in (1, 32):
            torch.cuda.empty_cache()
            decode_compiled(rows, parsed.compile)
    if out:
        with open(out, "w") as file:
            json.dump({"versions": versions, "figures": figures}, file, indent=2)
