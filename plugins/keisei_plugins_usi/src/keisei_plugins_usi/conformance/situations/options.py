"""Options, as they are declared and as they are set: rows 5 to 10, 39, 40 and 43."""

from typing import Final

from keisei_plugins_usi.conformance.client import Client, told
from keisei_plugins_usi.conformance.option import EMPTY, KINDS, PATHS, Option
from keisei_plugins_usi.conformance.positions import OPENING, QUICK
from keisei_plugins_usi.conformance.situation import Begin, Situation, situation
from keisei_plugins_usi.conformance.verdict import ask_only_if, require

SENT_ALWAYS: Final = ("setoption name USI_Hash value 32", "setoption name USI_Ponder value true")
MOST_THREADS: Final = 2
READY_S: Final = 10.0
JAPANESE: Final = "/home/将棋/評価 関数"
ENCODINGS: Final = ("utf-8", "cp932")


@situation(
    5,
    sent="usi",
    must="option names without blanks",
    why="ShogiHome drops a line like 'option name Skill Level type ...': the option can't be seen or set there.",
)
def option_names(client: Client) -> str:
    """Looks at the names of all options."""
    odd = [line for line in client.option_lines if Option.read(line) is None]
    require(not odd, f"no name or type in {odd[:1]}")
    return _none_of([option.name for option in client.options if " " in option.name], "with blanks", client)


@situation(
    5,
    sent="USI_Hash and USI_Ponder, declared or not",
    must="readyok",
    why="ShogiHome and Shogidokoro always send both.",
)
def sent_always(client: Client) -> str:
    """Sets what every client sets."""
    client.send(*SENT_ALWAYS)
    return _is_ready(client)


@situation(
    6,
    sent="usi",
    must="defaults of one word, <empty> for an empty text",
    why="ShogiHome keeps the first word of '/tmp/My Nets/net' and sends that back at every start.",
)
def option_defaults(client: Client) -> str:
    """Looks at the defaults of all options that have one."""
    missing = [option.name for option in client.options if option.kind != "button" and not option.default]
    require(not missing, f"no default, not even {EMPTY}: {', '.join(missing)}")
    return _none_of([option.name for option in client.options if " " in (option.default or "")], "of two words", client)


@situation(
    7,
    sent="usi",
    must="values of a combo without blanks, the default among them",
    why="ShogiHome keeps the first word of a value and sends that.",
)
def combo_values(client: Client) -> str:
    """Looks at the values of all combos."""
    combos = [option for option in client.options if option.kind == "combo"]
    ask_only_if(bool(combos), "no option is a combo")
    odd = [option.name for option in combos if option.default not in option.values]
    require(not odd, f"default not among the values: {', '.join(odd)}")
    odd = [option.name for option in combos if any(" " in value for value in option.values)]
    return _none_of(odd, "with values of two words", client)


@situation(
    8,
    sent="every option set to its default, right after usiok",
    must="readyok, and a move",
    why="ShogiHome sends all its stored options at every start, <empty> ones without a value.",
    begin=Begin.STARTED,
)
def options_sent_back(client: Client) -> str:
    """Sets every option as a client does that kept the defaults."""
    client.hello()
    settable = [option for option in client.options if option.kind != "button"]
    client.send(*(option.setting("" if option.default == EMPTY else None) for option in settable))
    client.ready()
    return f"{len(settable)} options; {client.search(OPENING, QUICK)}"


@situation(
    8,
    sent="setoption of an unknown name, without a value, with nothing at all",
    must="readyok: at most an info string",
    why="ShogiHome sends what an older version of the engine had; an engine that ends there does not start any more.",
)
def unknown_option(client: Client) -> str:
    """Sets what there is not."""
    client.send("setoption name No_Such_Option value 1", "setoption name No_Such_Option", "setoption name", "setoption")
    return _is_ready(client)


@situation(
    8,
    sent="values out of range, of the wrong type, empty",
    must="readyok: the old value stays, at most an info string",
    why="Users type them and clients pass them on: the engine ends and the client says nothing of the reason.",
)
def bad_values(client: Client) -> str:
    """Sets every number and every switch wrongly, and then to its default."""
    odd = [option for option in client.options if option.kind in ("spin", "check", "combo")]
    ask_only_if(bool(odd), "no option is a spin, check or combo")
    for option in odd:
        client.send(*(option.setting(value) for value in ("no such value", "99999999999999999999", "-1", "")))
        client.send(option.setting())
    return _is_ready(client)


@situation(
    9,
    sent="Japanese in a text option, as UTF-8 and as Shift_JIS",
    must="readyok: bytes are read one way or the other",
    why="ShogiHome sends UTF-8, cshogi and .NET clients what the system uses: a strict decoder ends the engine.",
)
def option_bytes(client: Client) -> str:
    """Sets a path that is no ASCII and then the default."""
    texts = [option for option in client.options if option.kind in PATHS and "log" not in option.name.lower()]
    option = texts[0] if texts else None
    name = option.name if option else "No_Such_Option"
    for encoding in ENCODINGS:
        client.send(f"setoption name {name} value {JAPANESE}".encode(encoding))
    client.send(option.setting("" if option.default == EMPTY else None) if option else "")
    return f"{name}: {_is_ready(client)}"


@situation(
    10,
    sent="setoption while thinking",
    must="the search goes on; the value counts from the next one",
    why="A user who changes an option during analysis ends it, or the engine.",
)
def option_thinking(client: Client) -> str:
    """Sets options under a search."""
    client.go(OPENING, "infinite")
    spins = [option for option in client.options if option.kind == "spin"]
    client.send(*(option.setting() for option in spins))
    client.require_silence()
    client.send("stop")
    return str(client.answer(OPENING, READY_S))


@situation(
    39,
    sent="usi",
    must="an option Threads whose default is 1 or 2",
    why="ShogiHome shows it and ShogiArena books cores by it; two engines that each take all cores halve each other.",
)
def threads(client: Client) -> str:
    """Looks at the number of threads."""
    option = client.option("Threads", "USI_Threads")
    require(option is not None, "no option Threads")
    assert option is not None
    is_small = (option.default or "").isdigit() and int(option.default or "") <= MOST_THREADS
    require(is_small, f"{option.name} is {option.default} unless set")
    return f"{option.name} is {option.default}"


@situation(
    40,
    sent="usi",
    must="a spin MaxMovesToDraw or Draw_Ply",
    why="ShogiArena with sync_max_plies_with_engine refuses an engine without one of the two.",
)
def max_moves(client: Client) -> str:
    """Looks for the number of plies after which a game is drawn."""
    option = client.option("MaxMovesToDraw", "Draw_Ply")
    require(option is not None and option.kind == "spin", "neither of them")
    return f"{option.name if option else ''}"


@situation(
    43,
    sent="usi",
    must="known types; spins of whole numbers, default between min and max",
    why="Clients read whole numbers: a spin of .5 or without bounds can't be set; let the name say the unit.",
)
def option_numbers(client: Client) -> str:
    """Looks at the types and numbers of all options."""
    odd = [option.name for option in client.options if option.kind not in KINDS]
    require(not odd, f"unknown type: {', '.join(odd)}")
    return _none_of(
        [option.name for option in client.options if not _fits(option)], "without whole numbers in order", client
    )


def _fits(option: Option) -> bool:
    """Tells whether a spin has its numbers, and a check its word."""
    if option.kind == "check":
        return option.default in ("true", "false")
    if option.kind != "spin":
        return True
    try:
        least, default, most = (int(text or "") for text in (option.least, option.default, option.most))
    except ValueError:
        return False
    return least <= default <= most


def _none_of(odd: list[str], what: str, client: Client) -> str:
    require(not odd, f"{what}: {', '.join(odd)}")
    return f"{len(client.options)} options, none {what}"


def _is_ready(client: Client) -> str:
    return f"readyok after {told(client.ready(READY_S))}"


OPTIONS: Final[tuple[Situation, ...]] = (
    option_names,
    sent_always,
    option_defaults,
    combo_values,
    options_sent_back,
    unknown_option,
    bad_values,
    option_bytes,
    option_thinking,
    threads,
    max_moves,
    option_numbers,
)
