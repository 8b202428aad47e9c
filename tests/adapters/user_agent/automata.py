"""Which parts of a text a rule can read: regular expressions as automata, walked beside a grammar of texts.

``Automaton`` understands what the rules are written in, Rust's dialect and Python's, over ASCII. Anchors, bounds of words
and whatever a look-around asks are taken as passed, so that more is walked than can be, never less.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

EVERY = (1 << 128) - 1


def signs(text: str) -> int:
    """A set of ASCII's signs as one number, a bit for each."""
    return sum(1 << ord(sign) for sign in set(text) if sign.isascii())


DIGITS = signs("0123456789")
_SMALL, _LARGE = signs("abcdefghijklmnopqrstuvwxyz"), signs("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WORD = DIGITS | _SMALL | _LARGE | signs("_")
_ESCAPED = {"d": DIGITS, "w": _WORD, "s": signs(" \t\n\r\f\v"), "n": signs("\n"), "t": signs("\t"), "r": signs("\r")}
_ESCAPED |= {name.upper(): EVERY & ~named for name, named in _ESCAPED.items() if name in "dws"}
_REPEATED = re.compile(r"([*+?])[?+]?|\{(\d*)(,?)(\d*)\}[?+]?")
_GROUP = re.compile(r"\(\?(?:P<(\w+)>|(=|!|<=|<!)|([a-z]*)(?:-([a-z]*))?([:)]))")


def small(found: int) -> int:
    """The same letters in small."""
    return found & ~_LARGE | (found & _LARGE) >> ord("A") << ord("a")


def _any_case(found: int) -> int:
    found |= (found & _LARGE) >> ord("A") << ord("a")
    return found | (found & _SMALL) >> ord("a") << ord("A")


class Automaton:
    """``edges[state]`` are the signs that are read there, where that leads, and in which group; ``free`` costs no sign."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.free: list[list[tuple[str, int]]] = []
        self.edges: list[list[tuple[int, int, str]]] = []
        self._at = 0
        self._groups: list[str] = []
        self._passed: list[int] = []
        self.start = self._state()
        self.end = self._alternatives(self.start, any_case=False)
        assert self._at == len(pattern), (pattern, self._at)
        for state in self._passed:
            self.free[state].append(("", self.end))

    def _state(self) -> int:
        self.free.append([])
        self.edges.append([])
        return len(self.edges) - 1

    def _next(self) -> str:
        return self.pattern[self._at : self._at + 1]

    def _alternatives(self, start: int, *, any_case: bool) -> int:
        end = self._state()
        flags = [any_case]
        while True:
            last = self._sequence(start, flags)
            self.free[last].append(("", end))
            if self._next() != "|":
                return end
            self._at += 1

    def _sequence(self, start: int, flags: list[bool]) -> int:
        state = start
        while self._next() not in ("", "|", ")"):
            first = self._state()
            self.free[state].append(("", first))
            at = self._at
            last = self._atom(first, flags)
            repeated = _REPEATED.match(self.pattern, self._at)
            state = self._repeat(at, first, last, repeated, flags) if repeated else last
        return state

    def _repeat(self, at: int, first: int, last: int, repeated: re.Match[str], flags: list[bool]) -> int:
        if repeated[1]:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[repeated[1]]
        else:
            least = int(repeated[2] or 0)
            most = least if not repeated[3] else int(repeated[4]) if repeated[4] else None
        end = self._state()
        if least == 0:
            self.free[first].append(("", end))
        copies = [(first, last)]
        for _ in range(1, max(least, 1) if most is None else most):
            again = self._state()
            self.free[copies[-1][1]].append(("", again))
            self._at = at
            copies.append((again, self._atom(again, list(flags))))
        for number, (_, done) in enumerate(copies, 1):
            if number >= least and most != 0:
                self.free[done].append(("", end))
        if most is None:
            self.free[copies[-1][1]].append(("", copies[-1][0]))
        self._at = repeated.end()
        return end

    def _atom(self, state: int, flags: list[bool]) -> int:
        sign = self._next()
        if sign == "(":
            return self._group(state, flags)
        if sign in "^$" or self.pattern.startswith(("\\b", "\\B"), self._at):
            self._at += 1 if sign in "^$" else 2
            after = self._state()
            self.free[state].append((sign if sign in "^$" else "", after))
            return after
        found = self._class() if sign == "[" else self._sign()
        after = self._state()
        self.edges[state].append((_any_case(found) if flags[0] and sign != "[" else found, after, self._group_name()))
        if flags[0] and sign == "[":
            negated = self.pattern[self.pattern.rindex("[", 0, self._at) :].startswith("[^")
            found = EVERY & ~_any_case(EVERY & ~found) if negated else _any_case(found)
            self.edges[state][-1] = (found, after, self._group_name())
        return after

    def _group_name(self) -> str:
        return next((name for name in reversed(self._groups) if name), "")

    def _group(self, state: int, flags: list[bool]) -> int:
        opened = _GROUP.match(self.pattern, self._at)
        name, look, any_case = "", "", flags[0]
        if opened:
            self._at = opened.end()
            name, look = opened[1] or "", opened[2] or ""
            assert set((opened[3] or "") + (opened[4] or "")) <= set("iu"), self.pattern
            any_case = "i" not in (opened[4] or "") and ("i" in (opened[3] or "") or any_case)
            if opened[5] == ")":
                flags[0] = any_case
                return state
        else:
            self._at += 1
            name = "captured"
        self._groups.append(name)
        end = self._alternatives(state, any_case=any_case)
        self._groups.pop()
        assert self._next() == ")", (self.pattern, self._at)
        self._at += 1
        if not look:
            return end
        self._passed.append(end)  # what it asks for being there, or not, decides as an end does
        after = self._state()
        self.free[state].append(("", after))
        return after

    def _sign(self) -> int:
        sign = self._next()
        self._at += 1
        if sign == ".":
            return EVERY & ~signs("\n")
        if sign != "\\":
            return signs(sign)
        sign = self._next()
        self._at += 1
        if sign == "x":
            self._at += 2
            return signs(chr(int(self.pattern[self._at - 2 : self._at], 16)))
        assert sign in _ESCAPED or not sign.isalnum(), (self.pattern, sign)
        return _ESCAPED[sign] if sign in _ESCAPED else signs(sign)

    def _class(self) -> int:
        self._at += 1
        negated = self._next() == "^"
        self._at += negated
        found, first = 0, True
        while first or self._next() != "]":
            first = False
            lowest = self._sign_of_class()
            if self._next() == "-" and self.pattern[self._at + 1] != "]" and lowest.bit_count() < 2:
                self._at += 1
                highest = self._sign_of_class()
                last = highest.bit_length() - 1 if highest else 127
                lowest = sum(1 << number for number in range(lowest.bit_length() - 1, last + 1)) if lowest else 0
            found |= lowest
        self._at += 1
        return EVERY & ~found if negated else found

    def _sign_of_class(self) -> int:
        if self._next() in ".[":
            assert not self.pattern.startswith("[:", self._at), self.pattern
            self._at += 1
            return signs(self.pattern[self._at - 1])
        return self._sign()

    def closure(self, state: int, *, starts: bool, ends: bool) -> set[int]:
        """All states that no sign lies between."""
        seen, left = {state}, [state]
        while left:
            for anchor, after in self.free[left.pop()]:
                if after not in seen and (starts or anchor != "^") and (ends or anchor != "$"):
                    seen.add(after)
                    left.append(after)
        return seen


class Walk:
    """A rule that is looked for in every text of a grammar: what it reads of it on a way to a match.

    A place is a state of each. A match may end anywhere; the text ends where the grammar does.
    """

    def __init__(self, rule: Automaton, grammar: Automaton, *, in_small: bool = False) -> None:
        self._rule, self._grammar, self._in_small = rule, grammar, in_small
        self._steps = [[self._step(edge) for edge in edges] for edges in rule.edges]
        self._texts = _grammar_steps(grammar, in_small=in_small)
        self._reached = self._walk_forward()
        self._useful = self._walk_back()

    def reads(self, group: str) -> Iterator[tuple[int, bool]]:
        """The signs of each step within the grammar's group that may be part of a match, and whether it is captured."""
        for here, there in self._reached:
            for read, nexts, ends, name in self._texts[here]:
                if name != group:
                    continue
                for asked, closed, matched, captured in self._steps[there]:
                    if asked & read and self._leads(nexts, closed, ends=ends, matched=matched):
                        yield asked & read, captured

    def _step(self, edge: tuple[int, int, str]) -> tuple[int, list[int], tuple[bool, bool], bool]:
        """The signs, the states after them, whether it is a match in the midst of a text and at its end, and captured."""
        asked, after, name = edge
        closed = self._rule.closure(after, starts=False, ends=False)
        at_end = self._rule.closure(after, starts=False, ends=True)
        matched = self._rule.end in closed, self._rule.end in at_end
        return asked, [state for state in closed if self._rule.edges[state]], matched, bool(name)

    def _leads(self, nexts: list[int], closed: list[int], *, ends: bool, matched: tuple[bool, bool]) -> bool:
        return matched[0] or (ends and matched[1]) or any((a, b) in self._useful for a in nexts for b in closed)

    def _walk_forward(self) -> set[tuple[int, int]]:
        begun = self._rule.closure(self._rule.start, starts=False, ends=False)
        begun_first = self._rule.closure(self._rule.start, starts=True, ends=False)
        first = self._grammar.closure(self._grammar.start, starts=True, ends=True)
        seen = {(here, there) for here in first for there in begun_first if self._rule.edges[there]}
        seen |= {
            (here, there)
            for steps in self._texts
            for _, nexts, _, _ in steps
            for here in nexts
            for there in begun
            if self._rule.edges[there]
        }
        left = list(seen)
        while left:
            here, there = left.pop()
            for read, nexts, _, _ in self._texts[here]:
                for asked, closed, _, _ in self._steps[there]:
                    if asked & read:
                        for place in ((a, b) for a in nexts for b in closed):
                            if place not in seen:
                                seen.add(place)
                                left.append(place)
        return seen

    def _walk_back(self) -> set[tuple[int, int]]:
        """The places from which a match can still end, with a sign read at least."""
        before: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        left = []
        for place in self._reached:
            for read, nexts, ends, _ in self._texts[place[0]]:
                for asked, closed, matched, _ in self._steps[place[1]]:
                    if asked & read:
                        if matched[0] or (ends and matched[1]):
                            left.append(place)
                        for after in ((a, b) for a in nexts for b in closed):
                            before[after].append(place)
        seen = set(left)
        while left:
            for place in before[left.pop()]:
                if place not in seen:
                    seen.add(place)
                    left.append(place)
        return seen


@cache
def _grammar_steps(grammar: Automaton, *, in_small: bool) -> list[list[tuple[int, list[int], bool, str]]]:
    """Of each state the signs that stand there, the states after them, whether the text may end there, and the group."""
    steps: list[list[tuple[int, list[int], bool, str]]] = []
    for edges in grammar.edges:
        steps.append([])
        for read, after, name in edges:
            nexts = grammar.closure(after, starts=True, ends=True)
            states = [state for state in nexts if grammar.edges[state]]
            steps[-1].append((small(read) if in_small else read, states, grammar.end in nexts, name))
    return steps
