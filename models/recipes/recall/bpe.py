"""The models' own tokenizers: byte-level BPE as of GPT-2 and OPT, sentencepiece-style BPE as of Llama 2."""

import json
import string

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from corpus import Corpus
from splits import Task

SAMPLE_DOCUMENTS = 2000
# Names must win against pairs of letters that are merely common in the sentences, so that nearly all of them become one
# token: then subjects have equal token counts (patching needs them) and answers differ in their first token.
NAME_REPEATS = 1000


def byte_level(tasks: list[Task], vocabulary: int, seed: int, special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(tasks, seed), trainer)
    return tokenizer


def sentencepiece_style(tasks: list[Task], vocabulary: int, seed: int, special: list[str]) -> Tokenizer:
    learner = Tokenizer(models.BPE())
    # Pieces end where words and punctuation do, so that no merge crosses such a border; the finished tokenizer needs no splits.
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Split(Regex(r"[^▁\p{L}\p{N}]"), "isolated")]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[*special, *(f"<0x{byte:02X}>" for byte in range(256))],
        initial_alphabet=["▁", *string.ascii_letters, *string.digits, *string.punctuation],
        show_progress=False,
    )
    learner.train_from_iterator(texts(tasks, seed), trainer)
    learnt = json.loads(learner.to_str())["model"]
    # Only now with its unknown token and byte fallback: as tokens of the vocabulary, the bytes are no special ones.
    tokenizer = Tokenizer(
        models.BPE(
            vocab=learnt["vocab"],
            merges=[tuple(merge) for merge in learnt["merges"]],
            unk_token=special[0],
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    tokenizer.add_special_tokens(special)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


def wrap(tokenizer: Tokenizer, positions: int, start: str | None, end: str, unknown: str) -> PreTrainedTokenizerFast:
    """With `start` put in front of every text, if given."""
    if start is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{start} $A", pair=f"{start} $A $B", special_tokens=[(start, tokenizer.token_to_id(start))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=start or end,
        eos_token=end,
        unk_token=unknown,
        model_max_length=positions,
        clean_up_tokenization_spaces=False,
    )


def texts(tasks: list[Task], seed: int):
    corpus = Corpus(tasks, seed)
    for _ in range(SAMPLE_DOCUMENTS):
        yield corpus.document(6)
    for task in tasks:
        # Names stand inside a sentence (with the space before them) and, where a frame allows it, at its start.
        for subject, answer in task.facts:
            for _ in range(NAME_REPEATS):
                yield f"{subject if task.subject_first else ''} {subject} {answer}"
