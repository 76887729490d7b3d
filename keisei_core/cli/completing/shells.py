"""The three shells: what each is told to do, and how it is answered.

A shell hands over the line up to the cursor and gets lines of three fields with tabs between: `plain`, `more` (no space
behind it), `file` or `dir` (the shell completes paths where nothing else fits); what the word may be; what it means.
"""

import os
import re
import shlex
from typing import Any, Final

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

from keisei_core.errors import KeiseiError
from keisei_core.shown import shown

COMMAND: Final = "keisei"
ASKED: Final = "_KEISEI_COMPLETE"
"""Environment variable by which a shell asks."""
BASH: Final = r"""_keisei() {
    local kind value help
    COMPREPLY=()
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
            more) compopt -o nospace; COMPREPLY+=("$value") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(_KEISEI_COMPLETE=bash_complete COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        COMP_COMMAND="$1" "$1" 2>/dev/null)
}
complete -o nosort -F _keisei keisei
"""
ZSH: Final = r"""#compdef keisei
_keisei() {
    local kind value help paths
    local -a whole whole_told more more_told
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            file) paths=_files ;;
            dir) paths=_directories ;;
            more) more+=("$value"); more_told+=("$value${help:+  -- $help}") ;;
            plain) whole+=("$value"); whole_told+=("$value${help:+  -- $help}") ;;
        esac
    done < <(_KEISEI_COMPLETE=zsh_complete COMP_LINE="${(j: :)words[1,CURRENT-1]} $PREFIX" COMP_COMMAND="$words[1]" \
        $words[1] 2>/dev/null)
    (( $#whole )) && compadd -l -V keisei -d whole_told -a whole
    (( $#more )) && compadd -l -V keisei -S '' -d more_told -a more
    (( $#whole + $#more )) || [[ -z $paths ]] || $paths
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _keisei "$@"
else
    compdef _keisei keisei
fi
"""
FISH: Final = r"""function __keisei
    set -l words (commandline -opc)
    set -l line (commandline -cp)
    set -l paths
    set -l found no
    for row in (_KEISEI_COMPLETE=fish_complete COMP_LINE="$line" COMP_COMMAND=$words[1] $words[1] 2>/dev/null)
        set -l cells (string split \t -- $row)
        switch $cells[1]
            case file
                set paths __fish_complete_path
            case dir
                set paths __fish_complete_directories
            case '*'
                set found yes
                printf '%s\t%s\n' $cells[2] $cells[3]
        end
    end
    if test $found = no -a -n "$paths"
        $paths (commandline -ct)
    end
end
complete --keep-order --no-files --command keisei --arguments '(__keisei)'
"""


class KeiseiComplete(ShellComplete):
    """Completes what stands before the cursor; where that can't be read it offers nothing."""

    def source(self) -> str:
        """Returns what the shell reads at its start."""
        return self.source_template

    def get_completion_args(self) -> tuple[list[str], str]:
        """Returns the whole words behind the command, and the one that is being typed."""
        line = os.environ["COMP_LINE"]
        typed = words_of(line)
        incomplete = typed.pop() if typed and not line[-1:].isspace() else ""
        name = os.environ.get("COMP_COMMAND", COMMAND)
        begin = typed.index(name) + 1 if name in typed else 1
        return typed[begin:], incomplete

    def complete(self) -> str:
        """Returns the answer."""
        args, incomplete = self.get_completion_args()
        before = incomplete[: incomplete.index("=") + 1] if re.match("-.*=", incomplete) else ""
        rows = []
        for item in self.get_completions(args, incomplete):
            is_path = item.type in ("file", "dir")
            value = "" if is_path else self.written(before + item.value, incomplete)
            rows.append("\t".join((item.type, value, shown(item.help or ""))))
        return "\n".join(rows)

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Returns what may stand there; nothing where something that is typed before can't be."""
        try:
            return [item for item in super().get_completions(args, incomplete) if item.value == shown(item.value)]
        except (KeiseiError, click.ClickException):
            return []

    def written(self, value: str, incomplete: str) -> str:
        """Returns a value as the shell wants it."""
        return value

    def format_completion(self, item: CompletionItem) -> str:
        """Is not asked."""
        raise NotImplementedError


class Bash(KeiseiComplete):
    """Replaces the part of the word behind its last `:` or `=`, and quotes nothing by itself."""

    name = "bash"
    source_template = BASH

    def written(self, value: str, incomplete: str) -> str:
        """Returns the part that is replaced, quoted."""
        breaks = os.environ.get("COMP_WORDBREAKS", "=:")
        kept = max((incomplete.rfind(mark) + 1 for mark in breaks), default=0)
        return re.sub(r"([^\w@%+=:,./~-])", r"\\\1", value[kept:])


class Zsh(KeiseiComplete):
    """Quotes by itself."""

    name = "zsh"
    source_template = ZSH


class Fish(KeiseiComplete):
    """Quotes by itself, and puts no space behind `=`, `:` or `.`."""

    name = "fish"
    source_template = FISH


SHELLS: Final[dict[str, type[KeiseiComplete]]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def words_of(line: str) -> list[str]:
    """Takes the last command of a line apart, as far as its quotes are closed."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&()")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        for word in lexer:
            words = [] if set(word) <= set(";|&()") else [*words, word]
    except ValueError:  # the quote of the last word is open, or a backslash stands at the end
        words.append(lexer.token)
    return words


def use_shells() -> None:
    """Lets click complete by these."""
    for cls in SHELLS.values():
        add_completion_class(cls)


def completer(shell: str, program: Any) -> KeiseiComplete:
    """Returns what completes for a shell."""
    return SHELLS[shell](program, {}, COMMAND, ASKED)
