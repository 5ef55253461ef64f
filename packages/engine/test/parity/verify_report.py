"""Recompute a run's report with Hugging Face transformers and numpy, sharing no code with the engine, and print the largest differences.

usage: verify_report.py REPORT.json MODEL_FOLDER        (GPT-2 architecture; needs torch, transformers, numpy)

REPORT.json is what `recallscope run --json REPORT.json` writes. Every head is patched one by one at the last position, weights of the
decomposition come from an explicit least squares over prompts x coordinates, the final layer from float64 vectors.
Exits 1 when a difference exceeds 1e-4 (absolute; standard errors: relative).
"""
import json
import sys

import numpy as np
import torch
from transformers import AutoModelForCausalLM

REPORT, MODEL = json.load(open(sys.argv[1])), sys.argv[2]
model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager").eval()
blocks, config = model.transformer.h, model.config
L, H, D = len(blocks), config.n_head, config.n_embd
DH = D // H
FACTS, PROMPTS = REPORT["task"]["facts"], REPORT["prompts"]
KNOWN = [p for p in PROMPTS if p["known"]]
worst = 0.0


def compare(name, difference):
    global worst
    worst = max(worst, difference)
    print(f"{name:42s} {difference:.1e}")


def run(tokens, patch=None):
    """One forward pass; patch = (layer, head, z of all heads at the last position)."""
    state = {"z": [], "mlp": [], "pre": []}

    def before_projection(layer):
        def hook(module, inputs):
            x = inputs[0]
            state["z"].append(x[0, -1].clone())
            if patch and patch[0] == layer:
                x = x.clone()
                part = slice(patch[1] * DH, (patch[1] + 1) * DH)
                x[0, -1, part] = patch[2][part]
                return (x,)
        return hook

    hooks = []
    for layer, block in enumerate(blocks):
        hooks.append(block.attn.c_proj.register_forward_pre_hook(before_projection(layer)))
        hooks.append(block.register_forward_pre_hook(lambda m, i: state["pre"].append(i[0][0, -1].clone())))
        hooks.append(block.mlp.register_forward_hook(lambda m, i, o: state["mlp"].append(o[0, -1].clone())))
    with torch.no_grad():
        out = model(torch.tensor([tokens]), output_attentions=True)
    for hook in hooks:
        hook.remove()
    state["logits"] = out.logits[0, -1].double()
    state["attention"] = [a[0, :, -1, :] for a in out.attentions]
    return state


def corrupted_tokens(prompt, fact):
    """The prompt with the donor's subject tokens, taken from the donor's own prompt in the same frame."""
    donor = next(f for f in FACTS if f["subject"] == fact["donor"])
    other = next(p for p in PROMPTS if p["fact"] == donor["index"] and p["frame"] == prompt["frame"])
    (a, b), (c, d) = prompt["subjectSpan"], other["subjectSpan"]
    return prompt["tokens"][:a] + other["tokens"][c:d] + prompt["tokens"][b:], donor


clean_runs, attention = [], []
effects, total, pairs = np.zeros((2, L, H)), 0.0, 0
for prompt in KNOWN:
    fact = FACTS[prompt["fact"]]
    clean = run(prompt["tokens"])
    clean_runs.append(clean)
    start, end = prompt["subjectSpan"]
    attention.append([[float(clean["attention"][l][h, start:end].sum()) for h in range(H)] for l in range(L)])
    if fact["donor"] is None:
        continue
    tokens, donor = corrupted_tokens(prompt, fact)
    corrupted = run(tokens)
    lead = lambda r: float(r["logits"][fact["answerToken"]] - r["logits"][donor["answerToken"]])
    if lead(clean) <= 0:
        continue
    total, pairs = total + lead(clean) - lead(corrupted), pairs + 1
    for l in range(L):
        for h in range(H):
            effects[0, l, h] += lead(clean) - lead(run(prompt["tokens"], (l, h, corrupted["z"][l])))
            effects[1, l, h] += lead(run(tokens, (l, h, clean["z"][l]))) - lead(corrupted)
passing = REPORT["argumentPassing"]
assert pairs == passing["pairs"], (pairs, passing["pairs"])
over_heads = lambda get: max(get(h) for h in passing["heads"])
compare("noising, all heads", over_heads(lambda h: abs(effects[0, h["layer"], h["head"]] / total - h["noising"]["value"])))
compare("denoising, all heads", over_heads(lambda h: abs(effects[1, h["layer"], h["head"]] / total - h["denoising"]["value"])))
mean_attention = np.mean(attention, 0)
compare("attention to the subject", over_heads(lambda h: abs(mean_attention[h["layer"], h["head"]] - h["attentionToSubject"]["value"])))

stack = lambda key: torch.stack([torch.stack(r[key]) for r in clean_runs]).double()
Z, MLP, PRE = stack("z"), stack("mlp"), stack("pre")
W_O = [block.attn.c_proj.weight.detach().double().view(H, DH, D) for block in blocks]
HEADS = torch.stack([torch.einsum("nhi,hid->nhd", Z[:, l].view(-1, H, DH), W_O[l]) for l in range(L)], 1)
clusters = np.array([p["fact"] for p in KNOWN])
centred = lambda t: t - t.mean(-1, keepdim=True)
for part in REPORT["mlpActivation"]["decompositions"]:
    layer, name = part["layer"], f"{part['regressors']} layer {part['layer']}"
    if part["lambda"] is not None:
        print(f"{name}: ridge, not recomputed")
        continue
    x = centred(HEADS[:, layer] if part["regressors"] == "R1" else HEADS[:, : layer + 1].reshape(len(KNOWN), -1, D))
    y = centred(MLP[:, layer])
    xs_raw = x.permute(1, 0, 2).numpy()
    xs = xs_raw - xs_raw.mean(1, keepdims=True)
    ys = (y - y.mean(0)).numpy()
    flat = xs.reshape(len(xs), -1)
    weights = np.linalg.lstsq(flat.T, ys.reshape(-1), rcond=None)[0]
    residual = ys - np.einsum("k,knd->nd", weights, xs)
    intercept = y.mean(0) - torch.einsum("k,kd->d", torch.tensor(weights), x.mean(0))
    compare(f"{name}: weights", max(abs(w["weight"] - v) for w, v in zip(part["weights"], weights)))
    compare(f"{name}: R2", abs(1 - (residual**2).sum() / (ys**2).sum() - part["r2Within"]))
    compare(f"{name}: |intercept|", abs(float(intercept.norm()) - part["interceptNorm"]))
    facts = sorted(set(clusters))
    changes = []
    for left_out in facts:  # jackknife by fact: refit without each fact in turn
        kept = clusters != left_out
        xk, yk = xs_raw[:, kept], y.numpy()[kept]
        xk, yk = xk - xk.mean(1, keepdims=True), yk - yk.mean(0)
        changes.append(np.linalg.lstsq(xk.reshape(len(xk), -1).T, yk.reshape(-1), rcond=None)[0] - weights)
    errors = np.sqrt((len(facts) - 1) / len(facts) * (np.array(changes) ** 2).sum(0))
    if all(w["standardError"] is not None for w in part["weights"]):
        compare(f"{name}: standard errors (relative)", max(abs(w["standardError"] / v - 1) for w, v in zip(part["weights"], errors)))

gain, bias = model.transformer.ln_f.weight.detach().double(), model.transformer.ln_f.bias.detach().double()
W_U = model.lm_head.weight.detach().double()
answers = torch.tensor([FACTS[p["fact"]]["answerToken"] for p in KNOWN])
scale = lambda x: torch.sqrt(x.var(-1, unbiased=False, keepdim=True) + config.layer_norm_epsilon)
log_prob = lambda x, s: torch.log_softmax((centred(x) / s * gain + bias) @ W_U.T, -1)[torch.arange(len(answers)), answers]
heads, b_O, mlp, pre = HEADS[:, -1].sum(1), blocks[-1].attn.c_proj.bias.detach().double(), MLP[:, -1], PRE[:, -1]
final = pre + heads + b_O + mlp
report = REPORT["finalLayer"]
values = []
for mask in range(8):
    x = pre + (heads + b_O if mask & 1 else 0) + (mlp if mask & 2 else 0)
    values.append(log_prob(x, scale(final) if mask & 4 else scale(pre)))
compare("final layer: change of log p", abs(float((values[7] - values[0]).mean()) - report["logProbChange"]["value"]))
for player, key in enumerate(("headPart", "mlpPart", "scalePart")):
    a, b = (1 << o for o in range(3) if o != player)
    gain_of = lambda c: values[c | 1 << player] - values[c]
    share = float(((2 * gain_of(0) + gain_of(a) + gain_of(b) + 2 * gain_of(a | b)) / 6).mean())
    compare(f"final layer: {key}", abs(share - report[key]["value"]))
for sweep in report["sweeps"]:
    differences = []
    for point in sweep["points"]:
        a = point["alpha"] if sweep["target"] != "MLP" else 1
        m = point["alpha"] if sweep["target"] != "HEADS" else 1
        x = pre + a * heads + b_O + m * mlp
        differences.append(abs(float(log_prob(x, scale(x)).mean()) - point["logProb"]["value"]))
    compare(f"final layer: {sweep['target']} sweep", max(differences))

candidates = torch.tensor([c["token"] for c in REPORT["task"]["candidates"]])
U = W_U - W_U.mean(0)
is_answer = candidates[None] == answers[:, None]
components = {c["label"]: c for c in REPORT["prediction"]["directLogitAttribution"]["components"]}
differences = []
for label, vector in [(f"L{l}H{h}", HEADS[:, l, h]) for l in range(L) for h in range(H)] + [(f"MLP{l}", MLP[:, l]) for l in range(L)]:
    y = gain * centred(vector) / scale(final)
    own = (y * U[answers]).sum(-1)
    others = (y @ U[candidates].T).masked_fill(is_answer, 0).sum(-1) / (len(candidates) - 1)
    differences.append(abs(float(own.mean()) - components[label]["centred"]["value"]))
    differences.append(abs(float((own - others).mean()) - components[label]["answer"]["value"]))
compare("direct logit attribution, all components", max(differences))
sys.exit(0 if worst < 1e-4 else 1)
