"""
TransformerLens: HookedTransformer where it still exists (3.9), else TransformerBridge (4.3). Variants:
  plain   run_with_hooks and run_with_cache on whole forwards, as the documentation shows
  resume  a loop by hand with HookedTransformer: start_at_layer from cached residuals, the last position alone unembedded
"""

import logging
import warnings
from importlib.metadata import version

import torch
from transformers import GPT2LMHeadModel

from common import cells_of, last_position, serve, stacked, torch_versions

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_grad_enabled(False)
MODELS = {}


def hooked(folder):
    from transformer_lens import HookedTransformer, HookedTransformerConfig
    from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights

    source = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32)
    config = source.config
    cfg = HookedTransformerConfig(
        n_layers=config.n_layer,
        n_heads=config.n_head,
        d_model=config.n_embd,
        d_head=config.n_embd // config.n_head,
        d_mlp=4 * config.n_embd,
        d_vocab=config.vocab_size,
        n_ctx=config.n_positions,
        act_fn="gelu_new",
        eps=config.layer_norm_epsilon,
        normalization_type="LN",
        original_architecture="GPT2LMHeadModel",
        device="cpu",
        init_weights=False,
    )
    model = HookedTransformer(cfg)
    model.load_and_process_state_dict(
        convert_gpt2_weights(source, cfg),
        fold_ln=False,
        center_writing_weights=False,
        center_unembed=False,
        fold_value_biases=False,
        refactor_factored_attn_matrices=False,
    )
    return model


def bridge(folder):
    from transformer_lens.model_bridge import TransformerBridge

    source = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return TransformerBridge.boot_transformers(folder, hf_model=source, device="cpu")


# 3.9 is the last version with HookedTransformer.
HOOKED = version("transformer-lens").startswith("3.")
load = hooked if HOOKED else bridge


def model_of(job):
    torch.set_num_threads(job["threads"])
    if job["model"] not in MODELS:
        MODELS.clear()
        MODELS[job["model"]] = load(job["model"]).eval().requires_grad_(False)
    return MODELS[job["model"]]


def z_name(layer):
    return f"blocks.{layer}.attn.hook_z"


def last_logits(model, tokens, hooks):
    """Through run_with_hooks. The bridge hands logits_to_keep on to the model below; HookedTransformer unembeds what is asked for by hand."""
    if not HOOKED:
        return model.run_with_hooks(tokens, fwd_hooks=hooks, logits_to_keep=1)[:, -1]
    return model.run_with_hooks(tokens, fwd_hooks=hooks)[:, -1]


def difference(logits, job):
    rows = torch.arange(logits.shape[0])
    return logits[rows, torch.tensor(job["answer"])] - logits[rows, torch.tensor(job["wrong"])]


def resumed(model, resid, layer, hooks, job):
    """By hand: blocks from `layer` on, the final norm and two rows of the unembedding at the last position."""
    resid = model.run_with_hooks(
        resid, start_at_layer=layer, stop_at_layer=model.cfg.n_layers, fwd_hooks=hooks
    )
    last = model.ln_final(resid[:, -1:])[:, 0]
    weight = model.unembed.W_U
    return (last * (weight[:, job["answer"]] - weight[:, job["wrong"]]).T).sum(-1)


def cached(model, tokens, wanted):
    """Activations by name; no logits where the model can do without."""
    keep = {"names_filter": lambda name: name.split(".", 2)[-1] in wanted}
    if HOOKED:
        return model.run_with_cache(tokens, return_type=None, **keep)[1]
    return model.run_with_cache(tokens, logits_to_keep=1, **keep)[1]


def all_z(model, tokens):
    return cached(model, tokens, ("attn.hook_z",))


def z_patch(layer, head, position, source):
    """A hook and its place. 4.3 calls hooks by another name than the one they are asked for by: the layer says which."""
    value = source[z_name(layer)][:, position, head]

    def hook(z, hook):
        z[:, position, head] = value
        return z

    return z_name(layer), hook


def head_sweep(job, variant):
    model = model_of(job)
    clean, corrupted = torch.tensor(job["clean"]), torch.tensor(job["corrupted"])

    def run(clock, cells):
        source = all_z(model, clean)
        base = cached(model, corrupted, ("hook_resid_pre",)) if variant == "resume" else None
        clock.loop_starts()
        out = []
        for layer, head in cells_of(job, cells):
            for position in job["positions"]:
                hooks = [z_patch(layer, head, position, source)]
                if base:
                    out.append(resumed(model, base[f"blocks.{layer}.hook_resid_pre"], layer, hooks, job))
                else:
                    out.append(difference(last_logits(model, corrupted, hooks), job))
        return {"difference": stacked(out)}

    return run


def carry_hooks(model, sender, source, frozen, to):
    """A sender's z from the source run, z of all later layers before `to` frozen."""
    layer, head = sender
    freeze = lambda later: lambda z, hook: frozen[z_name(later)]
    return [
        z_patch(layer, head, -1, source),
        *((z_name(later), freeze(later)) for later in range(layer + 1, to)),
    ]


def path_final(job, variant):
    model = model_of(job)
    clean, corrupted = torch.tensor(job["clean"]), torch.tensor(job["corrupted"])

    def run(clock, cells):
        source = all_z(model, corrupted)
        frozen = cached(model, clean, ("attn.hook_z", "hook_resid_pre"))
        clock.loop_starts()
        out = []
        for sender in cells_of(job, cells):
            hooks = carry_hooks(model, sender, source, frozen, model.cfg.n_layers)
            if variant == "resume":
                layer = sender[0]
                out.append(resumed(model, frozen[f"blocks.{layer}.hook_resid_pre"], layer, hooks, job))
            else:
                out.append(difference(last_logits(model, clean, hooks), job))
        return {"difference": stacked(out)}

    return run


def path_queries(job, variant):
    model = model_of(job)
    clean, corrupted = torch.tensor(job["clean"]), torch.tensor(job["corrupted"])
    layer = job["receivers"][0][0]
    receivers = [head for _, head in job["receivers"]]
    query = f"blocks.{layer}.attn.hook_q"

    def run(clock, cells):
        source = all_z(model, corrupted)
        frozen = cached(model, clean, ("attn.hook_z", "hook_resid_pre"))
        clock.loop_starts()
        out = []
        for sender in cells_of(job, cells):
            carried = {}

            def keep(q, hook):
                carried["q"] = q.clone()

            def patch(q, hook):
                for head in receivers:
                    q[:, -1, head] = carried["q"][:, -1, head]
                return q

            hooks = [*carry_hooks(model, sender, source, frozen, layer), (query, keep)]
            if variant == "resume":
                model.run_with_hooks(
                    frozen[f"blocks.{sender[0]}.hook_resid_pre"],
                    start_at_layer=sender[0],
                    stop_at_layer=layer + 1,
                    fwd_hooks=hooks,
                )
                out.append(resumed(model, frozen[f"blocks.{layer}.hook_resid_pre"], layer, [(query, patch)], job))
            else:
                model.run_with_hooks(clean, stop_at_layer=layer + 1, fwd_hooks=hooks)
                out.append(difference(last_logits(model, clean, [(query, patch)]), job))
        return {"difference": stacked(out)}

    return run


def cache(job, variant):
    """z at the last position and W_O by hand: 3.9's own use_attn_result holds every head's result at every position."""
    model = model_of(job)
    prompts, compared = torch.tensor(job["prompts"]), job["compared"]
    points = {"heads": "attn.hook_z", "mid": "hook_resid_mid", "mlp": "hook_mlp_out", "post": "hook_resid_post"}
    batch = 75

    def part(tokens):
        names = tuple(points.values())
        keep = {"names_filter": lambda name: name.split(".", 2)[-1] in names, "pos_slice": -1}
        extra = {} if HOOKED else {"logits_to_keep": 1}
        logits, kept = model.run_with_cache(tokens, **keep, **extra)
        out = {name: [] for name in points}
        for layer, block in enumerate(model.blocks):
            for name, point in points.items():
                x = kept[f"blocks.{layer}.{point}"]
                if name == "heads":
                    x = x.reshape(x.shape[0], model.cfg.n_heads, -1)
                    out[name].append(torch.einsum("bhi,hid->bhd", x, block.attn.W_O))
                else:
                    out[name].append(x.reshape(x.shape[0], -1))
        return logits[:, -1].clone(), out

    def run(clock, cells):
        parts = [part(tokens) for tokens in (prompts.split(batch) if cells is None else [prompts[:8]])]
        layers = range(model.cfg.n_layers)
        kept = {
            name: [torch.cat([own[name][layer] for _, own in parts])[:compared] for layer in layers]
            for name in points
        }
        return {**last_position(kept), "logits": torch.cat([logits for logits, _ in parts])[:compared].numpy()}

    return run


def attribution(job, variant):
    model = model_of(job)
    clean, corrupted = torch.tensor(job["clean"]), torch.tensor(job["corrupted"])

    def run(clock, cells):
        some = slice(None) if cells is None else slice(0, 4)
        source = all_z(model, clean[some])
        z, gradient = {}, {}

        def forward(layer):
            def hook(x, hook):
                z[layer] = x.detach()
                return x if x.requires_grad else x.detach().requires_grad_(True)

            return z_name(layer), hook

        def backward(layer):
            def hook(g, hook):
                gradient[layer] = g.detach()

            return z_name(layer), hook

        layers = range(model.cfg.n_layers)
        hooks = {"fwd_hooks": [forward(l) for l in layers], "bwd_hooks": [backward(l) for l in layers]}
        with torch.enable_grad(), model.hooks(**hooks):
            logits = (model(corrupted[some]) if HOOKED else model(corrupted[some], logits_to_keep=1))[:, -1]
            rows = torch.arange(logits.shape[0])
            answer, wrong = torch.tensor(job["answer"])[some], torch.tensor(job["wrong"])[some]
            (logits[rows, answer] - logits[rows, wrong]).sum().backward()
        out = [
            ((source[z_name(layer)] - z[layer]) * gradient[layer]).sum(-1).permute(2, 0, 1)
            for layer in layers
        ]
        return {"scores": torch.stack(out).numpy()}

    return run


def versions(threads):
    """Both TransformerLenses are in one report: each under a name of its own."""
    out = torch_versions(threads, "transformer-lens", "transformers")
    name = "HookedTransformer" if HOOKED else "TransformerBridge"
    return {**out, f"transformer-lens ({name})": out.pop("transformer-lens")}


serve(
    {
        "head-sweep": head_sweep,
        "path-final": path_final,
        "path-queries": path_queries,
        "cache": cache,
        "attribution": attribution,
    },
    versions,
)
