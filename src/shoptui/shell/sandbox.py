"""`shoptui sandbox`: simulated marketplaces on loopback, for demos, tests and trying things out."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free port.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same shops and orders.")
@click.option("--stores", type=click.IntRange(1, 500), default=12, show_default=True)
@click.option("--orders", type=click.IntRange(0, 2_000_000), default=3000, show_default=True)
@click.option("--rate", type=click.FloatRange(min=0), default=6.0, show_default=True, help="New orders per minute.")
@click.option("--chats", type=click.IntRange(0, 100_000), default=250, show_default=True, help="Conversations.")
@click.option("--chat-rate", type=click.FloatRange(min=0), default=0.4, show_default=True, help="Questions per minute.")
@click.option("--returns", type=click.IntRange(0, 100_000), default=120, show_default=True, help="Return requests.")
@click.option(
    "--return-rate", type=click.FloatRange(min=0), default=0.2, show_default=True, help="Return requests per minute."
)
@click.option(
    "--money-errors", type=click.IntRange(0, 10_000), default=0, show_default=True, help="Errors in what is settled."
)
@click.option("--skus", type=click.IntRange(0, 100_000), default=220, show_default=True, help="Different goods.")
@click.option(
    "--stock",
    type=click.Choice(["plenty", "tight"]),
    default="tight",
    show_default=True,
    help="Whether there is more of them than anybody orders, or they sell out.",
)
@click.option("--faults", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A JSON list of faults.")
@click.option(
    "--market", "markets", multiple=True, metavar="NAME", help="Serve only this marketplace; may be repeated."
)
@click.option("--exit-with-parent", is_flag=True, help="Stop at the end of standard input.")
def sandbox(
    port: int,
    seed: int,
    stores: int,
    orders: int,
    rate: float,
    chats: int,
    chat_rate: float,
    returns: int,
    return_rate: float,
    skus: int,
    stock: str,
    money_errors: int,
    faults: Path | None,
    markets: tuple[str, ...],
    exit_with_parent: bool,
) -> None:
    """Serve the simulated marketplaces on loopback; prints one JSON line when ready."""
    try:
        from shoptui.sandbox.cli import StartError, run
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"The sandbox needs the demo extra ({error.name} is missing): pip install 'shoptui[demo]'"
        ) from error
    try:
        run(
            port=port,
            seed=seed,
            stores=stores,
            orders=orders,
            rate=rate,
            faults=faults,
            start_at=None,
            markets=markets,
            exit_with_parent=exit_with_parent,
            chats=chats,
            chat_rate=chat_rate,
            returns=returns,
            return_rate=return_rate,
            skus=skus,
            stock=stock,
            money_errors=money_errors,
        )
    except StartError as error:
        raise click.ClickException(str(error)) from error
