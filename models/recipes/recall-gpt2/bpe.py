"""The model's own byte-level BPE tokenizer."""

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from corpus import Corpus, Task

END = "<|endoftext|>"
SAMPLE_DOCUMENTS = 2000
# Names must win against pairs of letters that are merely common in the sentences, so that nearly all of them become one
# token: then subjects have equal token counts (patching needs them) and answers differ in their first token.
NAME_REPEATS = 2000


def train_tokenizer(tasks: list[Task], vocabulary: int, positions: int, seed: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(tasks, seed), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END,
        eos_token=END,
        unk_token=END,
        model_max_length=positions,
        clean_up_tokenization_spaces=False,
    )


def texts(tasks: list[Task], seed: int):
    corpus = Corpus(tasks, seed)
    for _ in range(SAMPLE_DOCUMENTS):
        yield corpus.document(6)
    for task in tasks:
        # Names stand inside a sentence (with the space before them) and, where a frame allows it, at its start.
        at_start = any(frame.text.startswith("{subject}") for frame in task.frames)
        for subject, answer in task.facts:
            for _ in range(NAME_REPEATS):
                yield f"{subject if at_start else ''} {subject} {answer}"
