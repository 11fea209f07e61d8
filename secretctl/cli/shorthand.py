r"""AWS's shorthand for structures: ``Key=a,Value=b``.

    parameter = pair *("," pair)
    pair      = key ["@"] "=" [value]
    value     = word *("," word) | list | map
    list      = "[" [item *("," item)] "]"
    map       = "{" [key ["@"] "=" item *("," key ["@"] "=" item)] "}"
    item      = word | list | map
    word      = 'quoted' | "quoted" | bare

In quotes a backslash hides the quote and itself, in a bare word ``\,`` is a comma. ``key@=`` reads
its value from the ``file://`` or ``fileb://`` behind it.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
"""

import re
from collections.abc import Callable

Load = Callable[[str], str | bytes | None]
"""Content of the file a word names, or None if it names none."""

_START = r"!#-&(-+\--<>-Z\\-z|-\U0010ffff"
_FIRST = re.compile(rf"(?:\\,|[{_START}])(?:\\,|[\s!#-&(-+\--\\^-|~-\U0010ffff])*")
_LATER = re.compile(rf"(?:\\,|[{_START}])(?:\\,|[\s!#-&(-+\--<>-\U0010ffff])*")
_KEY = re.compile(r"[A-Za-z0-9\-_.#/:]*", re.ASCII)
_SPACE = re.compile(r"[ \t\n\r\x0b\x0c]*")
_SHOWN = frozenset(",=[]{}'\"@")
"""Characters of the grammar; any other may be a piece of a value and is not repeated."""


class ShorthandError(Exception):
    """The text does not follow the grammar.

    Args:
        sentence: What is wrong, without a piece of the text.
        index: Where, in characters from 0.
        key: The key that stands twice, if that is what is wrong.
    """

    def __init__(self, sentence: str, index: int, key: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.index = index
        self.key = key


def parse(text: str, load: Load) -> dict[str, object]:
    """Return the structure written as *text*; scalars stay strings.

    Raises:
        ShorthandError: it does not follow the grammar.
    """
    try:
        return _Parser(text, load).parameter()
    except RecursionError:
        raise ShorthandError("nested too deeply", 0) from None


class _Parser:
    """A place in the text and the functions that move it."""

    def __init__(self, text: str, load: Load) -> None:
        self.text = text
        self.at = 0
        self.load = load

    def parameter(self) -> dict[str, object]:
        result: dict[str, object] = {}
        begin = 0
        while True:
            key, from_file = self._key()
            value = self._value()
            if key in result:
                raise ShorthandError("Second instance of key", begin, key)
            result[key] = self._loaded(value) if from_file else value
            begin = self.at + 1
            if self.at >= len(self.text):
                return result
            self._expect(",")

    def _key(self) -> tuple[str, bool]:
        key = self._match(_KEY)
        self._skip_space()
        from_file = self._current() == "@"
        if from_file:
            self.at += 1
        self._expect("=")
        return key, from_file

    def _value(self) -> object:
        if self._current() in ("[", "{"):
            return self._item()
        return self._words() if self._current() else ""

    def _words(self) -> object:
        """Read one word, or several as a list: ``a,b`` is one, but ``a,key=`` ends behind ``a``."""
        words = [self._word(_FIRST)]
        self._skip_space()
        while self._current() == ",":
            self._expect(",")
            try:
                word = self._word(_LATER, empty=False)
                self._skip_space()
                if self._current() not in ("", ","):
                    raise self._unexpected(",")
            except ShorthandError:
                if not self._current():
                    raise
                self.at = self.text.rindex(",", 0, self.at + 1)
                break
            words.append(word)
        return words[0] if len(words) == 1 else words

    def _item(self) -> object:
        if self._current() == "[":
            return self._list()
        if self._current() == "{":
            return self._map()
        return self._word(_FIRST)

    def _list(self) -> list[object]:
        self._expect("[")
        values: list[object] = []
        while self._current() != "]":
            values.append(self._item())
            self._skip_space()
            if self._current() != "]":
                self._expect(",")
        self.at += 1
        return values

    def _map(self) -> dict[str, object]:
        self._expect("{")
        result: dict[str, object] = {}
        while self._current() != "}":
            begin = self.at
            key, from_file = self._key()
            value = self._item()
            if key in result:
                raise ShorthandError("Second instance of key", begin, key)
            result[key] = self._loaded(value) if from_file else value
            self._skip_space()
            if self._current() != "}":
                self._expect(",")
        self.at += 1
        return result

    def _word(self, pattern: re.Pattern[str], *, empty: bool = True) -> str:
        if self._current() in ("'", '"'):
            return self._quoted()
        begin = self.at
        word = self._match(pattern)
        if not empty and begin == self.at:
            raise ShorthandError("Expected: '<second>', received: '<none>'", begin)
        return word.replace("\\,", ",").rstrip()

    def _quoted(self) -> str:
        quote = self.text[self.at]
        begin = end = self.at + 1
        hidden = -1
        while end < len(self.text) and self.text[end] != quote:
            pair = self.text[end : end + 2]
            if pair == "\\" + quote:
                hidden = end + 1
            end += 2 if pair in ("\\\\", "\\" + quote) else 1
        if end >= len(self.text):
            # 'C:\' has no other closing quote than the one behind the backslash.
            end = hidden
        if end < 0:
            kind = "double quoted" if quote == '"' else "singled quoted"  # as AWS's tool spells it
            raise ShorthandError(f"Expected: '<{kind}>', received: '<none>'", self.at)
        self.at = end + 1
        return self.text[begin:end].replace("\\" + quote, quote).replace("\\\\", "\\")

    def _loaded(self, value: object) -> object:
        if isinstance(value, list):
            return [self._loaded(item) for item in value]
        if not isinstance(value, str):
            return value
        content = self.load(value)
        return value if content is None else content

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def _expect(self, character: str) -> None:
        """Step over *character* and the blanks around it."""
        self._skip_space()
        if self._current() != character:
            raise self._unexpected(character)
        self.at += 1
        self._skip_space()

    def _unexpected(self, character: str) -> ShorthandError:
        current = self._current()
        shown = (current if current in _SHOWN else "another character") if current else "EOF"
        return ShorthandError(f"Expected: '{character}', received: '{shown}'", self.at)

    def _current(self) -> str:
        """Return the character here, or nothing at the end."""
        return self.text[self.at : self.at + 1]

    def _skip_space(self) -> None:
        self._match(_SPACE)
