"""`shoptui completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_SHOPTUI_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash: shoptui completion bash > ~/.local/share/bash-completion/completions/shoptui
    zsh:  shoptui completion zsh > ~/.zfunc/_shoptui     (with fpath+=~/.zfunc before compinit)
    fish: shoptui completion fish > ~/.config/fish/completions/shoptui.fish
    """
    click.echo(script(shell))


def script(shell: str) -> str:
    """The script for a shell; it asks the installed `shoptui` for what fits. Raises KeyError for another shell."""
    from shoptui.shell.group import cli

    found = get_completion_class(shell)
    if found is None:
        raise KeyError(shell)
    maker = found(cli, {}, "shoptui", _VARIABLE)
    return maker.source_template % maker.source_vars()
