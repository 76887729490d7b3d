"""Branches: copies of games, or of positions, that play chosen actions; what they were copied from stays as it is.

Shape key: N branches, R roots (the games or positions they grow from), T and H hashes of one side to move.
"""

from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from keisei_core.errors import IllegalMoveError
from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.crew import share_rows, the_crew
from keisei_core.shogi.games import Games, check_actions, check_max_plies, flat
from keisei_core.shogi.legal import find_legal
from keisei_core.shogi.notation import describe_action
from keisei_core.shogi.positions import Positions, Rows, UInt8Array
from keisei_core.shogi.rules.branch import PARITIES, BranchArrays, RootArrays, extend_branches, play_branches
from keisei_core.shogi.rules.checks import Workspace, new_workspace
from keisei_core.shogi.rules.games import MAX_REPETITION, PositionArrays, find_illegal
from keisei_core.shogi.rules.hashing import NO_KEY
from keisei_core.shogi.sfen import format_sfen
from keisei_core.shogi.starts import check_kings, check_playable
from keisei_core.shogi.tables import Int32Array, Int64Array, UInt64Array

FIRST_HALF: Final = 8
"""Plies of each side that there is room for at first; it doubles where branches get deeper."""
NEW_BRANCHES: Final = 16
"""What a thread extends at once."""


class Branches:
    """N branches, each a game or position that is played on apart from what it was copied from.

    A branch ends exactly as its game would: by mate, by four-fold repetition or perpetual check, for which the game's
    past counts too, by declaration, or cut off at `max_plies`. It stays as it ended.

    Branches that grew from one call of `of_games` or `of_positions` share what stood before, and only they can be
    copied into each other. A branch takes 2.5 kB, of which its legal moves are 2.2 kB; `empty` makes room for ones that
    are kept without them.

    Attributes:
        positions: The N current positions; `repetition` counts along the branch and in its game's past. The earlier
            ones beside them are as many as in what the branches were copied from.
        legal: uint8 [N, 2187], C-contiguous, 1 = legal; all 0 for a branch that has ended. [0, 2187] if not kept.
        num_legal: int32 [N], number of legal moves; 0 for a branch that has ended.
        ending: uint8 [N], `Ending` of a branch, `NONE` while it goes on.
        reward: float32 [N], of the ply that ended it, seen by the player who made it: +1, 0, -1.
        recurrence: uint8 [N], `NONE` where the last ply led to a position that had not stood before; else how the game
            ends if the moves since it stood last are played over and over: `REPETITION` or either perpetual check.
        max_plies: A branch is cut off when its position has this ply number.
    """

    def __init__(
        self, num_branches: int, roots: RootArrays, max_plies: int, *, keeps_legal: bool = True, num_earlier: int = 0
    ) -> None:
        """Makes room for branches of `roots`; see `of_games`, `of_positions`, `copy` and `empty`."""
        self.max_plies: Final = max_plies
        self.positions = Positions.empty(num_branches, num_earlier)
        self.legal = np.zeros((num_branches if keeps_legal else 0, NUM_ACTIONS), np.uint8)
        self.num_legal = np.zeros(num_branches, np.int32)
        self.ending = np.zeros(num_branches, np.uint8)
        self.reward = np.zeros(num_branches, np.float32)
        self.recurrence = np.zeros(num_branches, np.uint8)
        self._keeps_legal: Final = keeps_legal
        self._roots: Final = roots
        self._keys = np.full(num_branches, NO_KEY, np.uint64)
        self._checks = np.zeros((num_branches, 2), np.uint16)
        self._root = np.zeros(num_branches, np.int32)
        self._path = np.zeros((num_branches, PARITIES, FIRST_HALF), np.uint64)
        self._flat = self._as_flat()
        """The arrays as kernels take them."""
        self._num_used = 0
        """Branches beyond which none has been written to: memory that is not touched is not taken."""
        self._deepest = 0
        """Plies from its root that no branch is beyond."""
        self._workspaces: Final[list[Workspace]] = []

    @classmethod
    def of_games(cls, games: Games, rows: Rows) -> Self:
        """Copies games with their past.

        Args:
            games: They stay as they are, and may be played on or begin anew without a change to the branches.
            rows: Which games: indices, which may repeat, a mask or a slice. A game that ended in the last step gives a
                branch that ended so; of one that ended before it, the ending is no longer known.
        """
        chosen = row_numbers(rows, len(games))
        numbers, root = np.unique(chosen, return_inverse=True)
        num_earlier = games.positions.num_earlier
        branches = cls(len(chosen), past_of(games, numbers), games.max_plies, num_earlier=num_earlier)
        branches._num_used = len(chosen)
        branches.positions[:] = games.positions[chosen]
        state, has_ended = games.repetition_state, games.num_legal[chosen] == 0
        branches.legal[:], branches.num_legal[:] = games.legal[chosen], games.num_legal[chosen]
        branches.ending[has_ended] = games.ending[chosen[has_ended]]
        branches.reward[has_ended] = games.reward[chosen[has_ended]]
        branches._keys[:], branches._checks[:] = state.keys[chosen], state.checks[chosen]
        branches._root[:] = root
        return branches

    @classmethod
    def of_positions(cls, positions: Positions, max_plies: int) -> Self:
        """Copies positions of which nobody knows what stood before.

        Args:
            positions: They stay as they are. Their `repetition` is copied; later counts begin with them.
            max_plies: A branch is cut off when its position has this ply number, 1 to 60,000.

        Raises:
            ValueError: `max_plies` is out of range, or a position has two kings of a side.
            SfenError: A position has no legal move, or stands at `max_plies`.
        """
        check_max_plies(max_plies)
        check_kings(positions, least=0)
        check_playable(positions, max_plies)
        num_branches = len(positions)
        history, num_plies = np.full(num_branches * PARITIES, NO_KEY, np.uint64), np.zeros(num_branches, np.int32)
        roots = RootArrays(history, positions.ply.copy(), num_plies)
        branches = cls(num_branches, roots, max_plies, num_earlier=positions.num_earlier)
        branches._num_used = num_branches
        branches.positions[:] = positions
        branches.num_legal[:], branches.positions.in_check[:] = find_legal(positions, branches.legal)
        branches._root[:] = np.arange(num_branches)
        return branches

    def __len__(self) -> int:
        return len(self.num_legal)

    @property
    def depth(self) -> Int32Array:
        """Plies that each branch has played since its root, int32 [N]."""
        return self._depth_of(slice(None))

    @property
    def keys(self) -> UInt64Array:
        """Hashes of boards and hands, uint64 [N], not copied; those of one game's branches can be compared."""
        return self._keys

    def last_chances(self, rows: Int64Array) -> list[UInt64Array]:
        """Finds the positions that end a branch by repetition if they come up once more.

        Args:
            rows: int64 [M], which branches.

        Returns:
            For each, uint64 [any], the hashes of positions that stood three times in its game and since.
        """
        roots, depth = self._roots, self.depth
        history = roots.history.reshape(len(roots.first_ply), PARITIES, -1)
        found = []
        for row in rows:
            root, worn = self._root[row], []
            for parity in range(PARITIES):
                num_past = (int(roots.num_plies[root]) - parity >> 1) + 1
                num_all = (int(roots.num_plies[root] + depth[row]) - parity >> 1) + 1
                own = self._path[row, parity, : num_all - num_past]
                keys, times = np.unique(np.append(history[root, parity, :num_past], own), return_counts=True)
                worn.append(keys[times >= MAX_REPETITION])
            found.append(np.concatenate(worn))
        return found

    def keys_so_far(self, row: int) -> UInt64Array:
        """Returns the hashes of what stood in a branch's game and since, in order, the present position last.

        uint64 [T], T the plies since the game began, and one more; comparable with `keys`.
        """
        past, _ = self._past_of(row)
        num_plies, history = int(past.num_plies[0]), past.history.reshape(PARITIES, -1)
        keys = np.empty(num_plies + 1, np.uint64)
        for parity, number in enumerate(numbers_of(num_plies)):
            keys[parity::PARITIES] = history[parity, :number]
        return keys

    @property
    def bytes_per_branch(self) -> int:
        """Memory of one branch, without the past that it shares."""
        rows = (*self._rows().values(), self._path, self.legal)
        return sum(array.itemsize * int(np.prod(array.shape[1:])) for array in rows if len(array))

    def play(self, actions: NDArray[np.int32]) -> None:
        """Plays one ply in every branch.

        Args:
            actions: int32 [N], legal actions; -1 leaves a branch as it is, and is all that one which has ended takes.

        Raises:
            ValueError: `actions` has another dtype or shape, or the branches are kept without legal moves.
            IllegalMoveError: Names the first branch whose action is not legal; nothing was changed.
        """
        if not self._keeps_legal:
            raise ValueError("branches that are kept without legal moves can't be played; assign them to ones with")
        check_actions(actions, len(self))
        # Copied before a kernel sees it: for a read-only array it would be compiled once more.
        played = actions.copy()
        row = find_illegal(self.legal.reshape(-1), played)
        if row >= 0:
            told = describe_action(int(actions[row]))
            sfen = format_sfen(self.positions, row)
            raise IllegalMoveError(f"branch {row}: expected a legal action, got {told} in sfen {sfen!r}")
        self._deepest = int(self.depth.max(initial=0)) + 1
        self._make_room(self._deepest)
        play_branches(the_crew(), played, *self._flat, self._roots, self.max_plies)

    def reopen(self) -> None:
        """Lets all branches go on that have ended though there is a move left: for games whose end others decide."""
        self.num_legal[:], _ = find_legal(self.positions, self.legal)
        goes_on = self.num_legal > 0
        self.ending[goes_on], self.reward[goes_on] = 0, 0

    def extend(self, rows: Int32Array, parents: Int32Array, actions: Int32Array, played: "Branches") -> UInt8Array:
        """Overwrites branches by copies of others of these that then play a ply: what a tree of branches grows by.

        Args:
            rows: int32 [M], branches to overwrite, each once; -1 for none.
            parents: int32 [M], branches to copy, none of `rows`; they go on.
            actions: int32 [M], legal ones; that they are is not looked at.
            played: M branches or more of the same games or positions, kept with their legal moves; the first M become
                the same as what is written, so that their legal moves are known.

        Returns:
            uint8 [M], 1 where a branch goes on to a position that had not stood before, and the mover can mate at once;
            see `find_mates`.
        """
        room = max(self._deepest + 1, *(PARITIES * branches._path.shape[2] for branches in (self, played)))
        self._make_room(room)
        played._make_room(room)
        mates = np.empty(len(rows), np.uint8)
        deepest = []

        def extend(places: slice) -> None:
            work = self._workspaces.pop() if self._workspaces else new_workspace()
            span = places.start, places.stop
            deepest.append(
                extend_branches(
                    *span, rows, parents, actions, *self._flat, *played._flat, self._roots, self.max_plies, mates, work
                )
            )
            self._workspaces.append(work)

        share_rows(len(rows), NEW_BRANCHES, extend)
        self._deepest = max(self._deepest, *deepest, 0)
        played._deepest = max(self._deepest, played._deepest)
        self._num_used = max(self._num_used, int(rows.max(initial=-1)) + 1)
        played._num_used = max(played._num_used, len(rows))
        return mates

    def copy(self, rows: Rows) -> Self:
        """Returns branches that stand where the chosen ones do, which stay: indices (may repeat), a mask or a slice."""
        numbers = row_numbers(rows, len(self))
        branches = self.empty(len(numbers), keeps_legal=self._keeps_legal)
        branches.assign(slice(None), self, numbers)
        return branches

    def rerooted(self, root: int, rows: Rows, num_branches: int) -> Self:
        """Copies branches as ones that go on from where one of these stands, with what stood before as their past.

        Args:
            root: One of these branches.
            rows: That branch, and others that grew from it: indices, a mask or a slice.
            num_branches: Makes room for so many, not fewer than are copied; the copies are the first ones.
        """
        chosen = row_numbers(rows, len(self))
        copied, keeps, num_earlier = slice(len(chosen)), self._keeps_legal, self.positions.num_earlier
        past, own = self._past_of(root)
        branches = type(self)(num_branches, past, self.max_plies, keeps_legal=keeps, num_earlier=num_earlier)
        branches._num_used = len(chosen)
        branches._deepest = self._deepest - int(self._depth_of(np.array([root]))[0])
        branches._make_room(branches._deepest)
        half = branches._path.shape[2]
        for parity, num_own in enumerate(own):
            path = self._path[chosen, parity, num_own : num_own + half]
            branches._path[copied, parity, : path.shape[1]] = path
        arrays = branches._rows()
        for name, array in self._rows().items():
            arrays[name][copied] = np.take(array, chosen, axis=0)
        branches._root[copied] = 0
        if keeps:
            branches.legal[copied] = self.legal[chosen]
        return branches

    def has_same_past(self, row: int, other: "Branches", other_row: int) -> bool:
        """Returns whether the same positions stood in the same order before, those where the branches stand included.

        Compared by hashes that begin with the game: games that start from different positions may look alike.
        """
        past, beside = self._past_of(row)[0], other._past_of(other_row)[0]
        pairs: Any = zip(past, beside, strict=True)
        return all(np.array_equal(one, two) for one, two in pairs)

    def _past_of(self, row: int) -> tuple[RootArrays, tuple[int, int]]:
        """Returns what stood in a branch up to where it is, and how many hashes of each parity are its own."""
        root, first_ply = int(self._root[row]), self._roots.first_ply[self._root[row : row + 1]]
        num_plies = int(self.positions.ply[row]) - int(first_ply[0])
        num_before = int(self._roots.num_plies[root])
        counts, before = numbers_of(num_plies), numbers_of(num_before)
        history = np.full((PARITIES, max(counts)), NO_KEY, np.uint64)
        old = self._roots.history.reshape(len(self._roots.first_ply), PARITIES, -1)[root]
        for parity, (count, past) in enumerate(zip(counts, before, strict=True)):
            history[parity, :past] = old[parity, :past]
            history[parity, past:count] = self._path[row, parity, : count - past]
        own = counts[0] - before[0], counts[1] - before[1]
        return RootArrays(history.reshape(-1), first_ply, np.array([num_plies], np.int32)), own

    def empty(self, num_branches: int, *, keeps_legal: bool = True) -> Self:
        """Makes room for branches of the same games or positions; they have no legal moves until `assign` writes them.

        Args:
            num_branches: For how many.
            keeps_legal: Without their legal moves branches take a tenth of the memory, and can be kept but not played.
        """
        num_earlier = self.positions.num_earlier
        return type(self)(num_branches, self._roots, self.max_plies, keeps_legal=keeps_legal, num_earlier=num_earlier)

    def assign(self, rows: Rows, source: "Branches", source_rows: Rows) -> None:
        """Overwrites branches by copies of others.

        Args:
            rows: M branches to overwrite: indices, a mask or a slice.
            source: Branches that grow from the same games or positions; may be these.
            source_rows: M branches of `source`, which may repeat.

        Raises:
            ValueError: The numbers of rows differ, or `source` grows from others.
        """
        if source._roots is not self._roots:
            raise ValueError("branches of other games or positions can't be assigned; make room by .empty() of these")
        target, chosen = row_numbers(rows, len(self)), row_numbers(source_rows, len(source))
        if len(target) != len(chosen):
            raise ValueError(f"expected as many rows to copy as to overwrite ({len(target)}), got {len(chosen)}")
        half = source._path.shape[2]
        self._make_room(PARITIES * half)
        self._deepest = max(self._deepest, source._deepest)
        self._num_used = max(self._num_used, int(target.max(initial=-1)) + 1)
        self._path[target, :, :half] = source._path[chosen]
        own = self._rows()
        for name, array in source._rows().items():
            own[name][target] = array[chosen]
        if self._keeps_legal:
            self.legal[target] = source._legal_moves(chosen)

    def _depth_of(self, rows: Rows) -> Int32Array:
        root = self._root[rows]
        first_ply = self._roots.first_ply[root].astype(np.int32)
        return self.positions.ply[rows] - first_ply - self._roots.num_plies[root]

    def _legal_moves(self, rows: Int64Array) -> NDArray[np.uint8]:
        """Copies the legal moves of branches, or finds them again where they are not kept."""
        if self._keeps_legal:
            return self.legal[rows]
        legal = np.empty((len(rows), NUM_ACTIONS), np.uint8)
        find_legal(self.positions[rows], legal)
        legal[self.num_legal[rows] == 0] = 0
        return legal

    def _rows(self) -> dict[str, NDArray[Any]]:
        """Returns what a branch is, but for its legal moves and its path, by name."""
        return self.positions.arrays() | {
            "num_legal": self.num_legal,
            "ending": self.ending,
            "reward": self.reward,
            "recurrence": self.recurrence,
            "keys": self._keys,
            "checks": self._checks,
            "root": self._root,
        }

    def _as_flat(self) -> tuple[PositionArrays, BranchArrays]:
        arrays: dict[str, NDArray[Any]] = {"legal": self.legal, "path": self._path, **self._rows()}
        return flat(self.positions), BranchArrays(**{name: arrays[name].reshape(-1) for name in BranchArrays._fields})

    def _make_room(self, depth: int) -> None:
        """Makes room for the hashes of paths of `depth` plies."""
        half = self._path.shape[2]
        if depth <= PARITIES * half:
            return
        while depth > PARITIES * half:
            half *= 2
        path, used = np.zeros((len(self), PARITIES, half), np.uint64), slice(self._num_used)
        path[used, :, : self._path.shape[2]] = self._path[used]
        self._path = path
        self._flat = self._as_flat()


def row_numbers(rows: Rows, num_rows: int) -> Int64Array:
    """Returns the numbers of rows chosen by indices, mask or slice."""
    if isinstance(rows, slice):
        return np.arange(*rows.indices(num_rows))
    return np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)


def numbers_of(num_plies: int) -> tuple[int, int]:
    """Returns how many positions with an even and how many with an odd number stood in a game, its start being 0."""
    return num_plies // PARITIES + 1, (num_plies + 1) // PARITIES


def past_of(games: Games, numbers: Int64Array) -> RootArrays:
    """Copies what stood in some games up to their present positions."""
    state = games.repetition_state
    first_ply = state.first_ply[numbers]
    num_plies = games.positions.ply[numbers].astype(np.int32) - first_ply
    length = int(num_plies.max(initial=0)) // PARITIES + 1
    return RootArrays(state.history[numbers, :, :length].reshape(-1), first_ply, num_plies)
