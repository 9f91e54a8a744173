"""Writes wordnet.tsv: words and their synonyms as NLTK finds them in WordNet's files; `wordnet.py --compare PROGRAM` compares many more
with what PROGRAM (words in, one a line; synonyms out, each ended by |) says.  Needs the `nltk` package, and WordNet 3.0 in /usr/share/wordnet.
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

import nltk
from nltk.corpus.reader.wordnet import WordNetCorpusReader

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.environ.get("CC_WORDNET", "/usr/share/wordnet")
CLASSES = ["noun", "verb", "adj", "adv"]


def reader():
    """NLTK wants its data in a folder of its own, with the names of WordNet's 45 source files; those only have to be there."""
    folder = tempfile.mkdtemp()
    for name in os.listdir(FILES):
        if name.startswith(("index.", "data.")) or name.endswith(".exc") or name == "cntlist.rev":
            shutil.copy(os.path.join(FILES, name), folder)
    with open(os.path.join(folder, "lexnames"), "w") as out:
        out.writelines("%02d\tfile%d\t1\n" % (i, i) for i in range(45))
    nltk.data.path.append(folder)
    WordNetCorpusReader.map_wn = lambda self, *rest: None
    return WordNetCorpusReader(folder, None)


def clean(lemma):
    text = lemma.replace("_", " ").replace("-", " ").lower()
    return " ".join("".join(c for c in text if c in " abcdefghijklmnopqrstuvwxyz").split())


def synonyms(wordnet, word):
    found = {clean(lemma.name()) for synset in wordnet.synsets(word) for lemma in synset.lemmas()}
    return sorted(found - {word, ""})


def words(rng, share):
    def first(name):
        return [line.split()[0] for line in open(os.path.join(FILES, name)) if not line.startswith(" ")]

    lemmas = [lemma for c in CLASSES for lemma in first("index." + c)]
    irregular = [word for c in CLASSES for word in first(c + ".exc")]
    endings = ["s", "es", "ed", "ing", "er", "est", "ies", "men", "ves", "xes"]
    chosen = rng.sample(lemmas, 20000 // share) + rng.sample(irregular, 4000 // share)
    chosen += [lemma + rng.choice(endings) for lemma in rng.sample(lemmas, 16000 // share)]
    chosen += [lemma[:-1] + rng.choice(endings) for lemma in rng.sample(lemmas, 12000 // share)]
    return sorted(set(chosen))


def witnesses(wordnet):
    """For each suffix rule a word whose synonyms are others without it."""
    for c in CLASSES:
        rules = wordnet.MORPHOLOGICAL_SUBSTITUTIONS[{"noun": "n", "verb": "v", "adj": "a", "adv": "r"}[c]]
        lemmas = sorted(line.split()[0] for line in open(os.path.join(FILES, "index." + c)) if not line.startswith(" "))
        for rule in list(rules):
            old, new = rule
            inflected = (lemma[:len(lemma) - len(new)] + old for lemma in lemmas if lemma.endswith(new) and lemma.isalpha())
            for word in inflected:
                with_rule = synonyms(wordnet, word)
                at = rules.index(rule)
                del rules[at]
                without = synonyms(wordnet, word)
                rules.insert(at, rule)
                if with_rule != without:
                    yield word
                    break


def main():
    wordnet = reader()
    if sys.argv[1:2] == ["--compare"]:
        asked = words(random.Random(6), 1)
        out = subprocess.run([sys.argv[2]], input="\n".join(asked) + "\n", capture_output=True, text=True, check=True).stdout
        answers = [line.split("|")[:-1] for line in out.split("\n")[:-1]]
        different = [word for word, answer in zip(asked, answers) if answer != synonyms(wordnet, word)]
        print("%d words, %d with synonyms, %d different: %s" % (len(asked), sum(map(bool, answers)), len(different), different[:9]))
        return
    rng = random.Random(7)
    asked = "airplane airplanes mice asleep two ran better offer feet children photo xyzzy".split()
    asked += [*witnesses(wordnet)] + words(rng, 400)
    with open(os.path.join(HERE, "wordnet.tsv"), "w") as out:
        out.writelines("%s\t%s\n" % (word, "|".join(synonyms(wordnet, word))) for word in asked)


main()
