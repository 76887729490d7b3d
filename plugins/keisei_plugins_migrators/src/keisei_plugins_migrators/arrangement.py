"""Where the channels of a wider network may come from, so that what is normalised together keeps its statistics."""

from collections import Counter

from keisei_core.migration import Channels

Source = tuple[int | None, ...]
Groups = tuple[int, ...]


def arranged(old: Channels, new: Channels) -> Source | None:
    """Returns for each new channel the old one it is or copies, None where it starts afresh; None if nothing fits."""
    if new.size < old.size or len(old.groups) != len(new.groups):
        return None
    appended = (*range(old.size), *(None,) * (new.size - old.size))
    if all(after[: len(before)] == before for before, after in zip(old.groups, new.groups, strict=True)):
        return appended
    # The finest grouping leaves the least choice; the others must agree with what it asks for.
    finest = max(range(len(old.groups)), key=lambda index: len(new.groups[index]))
    copied = _copied(old.groups[finest], new.groups[finest])
    if copied is not None and all(map(_keeps_statistics, old.groups, new.groups, [copied] * len(new.groups))):
        return copied
    return None


def _copied(old: Groups, new: Groups) -> Source | None:
    """Fills every new group with copies of one old group, the old groups by turns."""
    ranges, start = [], 0
    for size in old:
        ranges.append(range(start, start + size))
        start += size
    times = Counter[int]()
    source: list[int] = []
    for size in new:
        fitting = [index for index, group in enumerate(ranges) if size % len(group) == 0]
        if not fitting:
            return None
        chosen = min(fitting, key=lambda index: times[index])
        times[chosen] += size // len(ranges[chosen])
        source += [*ranges[chosen]] * (size // len(ranges[chosen]))
    return tuple(source)


def _keeps_statistics(old: Groups, new: Groups, source: Source) -> bool:
    """Tells whether each new group has every channel of one old group equally often, and every old channel lives."""
    group_of = [index for index, size in enumerate(old) for _ in range(size)]
    start = 0
    for size in new:
        held = Counter(one for one in source[start : start + size] if one is not None)
        groups = {group_of[one] for one in held}
        if (
            len(groups) != 1
            or len(held) != old[groups.pop()]
            or len(set(held.values())) != 1
            or sum(held.values()) != size
        ):
            return False
        start += size
    return {one for one in source if one is not None} == set(range(sum(old)))
