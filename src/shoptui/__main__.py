"""`python -m shoptui` is the `shoptui` command."""

from shoptui.cli import main

main()
