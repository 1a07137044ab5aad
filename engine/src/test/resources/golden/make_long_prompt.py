"""Writes a reference of a long prompt with transformers: a Qwen2 with YaRN, and float32 logits of the last tokens.

python3 make_long_prompt.py OUT [TOKENS] [SEED]   OUT/model/ in bfloat16, and OUT/long-expected.safetensors with input_ids
[1, TOKENS] and logits_last [64, V]. The reference computes in float32 what the bfloat16 weights say, on a GPU if there is one, in
chunks of 1,024 tokens, so that 32,768 tokens take a few gigabytes. Then: ./lorikeet conformance OUT --device cuda:0
"""
import os, shutil, sys
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, Qwen2Config

OUT = sys.argv[1]
TOKENS = int(sys.argv[2]) if len(sys.argv) > 2 else 32768
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
LAST, CHUNK = 64, 1024
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

torch.manual_seed(SEED)
torch.backends.cuda.matmul.allow_tf32 = False
config = Qwen2Config(
    vocab_size=2048, hidden_size=512, num_hidden_layers=4, num_attention_heads=8, num_key_value_heads=2,
    intermediate_size=1408, rms_norm_eps=1e-6, max_position_embeddings=TOKENS, tie_word_embeddings=False,
    bos_token_id=None, eos_token_id=3, pad_token_id=2,
    rope_parameters={"rope_type": "yarn", "rope_theta": 1e6, "factor": 4.0, "original_max_position_embeddings": TOKENS // 4})
model = AutoModelForCausalLM.from_config(config, attn_implementation="sdpa").float()
with torch.no_grad():
    for name, p in model.named_parameters():
        noise = torch.randn_like(p)
        if "norm" in name:
            p.copy_(1.0 + 0.1 * noise)
        elif p.dim() == 1:
            p.copy_(0.5 * noise)
        else:
            p.copy_(noise * p.shape[1] ** -0.5)
shutil.rmtree(OUT, ignore_errors=True)
os.makedirs(OUT)
model.to(torch.bfloat16).save_pretrained(f"{OUT}/model")
# loaded, not cast: the rotary frequencies are float32, as every loader has them
model = AutoModelForCausalLM.from_pretrained(f"{OUT}/model", dtype=torch.float32, attn_implementation="sdpa").to(DEVICE).eval()
ids = torch.randint(4, config.vocab_size, (1, TOKENS))
with torch.no_grad():
    cache = None
    bounds = list(range(0, TOKENS - LAST, CHUNK)) + [TOKENS - LAST, TOKENS]
    for begin, end in zip(bounds, bounds[1:]):
        out = model(ids[:, begin:end].to(DEVICE), past_key_values=cache, use_cache=True, logits_to_keep=min(LAST, end - begin))
        cache = out.past_key_values
save_file({"input_ids": ids, "logits_last": out.logits[0].float().cpu().contiguous()}, f"{OUT}/long-expected.safetensors")
print("transformers on", DEVICE, "in float32:", TOKENS, "tokens,", "logits", tuple(out.logits[0].shape))
